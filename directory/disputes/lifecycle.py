"""The states of a dispute and the moves between them; overdue is computed from dates and is not a state."""

import enum
from datetime import datetime, timedelta

from directory.errors import Conflict
from directory.states import apply_move

ANSWER_WITHIN = timedelta(days=14)
"""How long a provider has to answer, and how long anything may wait before it is marked as overdue."""


class DisputeState(enum.StrEnum):
    """Where a dispute stands; nobody but reviewers and the provider sees one before it is closed."""

    REPORTED = "reported"
    OPEN = "open"
    ANSWERED = "answered"
    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"


class Move(enum.StrEnum):
    """What can be done to a dispute."""

    OPEN = "open"
    ANSWER = "answer"
    UPHOLD = "uphold"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    DISMISS = "dismiss"


class Remedy(enum.StrEnum):
    """What became of the answers that a dispute was right about."""

    REVOKED = "revoked"
    CORRECTED = "corrected"


_SENT_TO_PROVIDER = frozenset({DisputeState.OPEN, DisputeState.ANSWERED})

MOVES: dict[Move, tuple[frozenset[DisputeState], DisputeState]] = {
    Move.OPEN: (frozenset({DisputeState.REPORTED}), DisputeState.OPEN),
    Move.ANSWER: (frozenset({DisputeState.OPEN}), DisputeState.ANSWERED),
    Move.UPHOLD: (_SENT_TO_PROVIDER, DisputeState.UPHELD),
    Move.DECLINE: (_SENT_TO_PROVIDER, DisputeState.NOT_UPHELD),
    Move.WITHDRAW: (_SENT_TO_PROVIDER | {DisputeState.REPORTED}, DisputeState.WITHDRAWN),
    Move.DISMISS: (frozenset({DisputeState.REPORTED}), DisputeState.DISMISSED),
}

DECISIONS = frozenset(Move) - {Move.ANSWER}
"""Moves that a reviewer makes; who reported it may withdraw it too."""

WAITING = frozenset({DisputeState.REPORTED, DisputeState.OPEN, DisputeState.ANSWERED})
"""States in which somebody still has to do something."""

CLOSED = frozenset(DisputeState) - WAITING
"""States from which nothing leads on."""


def next_state(state: DisputeState, move: Move) -> DisputeState:
    """The state that `move` leads to.

    Raises:
        Conflict: the move does not start from `state`.
    """
    return apply_move(MOVES, state, move, of="report")


def is_overdue(state: DisputeState, since: datetime, now: datetime) -> bool:
    """Whether it waits in `state`, and has done so for longer than anybody should wait."""
    return state in WAITING and now > since + ANSWER_WITHIN


def require_answered_or_overdue(state: DisputeState, answer_by: datetime | None, now: datetime) -> None:
    """Refuse to take answers away before the provider spoke, or let the time for it pass.

    Raises:
        Conflict: the provider can still answer.
    """
    if state is DisputeState.OPEN and answer_by is not None and now <= answer_by:
        raise Conflict(
            f"The provider can answer until {answer_by:%B} {answer_by.day}, {answer_by.year}. "
            "Wait for the answer, or until then, before you revoke."
        )
