"""Database query for similar listings."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.listings.lifecycle import ListingState
from directory.listings.tables import HOLDS_NPI, Listing, Location

ZIP_DIGITS = 5
MAX_SIMILAR = 50
"""Maximum number of similar listings shown; arbitrary, because one hospital's address can have hundreds."""


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
