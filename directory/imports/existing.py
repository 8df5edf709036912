"""Finds the listings that already hold the NPIs of some NPPES rows, and compares them with these rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.imports.nppes_reader import NumberedRow
from directory.imports.nppes_rows import PostalAddress, Provider, SkippedRow
from directory.listings.bulk_insert import NewListing
from directory.listings.field_sets import editable_fields, imported_names
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.lifecycle import ListingState
from directory.listings.listing_data import Address
from directory.listings.tables import HOLDS_NPI, Listing, ListingMove, ListingSource, Location, SuppressedNpi

CLOSED = (ListingState.REJECTED, ListingState.RETIRED)

LISTING_COLUMNS, LOCATION_COLUMNS = imported_names(LISTING_FIELDS), imported_names(LOCATION_FIELDS)
"""The columns of a listing and of a location that the import writes, without the NPI."""

_listing_values, _location_values = attrgetter(*LISTING_COLUMNS), attrgetter(*LOCATION_COLUMNS)


@dataclass
class ExistingListings:
    """Listings by NPI: the open listing that holds it, and the number of closed listings that held it."""

    open: dict[str, Listing | NewListing] = field(default_factory=dict)
    closed: Counter[str] = field(default_factory=Counter)
    closed_by_hand: set[str] = field(default_factory=set)
    """NPIs whose listing a person rejected or retired, as opposed to an import."""
    suppressed: set[str] = field(default_factory=set)
    """NPIs whose listing was taken down on request."""
    closed_as_of: dict[str, date] = field(default_factory=dict)
    """The latest registry date of the closed listings, by NPI."""

    @classmethod
    def of(cls, session: Session, npis: Iterable[str]) -> "ExistingListings":
        """Load the listings of these NPIs in five statements for any number of NPIs."""
        wanted = sorted(set(npis) - {""})
        listed = cls()
        if not wanted:
            return listed
        rows = session.scalars(
            sa.select(Listing)
            .where(Listing.npi.in_(wanted), HOLDS_NPI)
            .options(selectinload(Listing.locations), selectinload(Listing.managers))
        )
        listed.open = {row.npi: row for row in rows if row.npi}
        endings = session.execute(
            sa.select(sa.func.coalesce(Listing.npi, ""), ListingMove.by_id, Listing.source_updated)
            .join(ListingMove, sa.and_(ListingMove.listing_id == Listing.id, ListingMove.to_state == Listing.state))
            .where(Listing.npi.in_(wanted), Listing.state.in_(CLOSED))
        )
        for npi, by_id, as_of in endings:
            listed.closed[npi] += 1
            listed.closed_as_of[npi] = max(as_of or date.min, listed.closed_as_of.get(npi, date.min))
            if by_id is not None:
                listed.closed_by_hand.add(npi)
        listed.suppressed = set(session.scalars(sa.select(SuppressedNpi.npi).where(SuppressedNpi.npi.in_(wanted))))
        return listed

    def close(self, npi: str, as_of: date) -> None:
        """Count the NPI's open listing as closed; the registry deactivated the NPI on the date `as_of`."""
        del self.open[npi]
        self.closed[npi] += 1
        self.closed_as_of[npi] = as_of


def unchanged_npis(session: Session, lines: Sequence[NumberedRow], *, drafts: bool) -> set[str]:
    """The NPIs whose only row equals their unclaimed registry listing; compares plain columns, without ORM objects.

    In a repeated import, these are nearly all NPIs. `drafts` says whether listings that are drafts count too.
    """
    rows = Counter(line.npi for line in lines if line.npi and line.layout.names_providers)
    if not rows:
        return set()
    listings = sa.select(*(getattr(Listing, name) for name in ("id", "npi", "source_updated", *LISTING_COLUMNS)))
    of_registry = sa.and_(Listing.source == ListingSource.NPPES, ~Listing.managers.any())
    held = listings.where(Listing.npi.in_(sorted(rows)), HOLDS_NPI, of_registry)
    if not drafts:
        held = held.where(Listing.state != ListingState.DRAFT)
    listing = held.subquery()
    first = sa.and_(Location.listing_id == listing.c.id, Location.ordinal == 0, Location.lat.is_not(None))
    columns = [*(listing.c[name] for name in LISTING_COLUMNS), *(getattr(Location, name) for name in LOCATION_COLUMNS)]
    stored = session.execute(sa.select(listing.c.npi, listing.c.source_updated, *columns).join(Location, first))
    known = {npi: tuple(said) for npi, *said in stored}
    return {
        line.npi for line in lines if rows[line.npi] == 1 and line.npi in known and known[line.npi] == _row_values(line)
    }


def _row_values(line: NumberedRow) -> tuple[Any, ...] | None:
    """The values of a row that `unchanged_npis` compares; None if the row is not a valid provider row."""
    try:
        found = line.record()
    except SkippedRow:
        return None
    if not isinstance(found, Provider):
        return None
    return (found.updated, *_listing_values(found), *_location_values(found.address))


def is_managed_by_provider(listing: Listing | NewListing) -> bool:
    """Whether the listing comes from or belongs to a provider, so that the import must not overwrite it."""
    if isinstance(listing, NewListing):
        return False
    return listing.source is not ListingSource.NPPES or bool(listing.managers)


def addresses_of(listing: Listing | NewListing) -> Sequence[Location | Address]:
    """The addresses of a listing in order, the primary one first."""
    return listing.entry.addresses if isinstance(listing, NewListing) else listing.locations


def matches_row(listing: Listing | NewListing, found: Provider) -> bool:
    """Whether the listing has the values and the date of the row, apart from addresses."""
    said = listing.entry if isinstance(listing, NewListing) else listing
    return bool(_listing_values(said) == _listing_values(found)) and listing.source_updated == found.updated


def is_geocoded(row: Location | Address) -> bool:
    """Whether the address has coordinates."""
    return row.place is not None if isinstance(row, Address) else row.lat is not None


def same_text(row: Location | Address, address: PostalAddress) -> bool:
    """Whether a stored address has the same text as this one."""
    return bool(_location_values(row) == _location_values(address))


def same_place(row: Location | Address, address: PostalAddress) -> bool:
    """Whether two addresses are equal apart from case, the last four digits of the ZIP code, and the phone."""
    return _address_key(row) == _address_key(address)


def _address_key(address: Location | Address | PostalAddress) -> tuple[str, ...]:
    lines = (address.line1, address.line2, address.city, address.state)
    return (*(line.casefold() for line in lines), address.postal_code[:5])


def address_of(row: Location | Address) -> Address:
    """The `Address` from which a location row was written."""
    if isinstance(row, Address):
        return row
    place = None
    if row.lat is not None and row.lon is not None:
        place = Place(
            label=f"{row.line1}, {row.city}, {row.state} {row.postal_code}",
            city=row.city,
            state=row.state,
            postal_code=row.postal_code,
            point=Point(row.lat, row.lon),
            precision=Precision(row.precision),
            uncertainty_miles=row.uncertainty_miles or 0.0,
        )
    return Address(**{each.name: getattr(row, each.name) for each in editable_fields(LOCATION_FIELDS)}, place=place)
