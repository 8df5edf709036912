"""What waits for a reviewer, oldest first."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.listings.lifecycle import State as ListingState
from directory.listings.tables import Listing


def waiting_listings(session: Session) -> Sequence[Listing]:
    """Entries submitted and not yet decided, the longest waiting first."""
    return session.scalars(
        sa.select(Listing)
        .where(Listing.state == ListingState.SUBMITTED)
        .order_by(Listing.updated_at, Listing.id)
        .options(selectinload(Listing.locations))
    ).all()


def waiting_attestations(session: Session) -> Sequence[Attestation]:
    """Signed and not yet decided, the longest waiting first."""
    return session.scalars(
        sa.select(Attestation)
        .where(Attestation.state == AttestationState.SUBMITTED)
        .order_by(Attestation.signed_at, Attestation.id)
        .options(joinedload(Attestation.listing))
    ).all()
