"""Database queries for listings, attestations and changes that wait for a reviewer, and for similar listings."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings.lifecycle import ListingState, Move
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.tables import HOLDS_NPI, Listing, ListingMove, ListingRevision, Location

ZIP_DIGITS = 5
MAX_SIMILAR = 50
"""Maximum number of similar listings shown; arbitrary, because one hospital's address can have hundreds."""


def waiting_listings(session: Session) -> Sequence[Listing]:
    """Return listings that are submitted and not yet decided, the longest waiting first."""
    return session.scalars(
        sa.select(Listing)
        .where(Listing.state == ListingState.SUBMITTED)
        .order_by(Listing.updated_at, Listing.id)
        .options(selectinload(Listing.locations))
    ).all()


def similar_listings(session: Session, listing: Listing) -> Sequence[Listing]:
    """Return other listings with the same NPI, or with the same first address line and ZIP code."""
    zips = [location.postal_code[:ZIP_DIGITS] for location in listing.locations]
    alike = [
        sa.select(Location.listing_id).where(
            # A range of text uses the index of the ZIP codes; the part after five digits begins with a hyphen.
            sa.between(Location.postal_code, zip_code, f"{zip_code}-9999"),
            sa.func.lower(Location.line1) == location.line1.lower(),
        )
        for zip_code, location in zip(zips, listing.locations, strict=True)
    ]
    if listing.npi:
        closed = Listing.state.in_((ListingState.REJECTED, ListingState.RETIRED))
        alike += [sa.select(Listing.id).where(Listing.npi == listing.npi, held) for held in (HOLDS_NPI, closed)]
    if not alike:
        return []
    found = sa.union_all(*alike).subquery()
    return session.scalars(
        sa.select(Listing)
        .where(Listing.id != listing.id, Listing.id.in_(sa.select(found.c[0])))
        .order_by(Listing.name, Listing.id)
        .limit(MAX_SIMILAR)
        .options(selectinload(Listing.locations))
    ).all()


def listings_without_npi(session: Session) -> Sequence[Listing]:
    """Return listings that an import suspended because their NPI was deactivated, the longest waiting first."""
    earlier = aliased(ListingMove)
    last = (
        sa.select(sa.func.max(earlier.id))
        .where(earlier.listing_id == Listing.id, earlier.move == Move.SUSPEND.value)
        .scalar_subquery()
    )
    return session.scalars(
        sa.select(Listing)
        .join(ListingMove, ListingMove.id == last)
        .where(Listing.state == ListingState.SUSPENDED, ListingMove.by_id.is_(None))
        .order_by(ListingMove.at, Listing.id)
    ).all()


def waiting_attestations(session: Session) -> Sequence[Attestation]:
    """Return attestations that are signed and not yet decided, the longest waiting first."""
    return session.scalars(
        sa.select(Attestation)
        .where(Attestation.state == AttestationState.SUBMITTED)
        .order_by(Attestation.signed_at, Attestation.id)
        .options(joinedload(Attestation.listing))
    ).all()


def waiting_revisions(session: Session) -> Sequence[ListingRevision]:
    """Return proposed changes that are submitted and not yet decided, the longest waiting first."""
    return session.scalars(
        sa.select(ListingRevision)
        .where(ListingRevision.state == RevisionState.SUBMITTED)
        .order_by(ListingRevision.updated_at, ListingRevision.id)
        .options(joinedload(ListingRevision.listing))
    ).all()
