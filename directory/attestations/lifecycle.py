"""The states of an attestation and the moves between them; expiry is computed from dates and is not a state."""

import enum

from directory.states import apply_move


class AttestationState(enum.StrEnum):
    """The state of an attestation; only an accepted one is public."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class Move(enum.StrEnum):
    """A state change of an attestation."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN = "return"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    REVOKE = "revoke"
    UNDO_ACCEPT = "undo_accept"
    UNDO_RETURN = "undo_return"
    UNDO_SUPERSEDE = "undo_supersede"
    UNDO_REVOKE = "undo_revoke"


MOVES: dict[Move, tuple[frozenset[AttestationState], AttestationState]] = {
    Move.SUBMIT: (frozenset({AttestationState.DRAFT}), AttestationState.SUBMITTED),
    Move.ACCEPT: (frozenset({AttestationState.SUBMITTED}), AttestationState.ACCEPTED),
    Move.RETURN: (frozenset({AttestationState.SUBMITTED}), AttestationState.RETURNED),
    Move.WITHDRAW: (frozenset({AttestationState.SUBMITTED}), AttestationState.WITHDRAWN),
    Move.SUPERSEDE: (frozenset({AttestationState.ACCEPTED}), AttestationState.SUPERSEDED),
    Move.REVOKE: (frozenset({AttestationState.ACCEPTED}), AttestationState.REVOKED),
    Move.UNDO_ACCEPT: (frozenset({AttestationState.ACCEPTED}), AttestationState.SUBMITTED),
    Move.UNDO_RETURN: (frozenset({AttestationState.RETURNED}), AttestationState.SUBMITTED),
    Move.UNDO_SUPERSEDE: (frozenset({AttestationState.SUPERSEDED}), AttestationState.ACCEPTED),
    Move.UNDO_REVOKE: (frozenset({AttestationState.REVOKED}), AttestationState.ACCEPTED),
}

DECISIONS = frozenset({Move.ACCEPT, Move.RETURN, Move.REVOKE})
"""Moves that a reviewer makes; accepting another attestation supersedes the previous one."""

UNDOES: dict[Move, Move] = {
    Move.ACCEPT: Move.UNDO_ACCEPT,
    Move.RETURN: Move.UNDO_RETURN,
    Move.SUPERSEDE: Move.UNDO_SUPERSEDE,
    Move.REVOKE: Move.UNDO_REVOKE,
}
"""For each move of a decision the move that undoes it."""

NEEDS_REASON = frozenset({Move.RETURN, Move.REVOKE})
"""Moves that need a reason, which the provider is told."""


def next_state(state: AttestationState, move: Move) -> AttestationState:
    """Return the state that `move` leads to.

    Raises:
        Conflict: the move is not allowed from `state`.
    """
    return apply_move(MOVES, state, move, of="attestation")
