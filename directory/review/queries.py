"""Database query for similar listings."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.listings.tables import Listing, Location

ZIP_DIGITS = 5
MAX_SIMILAR = 50
"""Maximum number of similar listings shown; arbitrary, because one hospital's address can have hundreds."""


def similar_listings(session: Session, listing: Listing) -> Sequence[Listing]:
    """Return other listings with the same NPI, or with the same first address line and ZIP code."""
    addresses = [
        sa.and_(
            sa.func.lower(Location.line1) == location.line1.lower(),
            sa.func.substr(Location.postal_code, 1, ZIP_DIGITS) == location.postal_code[:ZIP_DIGITS],
        )
        for location in listing.locations
    ]
    same_address = Listing.id.in_(sa.select(Location.listing_id).where(sa.or_(sa.false(), *addresses)))
    same_npi = (Listing.npi == listing.npi) if listing.npi else sa.false()
    return session.scalars(
        sa.select(Listing)
        .where(Listing.id != listing.id, same_npi | same_address)
        .order_by(Listing.name, Listing.id)
        .limit(MAX_SIMILAR)
        .options(selectinload(Listing.locations))
    ).all()
