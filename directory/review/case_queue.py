"""Database queries for the review queue: its counts, one page of cases, and the next case for a reviewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.accounts.tables import Account
from directory.claims.tables import Claim
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingManager, Location
from directory.review.case_filter import Due, FlagChoice, Order, QueueFilter, Who, conditions, ordering, waits
from directory.review.case_holds import Hold
from directory.review.case_kinds import ItemKind, WaitingOn, end_of_day
from directory.review.case_tables import ReviewCase, ReviewHold, ReviewItem
from directory.settings.queries import queue_times


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases wait for a reviewer, and how many of them are late, due today, without a flag, and taken by me."""

    waiting: int
    late: int
    today: int
    unflagged: int
    mine: int
    by_kind: Mapping[ItemKind, int]


@dataclass(frozen=True, slots=True)
class CaseItem:
    """One thing that waits, as the queue shows it."""

    kind: ItemKind
    subject: str
    flags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """One case, as the queue shows it; `city` and `region` are those of the first address, or empty."""

    listing_id: int
    name: str
    listing_state: ListingState
    city: str
    region: str
    since: datetime
    due_at: datetime | None
    items: tuple[CaseItem, ...]
    hold: Hold | None


def count_queue(session: Session, *, by: Actor, now: datetime) -> QueueCounts:
    """Count the cases that wait for a reviewer, with two statements."""
    case, item = ReviewCase, ReviewItem
    is_today = sa.and_(case.due_at >= now, case.due_at < end_of_day(now, queue_times(session)))
    totals = sa.select(
        sa.func.count(),
        _count(case, case.due_at < now),
        sa.func.count().filter(is_today),
        sa.func.count().filter(case.flagged.is_(False)),
        _count(ReviewHold, ReviewHold.by_id == by.id, ReviewHold.until > now),
    ).where(waits(case, WaitingOn.REVIEWER, now))
    total, late, today, unflagged, mine = map(int, session.execute(totals).one())
    kinds = session.execute(
        sa.select(item.kind, sa.func.count(item.listing_id.distinct()))
        .where(waits(item, WaitingOn.REVIEWER, now))
        .group_by(item.kind)
    )
    by_kind = {kind: count for kind, count in kinds}  # noqa: C416  rows are typed by unpacking
    return QueueCounts(total, late, today, unflagged, mine, by_kind)


def _count(table: Any, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).where(*conditions).scalar_subquery()


def count_cases(session: Session, wanted: QueueFilter, counts: QueueCounts, *, by: Actor, now: datetime) -> int:
    """Count the cases that a filter lets through; `counts` are those of the whole queue, where no more is needed."""
    whole = QueueFilter(order=wanted.order)
    known = {
        whole: counts.waiting,
        replace(whole, flag=FlagChoice.NONE): counts.unflagged,
        replace(whole, due=Due.LATE): counts.late,
        replace(whole, due=Due.TODAY): counts.today,
        replace(whole, kind=wanted.kind): counts.by_kind.get(wanted.kind, 0) if wanted.kind else counts.waiting,
    }
    if wanted in known:
        return known[wanted]
    cases: int | None = session.scalar(
        _joined(sa.select(sa.func.count()).select_from(ReviewCase), now).where(
            *conditions(wanted, by, now, queue_times(session))
        )
    )
    return cases or 0


def queued_cases(
    session: Session, wanted: QueueFilter, *, by: Actor, now: datetime, limit: int, offset: int
) -> list[QueuedCase]:
    """Return a page of the cases that a filter lets through, with two statements."""
    first = sa.and_(Location.listing_id == ReviewCase.listing_id, Location.ordinal == 0)
    columns = (
        *(ReviewCase.listing_id, ReviewCase.since, ReviewCase.due_at, Listing.name, Listing.state),
        *(Location.city, Location.state.label("region")),
        *(ReviewHold.by_id, ReviewHold.until, Account.name.label("holder"), Account.email),
    )
    rows = session.execute(
        _joined(sa.select(*columns), now)
        .outerjoin(Location, first)
        .outerjoin(Account, Account.id == ReviewHold.by_id)
        .where(*conditions(wanted, by, now, queue_times(session)))
        .order_by(*ordering(wanted))
        .limit(limit)
        .offset(offset)
    ).all()
    items = _items_of(session, [row.listing_id for row in rows], wanted.state, now)
    return [_queued(row, items.get(row.listing_id, ())) for row in rows]


