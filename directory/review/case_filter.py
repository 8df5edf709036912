"""The filter of the review queue, as SQL conditions on its cases."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.accounts.policy import Actor
from directory.listings.tables import Listing
from directory.review.case_kinds import Flag, ItemKind, WaitingOn, end_of_day
from directory.review.case_tables import ReviewCase, ReviewHold, ReviewItem
from directory.settings.queries import QueueTimes

MAX_SEARCH = 100
"""The most characters of a search that are used; arbitrary, longer than most names."""

MAX_CASE_DIGITS = 9


class Due(enum.StrEnum):
    """When a case is due."""

    LATE = "late"
    TODAY = "today"
    LATER = "later"


class Who(enum.StrEnum):
    """Who has taken a case."""

    ME = "me"
    FREE = "free"
    OTHERS = "others"


class FlagChoice(enum.StrEnum):
    """Whether anything of a case has a flag. A single `Flag` can be chosen too."""

    NONE = "none"
    ANY = "any"


class Order(enum.StrEnum):
    """The order of the queue."""

    DUE = "due"
    AGE = "age"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which cases are shown, and in what order; None does not restrict them."""

    kind: ItemKind | None = None
    flag: FlagChoice | Flag | None = None
    due: Due | None = None
    who: Who | None = None
    state: WaitingOn = WaitingOn.REVIEWER
    search: str = ""
    order: Order = Order.DUE


def waits(table: Any, state: WaitingOn, now: datetime) -> sa.ColumnElement[bool]:
    """SQL: a case or item waits for this side. What a provider did not answer in time waits for a reviewer."""
    is_over = sa.and_(table.due_at.is_not(None), table.due_at <= now)
    if state is WaitingOn.REVIEWER:
        return sa.and_(table.due_at.is_not(None), sa.or_(table.waiting_on == state, table.due_at <= now))
    return sa.and_(table.waiting_on == state, ~is_over)


def conditions(wanted: QueueFilter, by: Actor, now: datetime, times: QueueTimes) -> list[sa.ColumnElement[bool]]:
    """SQL: the conditions on a case; the statement has to join `Listing` and the current `ReviewHold`."""
    found = [waits(ReviewCase, wanted.state, now)]
    if wanted.kind is not None:
        found.append(_has_item(ReviewItem.kind == wanted.kind, waits(ReviewItem, wanted.state, now)))
    if wanted.flag is not None:
        found.append(_flagged(wanted.flag))
    if wanted.due is not None:
        found.append(_due(wanted.due, now, times))
    if wanted.who is not None:
        found.append(_held(wanted.who, by))
    if search := wanted.search.strip()[:MAX_SEARCH]:
        found.append(_matches(search))
    return found


def _has_item(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(ReviewItem.listing_id == ReviewCase.listing_id, *conditions)


def _flagged(flag: FlagChoice | Flag) -> sa.ColumnElement[bool]:
    if isinstance(flag, Flag):
        return _has_item(sa.cast(ReviewItem.flags, sa.Text).contains(f'"{flag.value}"'))
    return ReviewCase.flagged.is_(flag is FlagChoice.ANY)


def _due(due: Due, now: datetime, times: QueueTimes) -> sa.ColumnElement[bool]:
    if due is Due.LATE:
        return ReviewCase.due_at < now
    midnight = end_of_day(now, times)
    if due is Due.TODAY:
        return sa.and_(ReviewCase.due_at >= now, ReviewCase.due_at < midnight)
    return ReviewCase.due_at >= midnight


def _held(who: Who, by: Actor) -> sa.ColumnElement[bool]:
    if who is Who.ME:
        return ReviewHold.by_id == by.id
    if who is Who.OTHERS:
        return ReviewHold.by_id != by.id
    return sa.or_(ReviewHold.by_id.is_(None), ReviewHold.by_id == by.id)


def _matches(search: str) -> sa.ColumnElement[bool]:
    """SQL: the name or practice has this text, or it is the NPI or the number of the case."""
    text = search.replace("\0", "")
    found = [Listing.name.icontains(text, autoescape=True), Listing.practice.icontains(text, autoescape=True)]
    if text.isascii() and text.isdigit():
        found.append(Listing.npi == text)
        found += [Listing.id == int(text)] if len(text) <= MAX_CASE_DIGITS else []
    return sa.or_(*found)


def ordering(wanted: QueueFilter) -> tuple[Any, ...]:
    """SQL: what the cases are sorted by; the number of the case decides between equals."""
    if wanted.order is Order.NAME:
        return (sa.func.lower(Listing.name), ReviewCase.listing_id)
    if wanted.order is Order.AGE:
        return (ReviewCase.since, ReviewCase.listing_id)
    due = ReviewCase.due_at if wanted.state is WaitingOn.REVIEWER else ReviewCase.due_at.asc().nulls_last()
    return (due, ReviewCase.listing_id)
