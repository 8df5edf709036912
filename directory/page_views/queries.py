"""Database queries for page views."""

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