def cases_of(session: Session, listing_ids: Sequence[int], *, now: datetime) -> dict[int, tuple[CaseItem, ...]]:
    """Return what waits for a reviewer of these listings, by listing."""
    return _items_of(session, listing_ids, WaitingOn.REVIEWER, now)


def next_case(
    session: Session, wanted: QueueFilter, *, by: Actor, now: datetime, after: int | None = None
) -> int | None:
    """Return the listing of the next case that nobody else has and that `by` may decide on, or None.

    Args:
        session: the session.
        wanted: the filter of the queue that the reviewer works through; always what waits for a reviewer.
        by: the reviewer.
        now: the current time.
        after: a case to skip with all before it; if none comes after it, the first one is next.
    """
    wanted = replace(wanted, state=WaitingOn.REVIEWER, who=wanted.who or Who.FREE)
    free = (
        _joined(sa.select(ReviewCase.listing_id), now)
        .where(*conditions(wanted, by, now, queue_times(session)), *_undecidable_left_out(by))
        .order_by(*ordering(wanted))
        .limit(1)
    )
    skipped = session.get(ReviewCase, after) if after is not None else None
    if skipped is None or skipped.due_at is None:
        return _first(session, free)
    later = sa.tuple_(ReviewCase.due_at, ReviewCase.listing_id) > sa.tuple_(
        sa.literal(skipped.due_at, ReviewCase.due_at.type), sa.literal(skipped.listing_id)
    )
    found = _first(session, free.where(later)) if wanted.order is Order.DUE else None
    return found or _first(session, free.where(ReviewCase.listing_id != skipped.listing_id))


def _first(session: Session, cases: sa.Select[int]) -> int | None:
    return session.scalar(cases)


def _joined(cases: Any, now: datetime) -> Any:
    """Join the listing of each case and its current hold."""
    held = sa.and_(ReviewHold.listing_id == ReviewCase.listing_id, ReviewHold.until > now)
    return cases.join(Listing, Listing.id == ReviewCase.listing_id).outerjoin(ReviewHold, held)


def _undecidable_left_out(by: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """SQL: the reviewer neither manages the listing nor has claimed it."""
    manages = sa.exists().where(ListingManager.listing_id == ReviewCase.listing_id, ListingManager.account_id == by.id)
    claims = sa.exists().where(Claim.listing_id == ReviewCase.listing_id, Claim.account_id == by.id)
    return (~manages, ~claims)


def _items_of(
    session: Session, listing_ids: Sequence[int], state: WaitingOn, now: datetime
) -> dict[int, tuple[CaseItem, ...]]:
    order = list(ItemKind)
    rows = session.execute(
        sa.select(ReviewItem.listing_id, ReviewItem.kind, ReviewItem.subject, ReviewItem.flags)
        .where(ReviewItem.listing_id.in_(listing_ids), waits(ReviewItem, state, now))
        .order_by(ReviewItem.id)
    )
    found: dict[int, list[CaseItem]] = {}
    for row in rows:
        found.setdefault(row.listing_id, []).append(CaseItem(row.kind, row.subject, row.flags))
    return {each: tuple(sorted(items, key=lambda item: order.index(item.kind))) for each, items in found.items()}


def _queued(row: Any, items: tuple[CaseItem, ...]) -> QueuedCase:
    hold = Hold(row.by_id, row.holder or row.email, row.until) if row.by_id is not None else None
    return QueuedCase(
        listing_id=row.listing_id,
        name=row.name,
        listing_state=row.state,
        city=row.city or "",
        region=row.region or "",
        since=row.since,
        due_at=row.due_at,
        items=items,
        hold=hold,
    )
