"""Queries for the attestations of a listing that are or were public, with the period each one counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation, AttestationMove
from directory.errors import NotFound

EVER_ACCEPTED = frozenset({AttestationState.ACCEPTED, AttestationState.SUPERSEDED, AttestationState.REVOKED})
"""States that only an attestation comes into which a reviewer accepted; nothing else was ever public."""


@dataclass(frozen=True, slots=True)
class AcceptedPeriod:
    """An attestation that was public from `since` on, until it was replaced or revoked, if it was."""

    attestation: Attestation
    since: datetime
    ended: datetime | None
    ended_by: Move | None

    def counted_at(self, moment: datetime) -> bool:
        """Whether it was the one that patients saw; an expired one still is, and says so."""
        return self.since <= moment and (self.ended is None or moment < self.ended)


def ever_accepted_attestation(session: Session, public_id: str) -> Attestation:
    """An attestation that is or was public, with its listing.

    Raises:
        NotFound: there is none of that name, or nobody ever accepted it.
    """
    wanted = sa.select(Attestation).where(Attestation.public_id == public_id, Attestation.state.in_(EVER_ACCEPTED))
    # PostgreSQL cannot even be asked for a text with NUL in it, so nothing is called so.
    found = None if "\0" in public_id else session.scalar(wanted.options(joinedload(Attestation.listing)))
    if found is None:
        raise NotFound("There are no answers by that name, or they were never published.")
    return found


def public_history(session: Session, listing_id: int) -> tuple[AcceptedPeriod, ...]:
    """Every attestation of a listing that is or was public, the first accepted first; one statement."""
    rows = session.execute(
        sa.select(Attestation, AttestationMove)
        .join(AttestationMove, AttestationMove.attestation_id == Attestation.id)
        .where(Attestation.listing_id == listing_id, Attestation.state.in_(EVER_ACCEPTED))
        .order_by(AttestationMove.id)
    )
    moves: dict[Attestation, list[AttestationMove]] = {}
    for attestation, move in rows:
        moves.setdefault(attestation, []).append(move)
    found = [_accepted_period(attestation, made) for attestation, made in moves.items()]
    return tuple(sorted(found, key=lambda accepted: (accepted.since, accepted.attestation.id)))


def _accepted_period(attestation: Attestation, moves: Sequence[AttestationMove]) -> AcceptedPeriod:
    at = {Move(move.move): move.at for move in moves}
    ended_by = next((move for move in (Move.REVOKE, Move.SUPERSEDE) if move in at), None)
    return AcceptedPeriod(attestation, at[Move.ACCEPT], at[ended_by] if ended_by else None, ended_by)
