"""Compares a listing and its addresses with a row of a register, and writes down the differences."""

from collections.abc import Iterator, Sequence
from typing import Any

from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.imports.existing import LISTING_COLUMNS, LOCATION_COLUMNS
from directory.imports.plan import PlannedChange
from directory.imports.records import PostalAddress, Provider
from directory.imports.usps_address import same_place
from directory.listings.changes import COORDINATES
from directory.listings.field_sets import editable_fields
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.listing_data import Address
from directory.listings.tables import Listing, Location

_LISTING_FIELDS = tuple(each for each in LISTING_FIELDS if each.name in LISTING_COLUMNS)
_PHONE = next(each for each in LOCATION_FIELDS if each.name == "phone")
_STREET_COLUMNS = tuple(name for name in LOCATION_COLUMNS if name != "phone")
_ADDRESS_COLUMNS = (*LOCATION_COLUMNS, *COORDINATES)


def same_values(stored: Any, found: Provider) -> bool:
    """Whether a listing states what the row does, apart from addresses and the date."""
    return all(each.is_same(getattr(stored, each.name), getattr(found, each.name)) for each in _LISTING_FIELDS)


def same_address(row: Location | Address, address: PostalAddress) -> bool:
    """Whether a stored address says what this one does, as the Postal Service writes it."""
    return (
        row.postal_code == address.postal_code and _PHONE.is_same(row.phone, address.phone) and same_place(row, address)
    )


def is_geocoded(row: Location | Address) -> bool:
    """Whether the address has coordinates."""
    return row.place is not None if isinstance(row, Address) else row.lat is not None


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


def listing_changes(stored: Any, found: Any) -> Iterator[PlannedChange]:
    """Yield the columns in which two states of a listing differ."""
    for each in _LISTING_FIELDS:
        old, new = getattr(stored, each.name), getattr(found, each.name)
        if old != new:
            yield PlannedChange(each.name, old, new)


def address_changes(
    stored: Sequence[Location | Address], planned: Sequence[Location | Address]
) -> Iterator[PlannedChange]:
    """Yield the columns in which the addresses differ, position by position."""
    for ordinal in range(max(len(stored), len(planned))):
        old, new = (_columns(rows[ordinal]) if ordinal < len(rows) else {} for rows in (stored, planned))
        for name in _ADDRESS_COLUMNS:
            if old.get(name) != new.get(name):
                yield PlannedChange(name, old.get(name), new.get(name), ordinal)


def held_changes(stored: Listing, found: Provider) -> Iterator[PlannedChange]:
    """Yield what a row says otherwise than a listing that its provider keeps.

    What the row leaves empty is no difference, and neither is the same address in another spelling.
    """
    for each in _LISTING_FIELDS:
        old, new = getattr(stored, each.name), getattr(found, each.name)
        if new and not each.is_same(old, new):
            yield PlannedChange(each.name, old, new)
    if stored.locations and not same_place(stored.locations[0], found.address):
        for name in _STREET_COLUMNS:
            old, new = getattr(stored.locations[0], name), getattr(found.address, name)
            if old != new:
                yield PlannedChange(name, old, new, 0)


def _columns(row: Location | Address) -> dict[str, Any]:
    if isinstance(row, Address):
        return row.columns
    return {name: getattr(row, name) for name in _ADDRESS_COLUMNS}
