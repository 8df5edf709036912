"""The states of a revision, a set of proposed changes to a published listing, and the moves between them."""

import enum

from directory.states import apply_move


class RevisionState(enum.StrEnum):
    """The state of a revision; its changes are public once it is accepted, or live from the start."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LIVE = "live"


class Move(enum.StrEnum):
    """A transition between the states of a revision."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    UNDO_ACCEPT = "undo_accept"
    UNDO_RETURN = "undo_return"
    UNDO_REJECT = "undo_reject"


_SUBMITTED = frozenset({RevisionState.SUBMITTED})

MOVES: dict[Move, tuple[frozenset[RevisionState], RevisionState]] = {
    Move.SUBMIT: (frozenset({RevisionState.DRAFT}), RevisionState.SUBMITTED),
    Move.ACCEPT: (_SUBMITTED, RevisionState.ACCEPTED),
    Move.RETURN: (_SUBMITTED, RevisionState.RETURNED),
    Move.REJECT: (_SUBMITTED, RevisionState.REJECTED),
    Move.WITHDRAW: (_SUBMITTED, RevisionState.WITHDRAWN),
    Move.UNDO_ACCEPT: (frozenset({RevisionState.ACCEPTED}), RevisionState.SUBMITTED),
    Move.UNDO_RETURN: (frozenset({RevisionState.RETURNED}), RevisionState.SUBMITTED),
    Move.UNDO_REJECT: (frozenset({RevisionState.REJECTED}), RevisionState.SUBMITTED),
}

UNDOES: dict[Move, Move] = {
    Move.ACCEPT: Move.UNDO_ACCEPT,
    Move.RETURN: Move.UNDO_RETURN,
    Move.REJECT: Move.UNDO_REJECT,
}
"""For each decision the move that undoes it."""

DECISIONS = frozenset(UNDOES)
"""Moves that a reviewer makes."""

NEEDS_REASON = frozenset({Move.RETURN, Move.REJECT})
"""Moves that need a reason, which the provider is told."""

WAITING = frozenset({RevisionState.DRAFT, RevisionState.SUBMITTED})
"""States of which a listing has at most one revision each."""

PUBLIC = frozenset({RevisionState.ACCEPTED, RevisionState.LIVE})
"""States in which the changes are or were public. A live revision has no moves: it took effect at once."""


def next_state(state: RevisionState, move: Move) -> RevisionState:
    """The state that `move` leads to.

    Raises:
        Conflict: the move does not start from `state`.
    """
    return apply_move(MOVES, state, move, of="change")
