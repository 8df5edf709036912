"""Reads the listings that are compared for duplicates."""

from collections.abc import Collection
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.database import Base
from directory.duplicates.addresses import Address, parse_address
from directory.duplicates.clinic_names import clinic_names
from directory.duplicates.person_names import parse_person_name
from directory.duplicates.record import Record, phone_digits, professions
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import OPEN
from directory.listings.specialties import specialty_label
from directory.listings.tables import Listing, Location

_listings, _locations = (Base.metadata.tables[table.__tablename__] for table in (Listing, Location))


BATCH = 500
"""Ids in one statement; arbitrary."""


def read_records(session: Session, *, ids: Collection[int] | None = None) -> list[Record]:
    """Return every listing that holds its NPI, published or not, in the order of the ids; with `ids`, only those."""
    if ids is None:
        return _read(session, sa.true())
    ordered = sorted(ids)
    chunks = (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
    return [record for chunk in chunks for record in _read(session, _listings.c.id.in_(chunk))]


def _read(session: Session, condition: sa.ColumnElement[bool]) -> list[Record]:
    wanted = (
        sa.select(
            _listings.c.id,
            _listings.c.kind,
            _listings.c.name,
            _listings.c.other_name,
            _listings.c.credential,
            _listings.c.npi,
            _listings.c.specialty_code,
            _listings.c.phone,
            _locations.c.line1,
            _locations.c.line2,
            _locations.c.city,
            _locations.c.state,
            _locations.c.postal_code,
            _locations.c.lat,
            _locations.c.lon,
            _locations.c.phone.label("location_phone"),
        )
        .outerjoin_from(_listings, _locations, _locations.c.listing_id == _listings.c.id)
        .where(_listings.c.state.in_(OPEN), condition)
        .order_by(_listings.c.id, _locations.c.ordinal)
    )
    rows = session.execute(wanted.execution_options(yield_per=1000))
    return [_record(list(group)) for _, group in groupby(rows, key=attrgetter("id"))]


def _record(rows: list[Any]) -> Record:
    """Return the record of a listing from its rows, one for each location."""
    listing = rows[0]
    is_person = listing.kind == ListingKind.PERSON
    phones = {phone_digits(phone) for row in rows for phone in (row.phone, row.location_phone) if phone}
    return Record(
        id=listing.id,
        person=parse_person_name(listing.name) if is_person else None,
        names=() if is_person else clinic_names(listing.name) + clinic_names(listing.other_name),
        professions=professions(listing.credential),
        specialty_code=listing.specialty_code,
        specialty=specialty_label(listing.specialty_code),
        addresses=tuple(_address(row) for row in rows if row.line1 is not None),
        phones=frozenset(phones),
        npi=listing.npi or "",
    )


def _address(row: Any) -> Address:
    return parse_address(row.line1, row.line2, row.city, row.state, row.postal_code, lat=row.lat, lon=row.lon)
