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
"""States that imply that a reviewer accepted the attestation; attestations in other states were never public."""


@dataclass(frozen=True, slots=True)
class AcceptedPeriod:
    """An attestation that was public from `since` until it was superseded or revoked; `ended` is None if neither."""

    attestation: Attestation
    since: datetime
    ended: datetime | None
    ended_by: Move | None

    def counted_at(self, moment: datetime) -> bool:
        """Return whether patients saw this attestation at that moment; an expired one is still shown, as expired."""
        return self.since <= moment and (self.ended is None or moment < self.ended)


def ever_accepted_attestation(session: Session, public_id: str) -> Attestation:
    """Return an attestation that is or was public, with its listing loaded.

    Raises:
        NotFound: there is no such attestation, or it was never accepted.
    """
    wanted = sa.select(Attestation).where(Attestation.public_id == public_id, Attestation.state.in_(EVER_ACCEPTED))
    # PostgreSQL rejects text parameters that contain NUL.
    found = None if "\0" in public_id else session.scalar(wanted.options(joinedload(Attestation.listing)))
    if found is None:
        raise NotFound("There are no answers by that name, or they were never published.")
    return found


def public_history(session: Session, listing_id: int) -> tuple[AcceptedPeriod, ...]:
    """Return every attestation of a listing that is or was public, in order of acceptance; runs one statement."""
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
    accepted = [row for row in moves if row.move == Move.ACCEPT]
    # What was undone did not end the answers: of the moves after the last acceptance, the last one counts.
    last = moves[-1]
    ended_by = Move(last.move) if last.move in {Move.REVOKE, Move.SUPERSEDE} else None
    return AcceptedPeriod(attestation, accepted[-1].at, last.at if ended_by else None, ended_by)
