"""The review queue: its page, the way to the next case, and releasing a case."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.review.case_filter import Due, FlagChoice, Order, QueueFilter, Who
from directory.review.case_holds import Hold, release_case, take_case
from directory.review.case_kinds import Flag, ItemKind, WaitingOn, end_of_day
from directory.review.case_queue import QueueCounts, QueuedCase, count_cases, count_queue, next_case, queued_cases
from directory.settings.queries import QueueTimes, queue_times
from directory.web.console.blueprint import blueprint
from directory.web.console.case_labels import FLAG_LABELS, KIND_LABELS
from directory.web.console.case_links import case_href, item_href
from directory.web.console.tables import PAGE_SIZE, TableLink, TablePage, table_href
from directory.web.support.guards import LISTING_ID
from directory.web.support.requests import actor, now, session
from directory.web.support.templating import render

E = TypeVar("E", bound=enum.StrEnum)

FILTERS = ("kind", "flag", "due", "who", "state", "sort", "q", "page")
"""The parameters of the queue's URL."""

MAX_TRIES = 5
"""How many cases are tried that others take at the same moment; arbitrary."""

_ALWAYS_SHOWN = tuple(ItemKind)[:5]
"""The kinds that have a tab even if nothing of the kind waits."""

_CHOICES: Mapping[str, tuple[str, str, Mapping[enum.StrEnum, str]]] = {
    "due": ("Due", "Any day", {Due.LATE: "Late", Due.TODAY: "Today", Due.LATER: "Later"}),
    "who": ("With", "Anybody", {Who.FREE: "Nobody or me", Who.ME: "Me", Who.OTHERS: "Others"}),
    "state": ("Waits for", "A reviewer", {WaitingOn.PROVIDER: "The provider"}),
    "flag": ("Flag", "Any or none", {FlagChoice.NONE: "Nothing to flag", FlagChoice.ANY: "Any flag", **FLAG_LABELS}),
    "sort": ("Order", "Due, oldest first", {Order.AGE: "Longest waiting first", Order.NAME: "Name"}),
}


@dataclass(frozen=True, slots=True)
class QueueSelect:
    """A menu of the filter form."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    value: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in the table. `due_kind` is “late”, “today” or empty; `minutes` is how long the hold lasts."""

    case: QueuedCase
    href: str
    place: str
    items: tuple[tuple[str, str], ...]
    flags: tuple[str, ...]
    age: str
    due: str
    due_kind: str
    is_mine: bool
    minutes: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """`console/queue.html`: a page of the cases that the filter lets through.

    `filters` are the parameters of the URL, for forms that lead back to this page.
    """

    counts: QueueCounts
    tabs: tuple[TableLink, ...]
    selects: tuple[QueueSelect, ...]
    search: str
    kind: str
    filters: tuple[tuple[str, str], ...]
    rows: tuple[CaseRow, ...]
    total: int
    paging: TablePage
    next_href: str
    is_filtered: bool
    waits_for_provider: bool

    def filtered_href(self, name: str, value: str) -> str:
        """Return the URL of the whole queue with one filter."""
        return _href("console.queue", {name: value})


def requested_filter() -> QueueFilter:
    """Return the filter in the URL; values that do not exist are left out."""
    args = request.args
    flag = _member(FlagChoice, args.get("flag")) or _member(Flag, args.get("flag"))
    return QueueFilter(
        kind=_member(ItemKind, args.get("kind")),
        flag=flag,
        due=_member(Due, args.get("due")),
        who=_member(Who, args.get("who")),
        state=_member(WaitingOn, args.get("state")) or WaitingOn.REVIEWER,
        search=args.get("q", ""),
        order=_member(Order, args.get("sort")) or Order.DUE,
    )


def queue_href() -> str:
    """Return the URL of the queue with the filters of this request."""
    return _href("console.queue", dict(_kept_filters()))


@blueprint.get("/")
def queue() -> str:
    """Show the cases, those due first at the top."""
    wanted, by = requested_filter(), actor()
    counts, times = count_queue(session(), by=by, now=now()), queue_times(session())
    total = count_cases(session(), wanted, counts, by=by, now=now())
    paging = TablePage.requested(total)
    found = queued_cases(session(), wanted, by=by, now=now(), limit=PAGE_SIZE, offset=paging.offset)
    return render(
        "console/queue.html", _page(wanted, counts, tuple(_row(case, times) for case in found), total, paging)
    )


