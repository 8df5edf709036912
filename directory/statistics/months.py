"""Calendar months in UTC: the months before and after a moment, and counts by month."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime

from directory.certification.wording import format_month


def months_around(now: datetime, *, before: int, after: int) -> tuple[datetime, ...]:
    """Return the first moments of the months from `before` months before that of `now` to `after` months after it."""
    moment = now.astimezone(UTC)
    this = moment.year * 12 + moment.month - 1
    return tuple(
        datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in range(this - before, this + after + 1)
    )


def month_index(months: Sequence[datetime], at: datetime) -> int | None:
    """Return the place of the month that contains `at`; None before the first, and after the last of `months`.

    The last of `months` is only the end of the one before it.
    """
    place = bisect_right(months, at) - 1
    return place if 0 <= place < len(months) - 1 else None


def month_name(month: datetime) -> str:
    """Return the month as in ISO 8601: “2026-11”."""
    return f"{month:%Y-%m}"


def month_words(name: str) -> str:
    """Return a month such as “2026-11” in words: “Nov 2026”."""
    year, month = name.split("-")
    return format_month(datetime(int(year), int(month), 1, tzinfo=UTC))
