"""Addresses in a revision: documents made from stored rows, typed addresses and pins, and written back to rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from directory.errors import FieldError, Invalid
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point, miles_between
from directory.listings.changes import COORDINATES, Document, address_document
from directory.listings.field_sets import LIVE_LOCATION_FIELDS, REVIEWED_LOCATION_FIELDS
from directory.listings.listing_data import Address, check_typed_count
from directory.listings.placement_fields import COORDINATE_DIGITS
from directory.listings.tables import Listing, Location

_WHERE = ("line1", "city", "state", "postal_code")
"""The fields that say where an address is; another suite is at the same place."""

_PIN = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,10})?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d{1,10})?)\s*", re.ASCII)

MAX_PIN_MILES = 30
"""How far a typed pin may lie from the place of its ZIP code or city; large rural ZIP codes are about as wide."""

_COPIED = tuple(
    column.name for column in Location.__table__.columns if column.name not in {"id", "listing_id", "ordinal"}
)

_WRITTEN = (*(each.name for each in REVIEWED_LOCATION_FIELDS), *COORDINATES)
_LIVE = frozenset(each.name for each in LIVE_LOCATION_FIELDS)


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address from a form.

    Attributes:
        location_id: the stored row that it replaces, or None for a new address.
        address: the text, and the place that the geocoder finds for it.
        pin: the typed point, in degrees with five decimals, instead of that place.
    """

    location_id: int | None
    address: Address
    pin: Point | None = None


def documents(listing: Listing) -> list[Document]:
    """The stored addresses of a listing."""
    return [address_document(row) for row in listing.locations]


def typed_documents(base: Sequence[Document], typed: Sequence[TypedAddress]) -> list[Document]:
    """The documents of typed addresses.

    An unchanged address keeps the coordinates that it has in `base`. A changed one gets new coordinates, and loses the
    pin of the old address.

    Raises:
        Invalid: there are too few or too many addresses, or one is of another listing.
    """
    known = {document["id"]: document for document in base if document["id"] is not None}
    ids = [one.location_id for one in typed if one.location_id is not None]
    faults = list(check_typed_count(len(typed), len(base)))
    if not set(ids) <= known.keys() or len(ids) != len(set(ids)):
        faults.append(FieldError("addresses", "One of these addresses is not of this listing. Open the page again."))
    if faults:
        raise Invalid(faults)
    return [_typed_document(one, known.get(one.location_id, {})) for one in typed]


def write(session: Session, listing: Listing, wanted: Sequence[Document]) -> None:
    """Replace the addresses of a listing; rows that stay keep their live fields, such as the phone.

    A document of a new address may have live fields too.
    """
    arrange(listing, wanted)
    _renumber(session, listing)


def stored_rows(listing: Listing) -> list[Document]:
    """Every column of the addresses of a listing, for `restore_rows`."""
    return [{name: getattr(row, name) for name in ("id", *_COPIED)} for row in listing.locations]


def restore_rows(session: Session, listing: Listing, stored: Sequence[Document]) -> None:
    """Give a listing the addresses that it had at `stored_rows`; removed ones get their ids again if they are free."""
    rows = [session.get(Location, document["id"]) or Location(id=document["id"]) for document in stored]
    listing.locations = [row if row.listing_id in {None, listing.id} else Location() for row in rows]
    for row, document in zip(listing.locations, stored, strict=True):
        for name in _COPIED:
            setattr(row, name, document[name])
    _renumber(session, listing)


def is_stored(listing: Listing, wanted: Sequence[Document]) -> bool:
    """Whether a listing has these addresses now; one that was new then has an id now."""
    today = documents(listing)
    known = {document["id"] for document in wanted}
    return list(wanted) == [document if document["id"] in known else {**document, "id": None} for document in today]


def _renumber(session: Session, listing: Listing) -> None:
    for number, row in enumerate(listing.locations, 1):
        # No two rows of a listing have one ordinal, even between two statements.
        row.ordinal = -number
    session.flush()
    for ordinal, row in enumerate(listing.locations):
        row.ordinal = ordinal


def arrange(listing: Listing, wanted: Sequence[Document]) -> None:
    """Set the addresses of a listing that is not stored afterward, such as a preview; `write` does the rest."""
    rows = {row.id: row for row in listing.locations}
    listing.locations = [rows[document["id"]] if document["id"] else Location() for document in wanted]
    for row, document in zip(listing.locations, wanted, strict=True):
        for name in (*_WRITTEN, *(() if document["id"] else _LIVE & document.keys())):
            setattr(row, name, document[name])


def parse_pin(text: str) -> Point | None:
    """Parse “39.92050, -105.08670”; None if nothing was typed.

    Raises:
        Invalid: the text is not a latitude and a longitude.
    """
    if not text:
        return None
    found = _PIN.fullmatch(text)
    try:
        return Point(*(round(float(number), COORDINATE_DIGITS) for number in found.groups())) if found else _no_pin()
    except ValueError:
        return _no_pin()


def pin_text(document: Document) -> str:
    """The pin of an address as `parse_pin` reads it; empty if it was placed by its text."""
    pin = _stored_pin(document)
    return f"{pin.lat:.{COORDINATE_DIGITS}f}, {pin.lon:.{COORDINATE_DIGITS}f}" if pin else ""


def row_pin_text(row: Location) -> str:
    """The pin of a stored location, as `pin_text` returns it."""
    return pin_text({name: getattr(row, name) for name in COORDINATES})


def pinned(address: Address, pin: Point | None) -> Address:
    """An address at its pin, instead of the place that the geocoder found; unchanged without a pin."""
    if pin is None:
        return address
    texts = {name: getattr(address, name) for name in ("city", "state", "postal_code")}
    label = f"{address.line1}, {address.city}, {address.state} {address.postal_code}"
    place = Place(label=label, point=pin, precision=Precision.POINT, uncertainty_miles=0.0, **texts)
    return replace(address, place=place)


def check_pin(pin: Point | None, address: Address) -> Iterator[FieldError]:
    """Yield an error if a pin is too far from the place of its address."""
    if pin is None or address.place is None:
        return
    miles = miles_between(pin, address.place.point)
    if miles > MAX_PIN_MILES:
        sentence = f"The pin may lie at most {MAX_PIN_MILES} miles from the ZIP code; this is {miles:,.0f} miles away."
        yield FieldError("pin", sentence)


def _no_pin() -> NoReturn:
    sentence = "The pin must be a latitude and a longitude, such as 39.92050, -105.08670."
    raise Invalid([FieldError("pin", sentence)])


def _stored_pin(document: Document) -> Point | None:
    if not document or document["precision"] != Precision.POINT:
        return None
    return Point(round(document["lat"], COORDINATE_DIGITS), round(document["lon"], COORDINATE_DIGITS))


def _typed_document(one: TypedAddress, stored: Document) -> Document:
    columns: dict[str, Any] = {name: one.address.columns[name] for name in _WRITTEN}
    is_same_pin = one.pin == _stored_pin(stored)
    if stored and is_same_pin and all(columns[name] == stored[name] for name in _WHERE):
        columns |= {name: stored[name] for name in COORDINATES}
    elif one.pin is not None and not is_same_pin:
        point = (one.pin.lat, one.pin.lon, Precision.POINT.value, 0.0)
        columns |= dict(zip(COORDINATES, point, strict=True))
    return {"id": one.location_id, **columns}
