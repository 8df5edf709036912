"""The states of a dispute and the moves between them; overdue is computed from dates and is not a state."""

import enum
from datetime import datetime, timedelta

from directory.errors import Conflict
from directory.states import apply_move

ANSWER_WITHIN = timedelta(days=14)
"""How long a provider has to answer, and how long a dispute may wait in a state before it is overdue."""


class DisputeState(enum.StrEnum):
    """The state of a dispute; only reviewers and the provider can see a dispute before it is closed."""

    REPORTED = "reported"
    OPEN = "open"
    ANSWERED = "answered"
    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"


class Move(enum.StrEnum):
    """A state change of a dispute."""

    OPEN = "open"
    ANSWER = "answer"
    UPHOLD = "uphold"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    DISMISS = "dismiss"
    UNDO_TO_REPORTED = "undo_to_reported"
    UNDO_TO_OPEN = "undo_to_open"
    UNDO_TO_ANSWERED = "undo_to_answered"


class Remedy(enum.StrEnum):
    """What happened to the disputed answers when a dispute was upheld."""

    REVOKED = "revoked"
    CORRECTED = "corrected"


_SENT_TO_PROVIDER = frozenset({DisputeState.OPEN, DisputeState.ANSWERED})

_CLOSED_BY_DECISION = frozenset({DisputeState.UPHELD, DisputeState.NOT_UPHELD, DisputeState.WITHDRAWN})

MOVES: dict[Move, tuple[frozenset[DisputeState], DisputeState]] = {
    Move.OPEN: (frozenset({DisputeState.REPORTED}), DisputeState.OPEN),
    Move.ANSWER: (frozenset({DisputeState.OPEN}), DisputeState.ANSWERED),
    Move.UPHOLD: (_SENT_TO_PROVIDER, DisputeState.UPHELD),
    Move.DECLINE: (_SENT_TO_PROVIDER, DisputeState.NOT_UPHELD),
    Move.WITHDRAW: (_SENT_TO_PROVIDER | {DisputeState.REPORTED}, DisputeState.WITHDRAWN),
    Move.DISMISS: (frozenset({DisputeState.REPORTED}), DisputeState.DISMISSED),
    Move.UNDO_TO_REPORTED: (
        frozenset({DisputeState.OPEN, DisputeState.WITHDRAWN, DisputeState.DISMISSED}),
        DisputeState.REPORTED,
    ),
    Move.UNDO_TO_OPEN: (_CLOSED_BY_DECISION, DisputeState.OPEN),
    Move.UNDO_TO_ANSWERED: (_CLOSED_BY_DECISION, DisputeState.ANSWERED),
}

UNDOES: dict[DisputeState, Move] = {
    DisputeState.REPORTED: Move.UNDO_TO_REPORTED,
    DisputeState.OPEN: Move.UNDO_TO_OPEN,
    DisputeState.ANSWERED: Move.UNDO_TO_ANSWERED,
}
"""The move that undoes a decision, by the state before the decision."""

DECISIONS = frozenset({Move.OPEN, Move.UPHOLD, Move.DECLINE, Move.WITHDRAW, Move.DISMISS})
"""Moves that a reviewer makes; the reporter may withdraw a dispute too."""

WAITING = frozenset({DisputeState.REPORTED, DisputeState.OPEN, DisputeState.ANSWERED})
"""States in which a reviewer or the provider still has to act."""

CLOSED = frozenset(DisputeState) - WAITING
"""Final states."""


def next_state(state: DisputeState, move: Move) -> DisputeState:
    """Return the state that `move` leads to.

    Raises:
        Conflict: the move is not allowed from `state`.
    """
    return apply_move(MOVES, state, move, of="report")


def is_overdue(state: DisputeState, since: datetime, now: datetime) -> bool:
    """Return whether a dispute has waited in `state` for longer than `ANSWER_WITHIN`."""
    return state in WAITING and now > since + ANSWER_WITHIN


def require_answered_or_overdue(state: DisputeState, answer_by: datetime | None, now: datetime) -> None:
    """Refuse to revoke answers before the provider has answered or the deadline has passed.

    Raises:
        Conflict: the provider can still answer.
    """
    if state is DisputeState.OPEN and answer_by is not None and now <= answer_by:
        raise Conflict(
            f"The provider can answer until {answer_by:%B} {answer_by.day}, {answer_by.year}. "
            "Wait for the answer, or until then, before you revoke."
        )
