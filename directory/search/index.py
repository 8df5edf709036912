"""The index of what is public: kept with every change, rebuilt, verified, and searched nearest first."""

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.listings.tables import Listing
from directory.search.cells import HALF_ROUND_MILES
from directory.search.entries import Row, Which, entries
from directory.search.keys import Scope
from directory.search.query import MAX_PAGE, SearchQuery
from directory.search.reading import Reader
from directory.search.tables import search_cells

FEWEST = 10
"""A search that finds fewer goes on to so many, and says which of them lie outside the radius."""

READ_WHOLE = 300
"""Rows that are read and ranked as they are; past it, hits are counted and only the nearest are read."""

BATCH = 500
"""Listings worked on at a time; arbitrary, some hundred kilobytes."""

LAST_ID = 2**31 - 1
"""The greatest id that both databases can hold in an integer column."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A listing found, at its nearest location; great-circle miles from the place asked for."""

    listing_id: int
    location_id: int
    miles: float
    outside_radius: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits, nearest first. `total` counts the listings within the radius, exactly.

    Where they are fewer than `FEWEST`, the nearest ones outside follow them and are not in `total`. The rows are
    what the search cost: those read for the hits do not grow with the index, those counted grow with `total`.
    """

    hits: tuple[Hit, ...]
    total: int
    has_next: bool
    rows_read: int = field(compare=False)
    rows_counted: int = field(compare=False)


class Trouble(enum.StrEnum):
    """How a row of the index can disagree with the tables."""

    MISSING = "missing"
    LEFT_OVER = "left over"
    OUT_OF_DATE = "out of date"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A row of the index that is not as the tables say."""

    listing_id: int
    location_id: int
    key: int
    trouble: Trouble


def find(session: Session, query: SearchQuery, *, now: datetime) -> Found:
    """The page of listings that the query asks for, nearest first, equals by listing id.

    A listing with several locations appears once, at its nearest. A page past the end has no hits and the
    right total.
    """
    reader = Reader(session.connection(), Scope.of(query, now), query.origin)
    reach = HALF_ROUND_MILES if query.within_miles is None else query.within_miles
    first, last = query.offset, query.offset + query.per_page
    whole = reader.within(reach, limit=READ_WHOLE)
    total = reader.count(reach) if whole is None else len(whole)
    if total < FEWEST and query.within_miles is not None:
        ranked = reader.nearest(FEWEST)
    elif whole is not None:
        ranked = whole
    else:
        ranked = reader.nearest(min(last, total)) if first < total else []
    hits = tuple(Hit(near.listing_id, near.location_id, near.miles, near.miles > reach) for near in ranked[first:last])
    more = last < max(total, len(ranked)) and query.page < MAX_PAGE
    return Found(hits, total, more, reader.rows_read, reader.rows_counted)


def refresh(session: Session, listing_ids: Iterable[int], *, rulesets: Rulesets) -> None:
    """Bring the rows of some listings up to date, in the caller's transaction and after all its changes.

    Raises:
        NotFound: an accepted attestation was signed under rules that are not published.
        Invalid: an accepted answer breaks the rules that it was signed under.
    """
    session.flush()
    wanted = sorted(set(listing_ids))
    for start in range(0, len(wanted), BATCH):
        _replace(session, _among(wanted[start : start + BATCH]), rulesets=rulesets)


def rebuild(session: Session, *, rulesets: Rulesets, progress: Callable[[int], object] | None = None) -> int:
    """Make the whole index anew, in the caller's transaction, so that others see the old one until it commits.

    Args:
        session: whose transaction this is.
        rulesets: the published rules.
        progress: told after each batch how many rows were written since the last time.

    Returns:
        How many rows the index has.
    """
    session.flush()
    rows = 0
    for span in _spans(session):
        written = _replace(session, span, rulesets=rulesets)
        rows += written
        if progress:
            progress(written)
    return rows


def verify(session: Session, *, rulesets: Rulesets) -> Iterator[Difference]:
    """Every row of the index that is not as the tables say; none where all is well."""
    session.flush()
    for span in _spans(session):
        expected = {_place(row): row for row in entries(session, span, rulesets=rulesets)}
        # Plain dicts, because a row of SQLAlchemy's equals none.
        rows = [dict(row) for row in session.execute(_stored(span)).mappings()]
        stored = {_place(row): row for row in rows}
        for place in sorted(expected.keys() | stored.keys()):
            trouble = _trouble(expected.get(place), stored.get(place))
            if trouble:
                listing_id, location_id, key, _ = place
                yield Difference(listing_id, location_id, key, trouble)


def _among(ids: Sequence[int]) -> Which:
    return lambda column: column.in_(ids)


def _after(first: int, last: int) -> Which:
    return lambda column: sa.and_(column > first, column <= last)


def _spans(session: Session) -> Iterator[Which]:
    """All ids in runs of `BATCH` listings; the last one is open, so that rows of lost listings are in one too."""
    done = 0
    ids = sa.select(Listing.id).order_by(Listing.id).offset(BATCH - 1).limit(1)
    while (upto := session.scalar(ids.where(Listing.id > done))) is not None:
        yield _after(done, upto)
        done = upto
    yield _after(done, LAST_ID)


def _replace(session: Session, which: Which, *, rulesets: Rulesets) -> int:
    """Write the rows of some listings anew; how many there are now."""
    # Two changes of one listing may run side by side in PostgreSQL: the second waits here for the first, and
    # then sees what it did. SQLite has one writer, and leaves the clause out.
    lock = sa.select(Listing.id).where(which(Listing.id)).order_by(Listing.id)
    session.execute(lock.with_for_update(key_share=True)).all()
    session.execute(sa.delete(search_cells).where(which(search_cells.c.listing_id)))
    rows = list(entries(session, which, rulesets=rulesets))
    if rows:
        session.execute(sa.insert(search_cells), rows)
    return len(rows)


def _stored(which: Which) -> sa.Select[tuple[int, ...]]:
    return sa.select(search_cells).where(which(search_cells.c.listing_id))


def _place(row: Row) -> tuple[int, int, int, int]:
    return row["listing_id"], row["location_id"], row["key"], row["code"]


def _trouble(expected: Row | None, stored: Row | None) -> Trouble | None:
    if stored is None:
        return Trouble.MISSING
    if expected is None:
        return Trouble.LEFT_OVER
    return None if expected == stored else Trouble.OUT_OF_DATE
