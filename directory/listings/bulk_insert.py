"""Stores the listings that an NPPES import creates: plain values, inserted in bulk at the end of each batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.database import Base
from directory.listings.lifecycle import ListingState
from directory.listings.listing_data import ListingData
from directory.listings.tables import Listing, ListingMove, ListingSource, Location

FIRST_VERSION = 1

_listings, _locations, _moves = (
    Base.metadata.tables[table.__tablename__] for table in (Listing, Location, ListingMove)
)
# The ids must come back in the order of the rows, because they are matched to the listings by position.
_INSERT = sa.insert(_listings).returning(_listings.c.id, sort_by_parameter_order=True)


@dataclass(slots=True, eq=False)
class NewListing:
    """A listing that is not stored yet; later rows of the batch may still change it.

    A mapped `Listing` would work too but cost ten times as much, which matters for nine million rows.
    """

    slug: str
    entry: ListingData
    source_updated: date | None
    updated_at: datetime
    state: ListingState = ListingState.DRAFT

    @property
    def columns(self) -> dict[str, Any]:
        """The values of the row in `listings`; the other columns keep their defaults."""
        return {
            **self.entry.columns,
            "slug": self.slug,
            "source": ListingSource.NPPES,
            "source_updated": self.source_updated,
            "state": self.state,
            "created_at": self.updated_at,
            "updated_at": self.updated_at,
            "version": FIRST_VERSION,
        }


def insert_listings(session: Session, listings: Sequence[NewListing]) -> list[int]:
    """Insert the listings with their addresses and return their ids in the same order."""
    if not listings:
        return []
    ids = list(session.execute(_INSERT, [listing.columns for listing in listings]).scalars())
    addresses = [
        {"listing_id": listing_id, "ordinal": ordinal, **address.columns}
        for listing_id, listing in zip(ids, listings, strict=True)
        for ordinal, address in enumerate(listing.entry.addresses)
    ]
    session.execute(sa.insert(_locations), addresses)
    return ids


def insert_moves(session: Session, moves: Sequence[dict[str, Any]]) -> None:
    """Insert these rows of `listing_moves`."""
    if moves:
        session.execute(sa.insert(_moves), moves)