@blueprint.get("/next")
def next_in_queue() -> Response:
    """Take the next case that is free, and open it; `after` skips one."""
    wanted, after = requested_filter(), request.args.get("after", type=int)
    for _ in range(MAX_TRIES):
        with transaction.atomic() as writing:
            listing_id = next_case(writing, wanted, by=actor(), now=now(), after=after)
            hold = take_case(writing, listing_id, by=actor(), now=now()) if listing_id is not None else None
        if listing_id is None:
            break
        if hold is None or hold.by_id == actor().id:
            return redirect(case_href(listing_id), 303)
    flash("Nothing that you could take waits here.", "success")
    return redirect(queue_href(), 303)


@blueprint.post(f"/cases/{LISTING_ID}/release")
def release(listing_id: int) -> Response:
    """Let others take a case."""
    with transaction.atomic() as writing:
        release_case(writing, listing_id, by=actor())
    return redirect(url_for("console.queue"), 303)


def _page(
    wanted: QueueFilter, counts: QueueCounts, rows: tuple[CaseRow, ...], total: int, paging: TablePage
) -> QueuePage:
    return QueuePage(
        counts=counts,
        tabs=_tabs(wanted, counts),
        selects=tuple(_select(name) for name in _CHOICES),
        search=wanted.search,
        kind=wanted.kind or "",
        filters=_kept_filters(),
        rows=rows,
        total=total,
        paging=paging,
        next_href=_href("console.next_in_queue", dict(_kept_filters(without="page"))),
        is_filtered=wanted != QueueFilter(),
        waits_for_provider=wanted.state is WaitingOn.PROVIDER,
    )


def _tabs(wanted: QueueFilter, counts: QueueCounts) -> tuple[TableLink, ...]:
    is_plain = wanted.flag is not FlagChoice.NONE
    whole = TableLink("All", table_href(kind=None, flag=None), counts.waiting, wanted.kind is None and is_plain)
    clean = TableLink("Nothing to flag", table_href(kind=None, flag="none"), counts.unflagged, not is_plain)
    kinds = (
        TableLink(_tab_text(kind), table_href(kind=kind.value, flag=None), count, is_plain and kind is wanted.kind)
        for kind in ItemKind
        if (count := counts.by_kind.get(kind, 0)) or kind in _ALWAYS_SHOWN
    )
    return (whole, clean, *kinds)


def _tab_text(kind: ItemKind) -> str:
    plural = {
        ItemKind.LISTING,
        ItemKind.REVISION,
        ItemKind.CLAIM,
        ItemKind.REPORT,
        ItemKind.DUPLICATE,
        ItemKind.MESSAGE,
    }
    return KIND_LABELS[kind] + ("s" if kind in plural else "")


def _select(name: str) -> QueueSelect:
    label, whole, options = _CHOICES[name]
    texts = {option.value: text for option, text in options.items()}
    wanted = request.args.get(name, "")
    return QueueSelect(name, label, (("", whole), *texts.items()), wanted if wanted in texts else "")


def _row(case: QueuedCase, times: QueueTimes) -> CaseRow:
    due, due_kind = _due_words(case.due_at, now(), times)
    return CaseRow(
        case=case,
        href=case_href(case.listing_id),
        place=", ".join(filter(None, (case.city, case.region))),
        items=tuple((KIND_LABELS[item.kind], item_href(case.listing_id, item.subject)) for item in case.items),
        flags=tuple(dict.fromkeys(words for item in case.items for words in item.flags.values())),
        age=_age_words(now() - case.since),
        due=due,
        due_kind=due_kind,
        is_mine=case.hold is not None and case.hold.by_id == actor().id,
        minutes=_minutes_left(case.hold, now()),
    )


def _minutes_left(hold: Hold | None, now: datetime) -> int:
    """Return the minutes for which a hold lasts, rounded up."""
    return 0 if hold is None else -(-int((hold.until - now).total_seconds()) // 60)


def _age_words(age: timedelta) -> str:
    return f"{age.days:,} d" if age.days else f"{max(0, int(age.total_seconds()) // 3600)} h"


def _due_words(due: datetime | None, now: datetime, times: QueueTimes) -> tuple[str, str]:
    if due is None:
        return "no deadline", ""
    local = due.astimezone(times.time_zone)
    if due < now:
        return f"late {_age_words(now - due)}", "late"
    midnight = end_of_day(now, times)
    if due < midnight:
        return f"today {local:%H:%M}", "today"
    if due < midnight + timedelta(days=1):
        return "tomorrow", ""
    return f"{local:%b} {local.day}", ""


def _href(endpoint: str, parameters: Mapping[str, Any]) -> str:
    return url_for(endpoint, **parameters)


def _kept_filters(without: str = "") -> tuple[tuple[str, str], ...]:
    kept = ((name, request.args.get(name, "")) for name in FILTERS if name != without)
    return tuple((name, value) for name, value in kept if value)


def _member(kind: type[E], text: str | None) -> E | None:
    return kind(text) if text in set(kind) else None
