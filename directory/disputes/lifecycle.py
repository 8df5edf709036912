"""The states of a dispute and the one table of moves between them; overdue is no state."""

import enum
from datetime import datetime, timedelta

from directory.errors import Conflict
from directory.states import step

ANSWER_WITHIN = timedelta(days=14)
"""How long a provider has to answer, and how long anything may wait before it is marked as overdue."""


class State(enum.StrEnum):
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


_WITH_THE_PROVIDER = frozenset({State.OPEN, State.ANSWERED})

MOVES: dict[Move, tuple[frozenset[State], State]] = {
    Move.OPEN: (frozenset({State.REPORTED}), State.OPEN),
    Move.ANSWER: (frozenset({State.OPEN}), State.ANSWERED),
    Move.UPHOLD: (_WITH_THE_PROVIDER, State.UPHELD),
    Move.DECLINE: (_WITH_THE_PROVIDER, State.NOT_UPHELD),
    Move.WITHDRAW: (_WITH_THE_PROVIDER | {State.REPORTED}, State.WITHDRAWN),
    Move.DISMISS: (frozenset({State.REPORTED}), State.DISMISSED),
}

DECISIONS = frozenset(Move) - {Move.ANSWER}
"""Moves that a reviewer makes; who reported it may withdraw it too."""

WAITING = frozenset({State.REPORTED, State.OPEN, State.ANSWERED})
"""States in which somebody still has to do something."""

CLOSED = frozenset(State) - WAITING
"""States from which nothing leads on."""


def after(state: State, move: Move) -> State:
    """The state that `move` leads to.

    Raises:
        Conflict: the move does not start from `state`.
    """
    return step(MOVES, state, move, of="report")


def is_overdue(state: State, since: datetime, now: datetime) -> bool:
    """Whether it waits in `state`, and has done so for longer than anybody should wait."""
    return state in WAITING and now > since + ANSWER_WITHIN


def require_heard(state: State, answer_by: datetime | None, now: datetime) -> None:
    """Refuse to take answers away before the provider spoke, or let the time for it pass.

    Raises:
        Conflict: the provider can still answer.
    """
    if state is State.OPEN and answer_by is not None and now <= answer_by:
        raise Conflict(
            f"The provider can answer until {answer_by:%B} {answer_by.day}, {answer_by.year}. "
            "Wait for the answer, or until then, before you revoke."
        )
