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
    """What happened to the disputed answers, or to the listing, when a dispute was upheld.

    `CORRECTED` is by the provider and `CORRECTED_BY_US` by a reviewer. `COULD_NOT_REACH`: nobody answered.
    """

    REVOKED = "revoked"
    CORRECTED = "corrected"
    CORRECTED_BY_US = "corrected_by_us"
    COULD_NOT_REACH = "could_not_reach"


_SENT_TO_PROVIDER = frozenset({DisputeState.OPEN, DisputeState.ANSWERED})
_DECIDABLE = _SENT_TO_PROVIDER | {DisputeState.REPORTED}

_CLOSED_BY_DECISION = frozenset({DisputeState.UPHELD, DisputeState.NOT_UPHELD, DisputeState.WITHDRAWN})

MOVES: dict[Move, tuple[frozenset[DisputeState], DisputeState]] = {
    Move.OPEN: (frozenset({DisputeState.REPORTED}), DisputeState.OPEN),
    Move.ANSWER: (frozenset({DisputeState.OPEN}), DisputeState.ANSWERED),
    Move.UPHOLD: (_DECIDABLE, DisputeState.UPHELD),
    Move.DECLINE: (_DECIDABLE, DisputeState.NOT_UPHELD),
    Move.WITHDRAW: (_DECIDABLE, DisputeState.WITHDRAWN),
    Move.DISMISS: (frozenset({DisputeState.REPORTED}), DisputeState.DISMISSED),
    Move.UNDO_TO_REPORTED: (
        _CLOSED_BY_DECISION | {DisputeState.OPEN, DisputeState.DISMISSED},
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

DECIDED = frozenset({DisputeState.UPHELD, DisputeState.NOT_UPHELD})
"""Final states with an outcome that is always public."""


def next_state(state: DisputeState, move: Move) -> DisputeState:
    """Return the state that `move` leads to.

    Raises:
        Conflict: the move is not allowed from `state`.
    """
    return apply_move(MOVES, state, move, of="report")


def is_overdue(state: DisputeState, since: datetime, now: datetime) -> bool:
    """Return whether a dispute has waited in `state` for longer than `ANSWER_WITHIN`."""
    return state in WAITING and now > since + ANSWER_WITHIN


def require_heard(state: DisputeState, move: Move, *, can_be_asked: bool) -> None:
    """Refuse to ask if nobody can be asked, and to decide on a new report before the provider is asked if they can be.

    Raises:
        Conflict: the move has to wait, or can come to nothing.
    """
    if move is Move.OPEN and not can_be_asked:
        raise Conflict("Nobody manages this listing, so nobody can be asked. Decide on the report now.")
    if move in {Move.UPHOLD, Move.DECLINE} and state is DisputeState.REPORTED and can_be_asked:
        raise Conflict("Ask the provider first: somebody manages this listing and can answer.")


def possible_remedies(state: DisputeState, *, is_about_answers: bool, can_be_asked: bool) -> tuple[Remedy, ...]:
    """Return the remedies of a dispute that is upheld now.

    Answers can be revoked, and only their provider can correct them. A provider who was not asked has corrected
    nothing. One who has answered was reached.
    """
    possible = {
        Remedy.REVOKED: is_about_answers,
        Remedy.CORRECTED: state in _SENT_TO_PROVIDER,
        Remedy.CORRECTED_BY_US: not is_about_answers,
        Remedy.COULD_NOT_REACH: state is DisputeState.OPEN or not can_be_asked,
    }
    return tuple(remedy for remedy in Remedy if possible[remedy])


def require_answered_or_overdue(
    state: DisputeState, answer_by: datetime | None, now: datetime, *, before: str = "you revoke"
) -> None:
    """Refuse to act without the provider before they have answered or the deadline has passed; `before` names the act.

    Raises:
        Conflict: the provider can still answer.
    """
    if state is DisputeState.OPEN and answer_by is not None and now <= answer_by:
        raise Conflict(
            f"The provider can answer until {answer_by:%B} {answer_by.day}, {answer_by.year}. "
            f"Wait for the answer, or until then, before {before}."
        )
