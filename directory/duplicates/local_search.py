"""Compares some listings with those that may be the same provider, without reading all others."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.duplicates.blocking import pairs_to_compare
from directory.duplicates.clinic_names import WordWeights, clinic_names
from directory.duplicates.commands import store_pairs
from directory.duplicates.listing_records import read_records
from directory.duplicates.record import Record
from directory.duplicates.score import THRESHOLD, compare
from directory.duplicates.tables import DuplicateCheck, DuplicatePair
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import OPEN
from directory.listings.tables import Listing, Location

V = TypeVar("V", int, str)

ZIP_LENGTH = 5

MAX_CHANGED = 500
"""The most changed listings that are compared in one transaction; arbitrary."""

OVERLAP = timedelta(minutes=5)
"""How far before the last check changes are looked for again: longer than a request takes to commit; arbitrary."""

BATCH = 500
"""Values in one statement; arbitrary."""


def find_for(session: Session, listing_ids: Collection[int], *, now: datetime) -> int:
    """Compare listings with the others that have their name, a phone number or the ZIP code of an address.

    Pairs are stored as `find_duplicates` stores them: a pair that was dismissed stays so, and pairs of these listings
    that no longer count go. `find_duplicates` compares more, such as equal names in other towns of the state.

    Returns:
        How many pairs are new.
    """
    wanted = set(listing_ids)
    if not wanted:
        return 0
    records = read_records(session, ids=wanted | _neighbors(session, wanted))
    words = _word_weights(session, records)
    found = {
        (match.one.id, match.other.id): match
        for match in (
            compare(one, other, words)
            for one, other in pairs_to_compare(records, words)
            if one.id in wanted or other.id in wanted
        )
        if match.score > THRESHOLD
    }
    compared = {record.id for record in records}
    stored = [
        pair
        for some in _chunks(wanted)
        for pair in session.scalars(
            sa.select(DuplicatePair).where(sa.or_(DuplicatePair.one_id.in_(some), DuplicatePair.other_id.in_(some)))
        )
    ]
    known = {(pair.one_id, pair.other_id): pair for pair in stored}
    # A pair that only the comparison of all listings finds is not compared here, so it stays.
    gone = {ids for ids in known if ids not in found and compared.issuperset(ids)}
    return store_pairs(session, known, found, gone=gone, now=now)


def check_changed(session: Session, *, now: datetime) -> int:
    """Compare the listings that changed since the last check, at most `MAX_CHANGED`; returns how many pairs are new."""
    check = session.get(DuplicateCheck, 1)
    if check is None:
        session.add(DuplicateCheck(id=1, checked_until=now))
        session.flush()
        return 0
    rows = session.execute(
        sa.select(Listing.id, Listing.updated_at)
        .where(Listing.updated_at > check.checked_until - OVERLAP, Listing.state.in_(OPEN))
        .order_by(Listing.updated_at, Listing.id)
        .limit(MAX_CHANGED)
    ).all()
    if not rows:
        return 0
    new = find_for(session, [row.id for row in rows], now=now)
    # A full batch ends in the middle: the next check goes on there, whatever the overlap.
    latest = rows[-1].updated_at
    check.checked_until = latest + OVERLAP if len(rows) == MAX_CHANGED else max(latest, check.checked_until)
    session.flush()
    return new


def _neighbors(session: Session, wanted: Collection[int]) -> set[int]:
    """Return the ids of the listings that have a name, phone number or ZIP code of these listings."""
    names: set[str] = set()
    phones: set[str] = set()
    zips: set[str] = set()
    for some in _chunks(wanted):
        for name, phone in session.execute(sa.select(Listing.name, Listing.phone).where(Listing.id.in_(some))):
            names.add(name)
            phones.add(phone)
        places = sa.select(Location.phone, Location.postal_code).where(Location.listing_id.in_(some))
        for phone, postal_code in session.execute(places):
            phones.add(phone)
            zips.add(postal_code[:ZIP_LENGTH])
    phones.discard("")
    found: set[int] = set()
    for some_names in _chunks(names):
        found |= set(session.scalars(sa.select(Listing.id).where(Listing.name.in_(some_names))))
    for some_phones in _chunks(phones):
        found |= set(session.scalars(sa.select(Listing.id).where(Listing.phone.in_(some_phones))))
        found |= set(session.scalars(sa.select(Location.listing_id).where(Location.phone.in_(some_phones))))
    for some_zips in _chunks(zips, size=100):
        ranges = (Location.postal_code.between(each, f"{each}-9999") for each in some_zips)
        found |= set(session.scalars(sa.select(Location.listing_id).where(sa.or_(*ranges))))
    return found


def _word_weights(session: Session, records: Sequence[Record]) -> WordWeights:
    """Return the weights of the words of all clinics, if clinics are compared."""
    if all(record.person for record in records):
        return WordWeights([])
    names = sa.select(Listing.name, Listing.other_name).where(
        Listing.kind == ListingKind.CLINIC, Listing.state.in_(OPEN)
    )
    rows = session.execute(names.execution_options(yield_per=1000))
    return WordWeights(clinic_names(name) + clinic_names(other_name) for name, other_name in rows)


def _chunks(values: Iterable[V], *, size: int = BATCH) -> Iterator[list[V]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
