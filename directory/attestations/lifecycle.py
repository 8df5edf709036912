"""The states of an attestation and the one table of moves between them; expired is no state."""

import enum

from directory.states import step


class State(enum.StrEnum):
    """Where an attestation stands; only an accepted one is public."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class Move(enum.StrEnum):
    """What can be done to an attestation."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN = "return"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    REVOKE = "revoke"


MOVES: dict[Move, tuple[frozenset[State], State]] = {
    Move.SUBMIT: (frozenset({State.DRAFT}), State.SUBMITTED),
    Move.ACCEPT: (frozenset({State.SUBMITTED}), State.ACCEPTED),
    Move.RETURN: (frozenset({State.SUBMITTED}), State.RETURNED),
    Move.WITHDRAW: (frozenset({State.SUBMITTED}), State.WITHDRAWN),
    Move.SUPERSEDE: (frozenset({State.ACCEPTED}), State.SUPERSEDED),
    Move.REVOKE: (frozenset({State.ACCEPTED}), State.REVOKED),
}

DECISIONS = frozenset({Move.ACCEPT, Move.RETURN, Move.REVOKE})
"""Moves that a reviewer makes; superseding follows from accepting another."""

NEEDS_REASON = frozenset({Move.RETURN, Move.REVOKE})
"""Moves whose reason the provider is told."""


def after(state: State, move: Move) -> State:
    """The state that `move` leads to.

    Raises:
        Conflict: the move does not start from `state`.
    """
    return step(MOVES, state, move, of="attestation")
