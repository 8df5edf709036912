"""Addresses in a revision: documents made from stored rows and typed addresses, and written back to the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from directory.errors import FieldError, Invalid
from directory.listings.changes import COORDINATES, Document, address_document
from directory.listings.fields import REVIEWED_LOCATION_FIELDS
from directory.listings.listing_data import Address, check_typed_count
from directory.listings.tables import Listing, Location

_WRITTEN = (*(each.name for each in REVIEWED_LOCATION_FIELDS), *COORDINATES)


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address from a form; `location_id` is the stored row that it replaces, or None for a new address."""

    location_id: int | None
    address: Address


def documents(listing: Listing) -> list[Document]:
    """The stored addresses of a listing."""
    return [address_document(row) for row in listing.locations]


def typed_documents(base: Sequence[Document], typed: Sequence[TypedAddress]) -> list[Document]:
    """The documents of typed addresses. An address with the text of `base` keeps its coordinates, if none were typed.

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
    """Replace the addresses of a listing; rows that stay keep their live fields, such as the phone."""
    rows = {row.id: row for row in listing.locations}
    listing.locations = [rows[document["id"]] if document["id"] else Location() for document in wanted]
    for number, (row, document) in enumerate(zip(listing.locations, wanted, strict=True), 1):
        # No two rows of a listing have one ordinal, even between two statements.
        row.ordinal = -number
        for name in _WRITTEN:
            setattr(row, name, document[name])
    session.flush()
    for ordinal, row in enumerate(listing.locations):
        row.ordinal = ordinal


def _typed_document(one: TypedAddress, stored: Document) -> Document:
    columns: dict[str, Any] = {name: one.address.columns[name] for name in _WRITTEN}
    made = {"id": one.location_id, **columns}
    text = [each.name for each in REVIEWED_LOCATION_FIELDS]
    same = stored and all(made[name] == stored[name] for name in text)
    return stored if same and made["precision"] != "point" else made
