"""The buttons for decisions: their labels, styles and order."""

import enum
from collections.abc import Collection, Mapping
from typing import TypeVar

from directory.web.console.pages import Button

M = TypeVar("M", bound=enum.StrEnum)
S = TypeVar("S", bound=enum.StrEnum)

OWN_LISTING_MESSAGE = "This listing is your own, so somebody else has to decide on it."

_BUTTONS = {
    "publish": ("Publish", ""),
    "accept": ("Accept", ""),
    "reinstate": ("Publish again", ""),
    "return": ("Return with the reason", "quiet"),
    "suspend": ("Take off the map", "danger"),
    "reject": ("Reject", "danger"),
    "revoke": ("Revoke", "danger"),
    "retire": ("Retire", "danger"),
}
"""The label and style of each decision button, in display order."""


def decision_buttons(
    moves: Mapping[M, tuple[frozenset[S], S]], decisions: Collection[M], state: S
) -> tuple[Button, ...]:
    """Return buttons for the decisions that the lifecycle allows in `state`."""
    possible = {move.value for move in decisions if state in moves[move][0]}
    return tuple(Button(move, text, kind) for move, (text, kind) in _BUTTONS.items() if move in possible)
