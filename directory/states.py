"""A small state machine: applies the moves of a lifecycle and refuses all others."""

import enum
from collections.abc import Mapping
from typing import TypeVar

from directory.errors import Conflict

M = TypeVar("M", bound=enum.StrEnum)
S = TypeVar("S", bound=enum.StrEnum)


def apply_move(moves: Mapping[M, tuple[frozenset[S], S]], state: S, move: M, *, of: str) -> S:
    """Return the state after `move`; `of` names the thing in the error message.

    Raises:
        Conflict: the table has no such move from `state`.
    """
    allowed_from, target = moves[move]
    if state not in allowed_from:
        raise Conflict(f"This {of} is {state.value}, so it is too late or too early to {move.value} it.")
    return target
