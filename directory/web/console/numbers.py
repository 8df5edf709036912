"""The console's page of numbers: the queue, decisions, listings, badges and email, with charts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from directory.disputes.queries import count_waiting
from directory.listings.lifecycle import ListingState
from directory.outbox.queries import EmailState, count_emails
from directory.statistics import review_numbers
from directory.statistics.badge_periods import Loss
from directory.statistics.months import month_words
from directory.statistics.queries import stored_figures
from directory.statistics.review_numbers import AGES, DecisionTimes, WaitingCases, Week
from directory.web.console.blueprint import blueprint
from directory.web.support.charts import Column, Figure, Segment, column_chart, line_chart
from directory.web.support.requests import actor, now, session
from directory.web.support.state_labels import LISTING_LABELS
from directory.web.support.templating import render

LATE_AGES = 2
"""How many of the oldest groups of the queue are drawn in another color."""

LOSSES = (
    (Loss.REVOKED.value, "is-wrong", "Revoked"),
    (Loss.RAN_OUT.value, "is-between", "Ran out"),
    (Loss.OTHER.value, "is-unanswered", "Other"),
)
"""Why badges end, with the class of the color and the label."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with its words, one more detail, and a link to what it counts; `href` may be empty."""

    number: str
    words: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """`console/numbers.html`; `counted_at` is when the figures of badges were counted, None before the first time."""

    tiles: tuple[Tile, ...]
    figures: tuple[Figure, ...]
    counted_at: datetime | None


@blueprint.get("/numbers")
def numbers() -> str:
    """Show the numbers of the reviewers' work and of the directory."""
    waiting = review_numbers.waiting_cases(session(), now=now())
    listings = review_numbers.listings_by_state(session())
    weeks = review_numbers.weekly_flow(session(), now=now())
    stored = stored_figures(session())
    page = NumbersPage(
        tiles=(
            _queue_tile(waiting),
            *_decision_tiles(review_numbers.decision_times(session(), now=now())),
            Tile(f"{weeks[-1].decided:,}", "decided in the last 7 days", f"{weeks[-1].came_in:,} came in", ""),
            Tile(f"{listings[ListingState.PUBLISHED]:,}", "published", f"of {sum(listings.values()):,} listings", ""),
            *([_badge_tile(stored.document)] if stored else []),
            Tile(f"{count_waiting(session()):,}", "reports open", "", url_for("console.disputes")),
            _mail_tile(count_emails(session(), now=now())),
        ),
        figures=(
            _queue_chart(waiting),
            _flow_chart(weeks),
            *([_badges_chart(stored.document), _ending_chart(stored.document)] if stored else []),
            _listings_chart(listings),
        ),
        counted_at=stored.counted_at if stored else None,
    )
    return render("console/numbers.html", page)


def _queue_tile(waiting: WaitingCases) -> Tile:
    detail = f"the oldest for {_duration(now() - waiting.oldest)}" if waiting.oldest else "nothing waits"
    return Tile(f"{waiting.total:,}", "waiting for a reviewer", detail, url_for("console.queue"))


def _decision_tiles(times: DecisionTimes) -> tuple[Tile, ...]:
    """Return the median time to a decision, or nothing if there were no decisions."""
    if times.latest is None:
        return ()
    before = (
        f"was {_duration(times.before)} in the 30 days before" if times.before is not None else "in the last 30 days"
    )
    return (Tile(_duration(times.latest), "to decide, half of all", before, ""),)


def _badge_tile(document: Mapping[str, Any]) -> Tile:
    ending = document["badges_ending"][0]
    detail = f"{ending['count']:,} end in {month_words(ending['month'])}"
    return Tile(f"{document['listings']['badges']:,}", "badges show", detail, "/statistics")


def _mail_tile(counts: Mapping[EmailState, int]) -> Tile:
    href = url_for("console.outbox", state=EmailState.GIVEN_UP.value) if actor().administers else ""
    return Tile(
        f"{counts[EmailState.GIVEN_UP]:,}", "emails failed", f"{counts[EmailState.RETRYING]:,} are retried", href
    )


def _queue_chart(waiting: WaitingCases) -> Figure:
    late = len(AGES) - LATE_AGES
    columns = [
        Column(label, (Segment(count, "is-between" if place >= late else ""),))
        for place, (label, count) in enumerate(zip(AGES, waiting.by_age, strict=True))
    ]
    said = f"{waiting.total:,} wait, {waiting.by_age[-1]:,} of them for over 30 days."
    return Figure(
        column_chart("queue", "How long cases have waited", said, columns),
        ("Waited", "Cases"),
        tuple(zip(AGES, waiting.by_age, strict=True)),
        href=url_for("console.queue"),
        link="Open the queue, the longest waiting first",
    )


def _flow_chart(weeks: tuple[Week, ...]) -> Figure:
    labels = [f"{week.start:%b} {week.start.day}" for week in weeks]
    series = [("", [week.came_in for week in weeks]), ("is-second", [week.decided for week in weeks])]
    said = f"In the last 7 days {weeks[-1].came_in:,} came in and {weeks[-1].decided:,} were decided."
    return Figure(
        line_chart("flow", "Came in and decided, by week", said, labels, series),
        ("Week from", "Came in", "Decided"),
        tuple((label, week.came_in, week.decided) for label, week in zip(labels, weeks, strict=True)),
        note="New listings, attestations, changes and claims.",
        legend=(("", "Came in"), ("is-second", "Decided")),
    )


def _badges_chart(document: Mapping[str, Any]) -> Figure:
    found = document["badges"]
    columns = [
        Column(
            month_words(each["month"]).partition(" ")[0],
            (Segment(each["gained"]),),
            tuple(Segment(each[name], kind) for name, kind, _ in LOSSES),
        )
        for each in found
    ]
    said = f"This month {found[-1]['gained']:,} were gained."
    return Figure(
        column_chart("badges", "Badges gained and lost, by month", said, columns),
        ("Month", "Gained", *(label for _, _, label in LOSSES), "Shown at its end"),
        tuple(
            (month_words(each["month"]), each["gained"], *(each[name] for name, _, _ in LOSSES), each["shown"])
            for each in found
        ),
        legend=(("", "Gained (up)"), *((kind, f"{label} (down)") for _, kind, label in LOSSES)),
    )


def _ending_chart(document: Mapping[str, Any]) -> Figure:
    found = document["badges_ending"]
    columns = [
        Column(month_words(each["month"]).partition(" ")[0], (Segment(each["count"], "" if place else "is-between"),))
        for place, each in enumerate(found)
    ]
    said = "; ".join(f"{month_words(each['month'])}: {each['count']:,}" for each in found)
    return Figure(
        column_chart("ending", "Badges that end, by month", said, columns),
        ("Month", "End"),
        tuple((month_words(each["month"]), each["count"]) for each in found),
        note="Unless they are renewed. The first column is what is left of this month.",
    )


def _listings_chart(listings: Mapping[ListingState, int]) -> Figure:
    rows = tuple((LISTING_LABELS[state], count) for state, count in listings.items())
    columns = [Column(state.value.capitalize(), (Segment(count),)) for state, count in listings.items()]
    said = "; ".join(f"{label}: {count:,}" for label, count in rows)
    return Figure(column_chart("listings", "Listings by state", said, columns), ("State", "Listings"), rows)


def _duration(time: timedelta) -> str:
    """Return a duration in its two largest units: “2 d 1 h”, “4 h 5 min” or “3 min”."""
    minutes = int(time.total_seconds()) // 60
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    if days:
        return f"{days:,} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
