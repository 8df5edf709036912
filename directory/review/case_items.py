"""Keeps the stored items and cases of the review queue as the tables of claims, answers and so on say."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.database import Base
from directory.listings.tables import Listing
from directory.review.case_kinds import WaitingItem, WaitingOn, due_date
from directory.review.case_sources import SOURCES, Within
from directory.review.case_tables import ReviewCase, ReviewHold, ReviewItem
from directory.settings.queries import queue_times

BATCH = 500
"""Listings of one round of statements; arbitrary, well below the number of parameters that SQLite allows."""

Rows: TypeAlias = dict[Hashable, dict[str, Any]]
"""Rows as they should be, or as they are stored, by their key."""

_items, _cases, _holds = (Base.metadata.tables[table.__tablename__] for table in (ReviewItem, ReviewCase, ReviewHold))


def refresh_items(session: Session, listing_ids: Collection[int], *, decided_by: Collection[int] = ()) -> None:
    """Store what waits for these listings now, and what no longer waits, in a fixed number of statements.

    `case_events` calls this before each commit. The holds of `decided_by`, the accounts that decided something, end,
    and so does the hold of a case in which nothing waits for a reviewer.
    """
    ordered = sorted(set(listing_ids))
    for first in range(0, len(ordered), BATCH):
        wanted = ordered[first : first + BATCH]
        # Two transactions that change one case take turns, or the second would not see what the first one added.
        session.execute(sa.select(Listing.id).where(Listing.id.in_(wanted)).with_for_update(key_share=True)).all()
        _store(session, partial(_is_one_of, wanted))
        end_holds(session, wanted, decided_by)


def rebuild_items(session: Session) -> int:
    """Store anew what waits for all listings; returns how many rows differed."""
    return _store(session, _everything)


def count_differences(session: Session) -> int:
    """Return how many stored rows differ from what they should be."""
    return sum(len(rows) for pair in _compared(session, _everything) for rows in _difference(*pair))


def find_waiting(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find what waits, without looking at what is stored."""
    times = queue_times(session)
    for source in SOURCES:
        for item in source(session, within):
            if item.due_at is None and item.waiting_on is WaitingOn.REVIEWER:
                yield replace(item, due_at=due_date(item.kind, item.since, times))
            else:
                yield item


def _is_one_of(listing_ids: list[int], column: Any) -> sa.ColumnElement[bool]:
    is_one: sa.ColumnElement[bool] = column.in_(listing_ids)
    return is_one


def _everything(_column: Any) -> sa.ColumnElement[bool]:
    return sa.true()


def _store(session: Session, within: Within) -> int:
    (items, stored_items), (cases, stored_cases) = _compared(session, within)
    keys = (_items.c.listing_id, _items.c.kind, _items.c.subject)
    return _write(session, _items, keys, items, stored_items) + _write(
        session, _cases, (_cases.c.listing_id,), cases, stored_cases
    )


def _compared(session: Session, within: Within) -> tuple[tuple[Rows, Rows], tuple[Rows, Rows]]:
    """Return the items and the cases, each as they should be and as they are stored."""
    session.flush()
    found = sorted(find_waiting(session, within), key=attrgetter("listing_id"))
    items: Rows = {(item.listing_id, item.kind, item.subject): _item_row(item) for item in found}
    cases: Rows = {
        listing_id: _case_row(listing_id, list(group)) for listing_id, group in groupby(found, attrgetter("listing_id"))
    }
    stored_items = session.execute(sa.select(_items).where(within(_items.c.listing_id))).mappings()
    stored_cases = session.execute(sa.select(_cases).where(within(_cases.c.listing_id))).mappings()
    return (
        (items, {(row["listing_id"], row["kind"], row["subject"]): _without_id(row) for row in stored_items}),
        (cases, {row["listing_id"]: dict(row) for row in stored_cases}),
    )


def _item_row(item: WaitingItem) -> dict[str, Any]:
    return {
        "listing_id": item.listing_id,
        "kind": item.kind,
        "subject": item.subject,
        "since": item.since,
        "due_at": item.due_at,
        "flags": dict(item.flags),
        "waiting_on": item.waiting_on,
    }


def _case_row(listing_id: int, items: list[WaitingItem]) -> dict[str, Any]:
    mine = [item for item in items if item.waiting_on is WaitingOn.REVIEWER] or items
    return {
        "listing_id": listing_id,
        "since": min(item.since for item in mine),
        "due_at": min((item.due_at for item in mine if item.due_at is not None), default=None),
        "flagged": any(item.flags for item in mine),
        "waiting_on": mine[0].waiting_on,
    }


def _without_id(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _difference(wanted: Rows, stored: Rows) -> tuple[list[Hashable], list[Hashable], list[Hashable]]:
    """Return the keys of the rows that are missing, changed and left over."""
    missing = [key for key in wanted if key not in stored]
    changed = [key for key in wanted if key in stored and wanted[key] != stored[key]]
    return missing, changed, [key for key in stored if key not in wanted]


def _write(session: Session, table: Any, keys: tuple[Any, ...], wanted: Rows, stored: Rows) -> int:
    missing, changed, left = _difference(wanted, stored)
    gone = [stored[key] for key in (*changed, *left)]
    if gone:
        matches = sa.and_(*(column == sa.bindparam(f"old_{column.name}") for column in keys))
        session.execute(
            sa.delete(table).where(matches),
            [{f"old_{column.name}": row[column.name] for column in keys} for row in gone],
        )
    if rows := [wanted[key] for key in (*missing, *changed)]:
        session.execute(sa.insert(table), rows)
    return len(missing) + len(changed) + len(left)


def end_holds(session: Session, listing_ids: Iterable[int], decided_by: Collection[int]) -> None:
    """End the holds of these cases that are of `decided_by`, and those of cases that wait for no reviewer."""
    waits = sa.exists().where(_cases.c.listing_id == _holds.c.listing_id, _cases.c.waiting_on == WaitingOn.REVIEWER)
    ends = sa.or_(~waits, _holds.c.by_id.in_(sorted(decided_by)))
    session.execute(sa.delete(_holds).where(_holds.c.listing_id.in_(listing_ids), ends))
