"""The states of a listing and the one table of moves between them."""

import enum

from directory.states import step


class State(enum.StrEnum):
    """Where a listing stands; only a published one is public."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    RETIRED = "retired"


class Move(enum.StrEnum):
    """What can be done to a listing."""

    SUBMIT = "submit"
    PUBLISH = "publish"
    RETURN = "return"
    REJECT = "reject"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    RETIRE = "retire"


MOVES: dict[Move, tuple[frozenset[State], State]] = {
    Move.SUBMIT: (frozenset({State.DRAFT}), State.SUBMITTED),
    Move.PUBLISH: (frozenset({State.SUBMITTED}), State.PUBLISHED),
    Move.RETURN: (frozenset({State.SUBMITTED}), State.DRAFT),
    Move.REJECT: (frozenset({State.SUBMITTED}), State.REJECTED),
    Move.SUSPEND: (frozenset({State.PUBLISHED}), State.SUSPENDED),
    Move.REINSTATE: (frozenset({State.SUSPENDED}), State.PUBLISHED),
    Move.RETIRE: (frozenset({State.PUBLISHED}), State.RETIRED),
}

DECISIONS = frozenset(Move) - {Move.SUBMIT}
"""Moves that a reviewer makes."""

NEEDS_REASON = frozenset({Move.RETURN, Move.REJECT, Move.SUSPEND})
"""Moves whose reason the provider is told."""

EDITABLE = frozenset({State.DRAFT})
"""States in which the owner may change the entry itself."""

OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.PUBLISHED, State.SUSPENDED})
"""States in which a listing still holds its NPI, so that nobody is listed twice."""


ONCE_PUBLIC = frozenset({State.PUBLISHED, State.SUSPENDED, State.RETIRED})
"""States that only a listing comes into which was published; its public record stays."""


def after(state: State, move: Move) -> State:
    """The state that `move` leads to.

    Raises:
        Conflict: the move does not start from `state`.
    """
    return step(MOVES, state, move, of="listing")
