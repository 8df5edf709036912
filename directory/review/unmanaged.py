"""Revokes the answers of listings that nobody has managed for 60 days."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations import commands as attestations
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.claims.tables import UnmanagedListing
from directory.search.changes import record_changes

GRACE_PERIOD = timedelta(days=60)
"""How long answers count after the last manager is gone."""

REASON = "Nobody from the practice has managed this listing for 60 days, so nobody keeps these answers right."


def revoke_unmanaged(session: Session, *, now: datetime, limit: int) -> int:
    """Revoke the answers of listings that have had no manager for 60 days; return how many cases were handled.

    Each case is handled once; 0 means that none is left.
    """
    due = session.scalars(
        sa.select(UnmanagedListing)
        .where(
            UnmanagedListing.ended_at.is_(None),
            UnmanagedListing.revoked_at.is_(None),
            UnmanagedListing.since <= now - GRACE_PERIOD,
        )
        .order_by(UnmanagedListing.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for case in due:
        case.revoked_at = now
        accepted = session.scalar(
            sa.select(Attestation).where(
                Attestation.listing_id == case.listing_id, Attestation.state == AttestationState.ACCEPTED
            )
        )
        if accepted is not None:
            attestations.move(session, accepted, Move.REVOKE, by=None, now=now, reason=REASON)
            record_changes(session, [case.listing_id])
    session.flush()
    return len(due)
