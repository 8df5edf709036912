"""Database queries for page views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.page_views.tables import CountedPage, PageViews

MONTHS = 12
"""How many months are shown."""


@dataclass(frozen=True, slots=True)
class MonthlyViews:
    """How often the pages of a listing were opened in one month."""

    month: date
    listing: int
    verify: int


def month_of(moment: datetime) -> date:
    """The first day of the month of a time in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def views_this_month(session: Session, listing_ids: Sequence[int], *, now: datetime) -> dict[int, MonthlyViews]:
    """This month's views of each listing, by listing id."""
    month = month_of(now)
    rows = session.execute(
        sa.select(PageViews.listing_id, PageViews.page, PageViews.views).where(
            PageViews.listing_id.in_(listing_ids), PageViews.month == month
        )
    )
    views = {(row.listing_id, row.page): row.views for row in rows}
    return {
        listing_id: MonthlyViews(
            month, views.get((listing_id, CountedPage.LISTING), 0), views.get((listing_id, CountedPage.VERIFY), 0)
        )
        for listing_id in listing_ids
    }


def monthly_views(session: Session, listing_id: int, *, now: datetime) -> tuple[MonthlyViews, ...]:
    """The last `MONTHS` months of a listing, this one first; months without views are zero."""
    this = month_of(now)
    number = this.year * 12 + this.month - 1
    months = [date(each // 12, each % 12 + 1, 1) for each in range(number, number - MONTHS, -1)]
    rows = session.execute(
        sa.select(PageViews.month, PageViews.page, PageViews.views).where(
            PageViews.listing_id == listing_id, PageViews.month >= months[-1]
        )
    )
    views = {(row.month, row.page): row.views for row in rows}
    return tuple(
        MonthlyViews(month, views.get((month, CountedPage.LISTING), 0), views.get((month, CountedPage.VERIFY), 0))
        for month in months
    )
