"""The states of a claim and the moves between them."""

import enum

from directory.states import apply_move


class ClaimState(enum.StrEnum):
    """The state of a claim; only an approved one gives a right to the listing."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DISPUTED = "disputed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Move(enum.StrEnum):
    """A state change of a claim."""

    SUBMIT = "submit"
    DISPUTE = "dispute"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


WAITING = frozenset({ClaimState.SUBMITTED, ClaimState.DISPUTED})
"""States in which a reviewer still has to decide."""

OPEN = WAITING | {ClaimState.DRAFT}
"""States that are not final; an account has at most one such claim on a listing."""

ENDED = frozenset({ClaimState.REFUSED, ClaimState.WITHDRAWN})
"""States of a claim that came to nothing."""

MOVES: dict[Move, tuple[frozenset[ClaimState], ClaimState]] = {
    Move.SUBMIT: (frozenset({ClaimState.DRAFT}), ClaimState.SUBMITTED),
    Move.DISPUTE: (frozenset({ClaimState.SUBMITTED}), ClaimState.DISPUTED),
    Move.APPROVE: (WAITING, ClaimState.APPROVED),
    Move.REFUSE: (WAITING, ClaimState.REFUSED),
    Move.WITHDRAW: (OPEN, ClaimState.WITHDRAWN),
    Move.REOPEN: (frozenset({ClaimState.APPROVED, ClaimState.REFUSED}), ClaimState.SUBMITTED),
}

DECISIONS = frozenset({Move.APPROVE, Move.REFUSE, Move.REOPEN})
"""Moves that a reviewer makes."""

NEEDS_REASON = frozenset({Move.REFUSE, Move.REOPEN})
"""Moves that always need a reason; approving a disputed claim needs one too."""


class RemovalState(enum.StrEnum):
    """The state of a request to take a listing down."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class RemovalMove(enum.StrEnum):
    """A decision on a request to take a listing down."""

    ACCEPT = "accept"
    DECLINE = "decline"
    UNDO_ACCEPT = "undo_accept"
    UNDO_DECLINE = "undo_decline"


REMOVAL_MOVES: dict[RemovalMove, tuple[frozenset[RemovalState], RemovalState]] = {
    RemovalMove.ACCEPT: (frozenset({RemovalState.REQUESTED}), RemovalState.ACCEPTED),
    RemovalMove.DECLINE: (frozenset({RemovalState.REQUESTED}), RemovalState.DECLINED),
    RemovalMove.UNDO_ACCEPT: (frozenset({RemovalState.ACCEPTED}), RemovalState.REQUESTED),
    RemovalMove.UNDO_DECLINE: (frozenset({RemovalState.DECLINED}), RemovalState.REQUESTED),
}

REMOVAL_UNDOES: dict[RemovalMove, RemovalMove] = {
    RemovalMove.ACCEPT: RemovalMove.UNDO_ACCEPT,
    RemovalMove.DECLINE: RemovalMove.UNDO_DECLINE,
}
"""For each decision on a request the move that undoes it."""


def next_state(state: ClaimState, move: Move) -> ClaimState:
    """Return the state that `move` leads to.

    Raises:
        Conflict: the move is not allowed from `state`.
    """
    return apply_move(MOVES, state, move, of="claim")


def next_removal_state(state: RemovalState, move: RemovalMove) -> RemovalState:
    """Return the state that `move` leads to.

    Raises:
        Conflict: the request is already decided.
    """
    return apply_move(REMOVAL_MOVES, state, move, of="request")
