"""Validated values for the content of a listing and of its addresses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from directory.errors import FieldError, Invalid
from directory.geocoding.place import Place
from directory.listings.field import Field
from directory.listings.field_sets import editable_fields
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.kinds import ListingKind
from directory.listings.npi import is_valid_npi
from directory.listings.opening_hours import Hours
from directory.listings.tables import Listing, Location

MAX_LOCATIONS = 50
"""The most addresses of one listing; arbitrary, several times the largest number in the registry's sample."""

MAX_TYPED_LOCATIONS = 20
"""The most addresses that a provider may enter; a listing that was imported with more keeps them."""

_LISTING_INPUTS, _LOCATION_INPUTS = editable_fields(LISTING_FIELDS), editable_fields(LOCATION_FIELDS)


@dataclass(frozen=True, slots=True)
class Address:
    """A practice address in the United States; `place` is the geocoder's result."""

    line1: str
    city: str
    state: str
    postal_code: str
    line2: str = ""
    phone: str = ""
    place: Place | None = None
    opening_hours: Hours = field(default_factory=dict)
    second_phone: str = ""
    fax: str = ""
    accessibility: str = ""

    def __post_init__(self) -> None:
        if faults := list(_check_fields(_LOCATION_INPUTS, self)):
            raise Invalid(faults)

    @property
    def columns(self) -> dict[str, Any]:
        """The column values of this address in `locations`."""
        return {
            **_normalized(_LOCATION_INPUTS, self),
            "lat": self.place.point.lat if self.place else None,
            "lon": self.place.point.lon if self.place else None,
            "precision": self.place.precision.value if self.place else "",
            "uncertainty_miles": self.place.uncertainty_miles if self.place else None,
        }

    def write(self, location: Location, ordinal: int) -> None:
        """Write this address to a row."""
        location.ordinal = ordinal
        for name, value in self.columns.items():
            setattr(location, name, value)


@dataclass(frozen=True, slots=True)
class ListingData:
    """The editable content of a listing, without answers about the bone marrow technique."""

    kind: ListingKind
    name: str
    addresses: tuple[Address, ...]
    credential: str = ""
    practice: str = ""
    npi: str | None = None
    specialty_code: str = ""
    phone: str = ""
    website: str = ""
    languages: tuple[str, ...] = ()
    accepts_new_patients: bool | None = None
    appointment_url: str = ""
    insurance: str = ""
    price_note: str = ""
    other_name: str = ""

    def __post_init__(self) -> None:
        faults = list(_check_fields(_LISTING_INPUTS, self))
        faults += check_address_count(len(self.addresses))
        if faults:
            raise Invalid(faults)

    @property
    def columns(self) -> dict[str, Any]:
        """The column values in `listings`; the addresses are rows of `locations`."""
        return _normalized(_LISTING_INPUTS, self)

    def is_stored_in(self, listing: Listing) -> bool:
        """Return whether a listing and its locations have exactly this content."""
        pairs: list[tuple[dict[str, Any], Listing | Location]] = [(self.columns, listing)]
        pairs += [(address.columns, row) for address, row in zip(self.addresses, listing.locations, strict=False)]
        return len(self.addresses) == len(listing.locations) and all(
            getattr(row, name) == value for columns, row in pairs for name, value in columns.items()
        )

    def write(self, listing: Listing) -> None:
        """Write this content to a listing and its location rows, reusing existing location rows."""
        for name, value in self.columns.items():
            setattr(listing, name, value)
        rows = list(listing.locations)[: len(self.addresses)]
        rows += [Location() for _ in range(len(self.addresses) - len(rows))]
        for ordinal, (address, row) in enumerate(zip(self.addresses, rows, strict=True)):
            address.write(row, ordinal)
        listing.locations = rows


def check_address_count(count: int, most: int = MAX_LOCATIONS) -> Iterator[FieldError]:
    """Yield an error if a listing may not have so many addresses."""
    if not 1 <= count <= most:
        yield FieldError("addresses", f"A listing has 1 to {most} addresses; this has {count}.")


def check_typed_count(count: int, stored: int) -> Iterator[FieldError]:
    """Yield an error if a provider may not enter so many addresses for a listing that has `stored` of them."""
    yield from check_address_count(count, max(MAX_TYPED_LOCATIONS, stored))


def require_npi(npi: str) -> str:
    """Validate a typed NPI and return it.

    Raises:
        Invalid: it does not have ten digits with the correct check digit.
    """
    if not is_valid_npi(npi):
        raise Invalid([FieldError("npi", "An NPI has ten digits and a check digit; this one has a typing error.")])
    return npi


def _check_fields(fields: tuple[Field, ...], value: Address | ListingData) -> Iterator[FieldError]:
    for each in fields:
        given = getattr(value, each.name)
        # An optional field without a value breaks no limit. Skipping it matters when an import checks millions.
        if given or each.required:
            yield from each.check(given)


def _normalized(fields: tuple[Field, ...], value: Address | ListingData) -> dict[str, Any]:
    return {each.name: each.stored(getattr(value, each.name)) for each in fields}
