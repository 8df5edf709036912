"""Stored page views: workers add up, and the last twelve months are shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session
from support.databases import get_engine
from support.factories import make_account, make_listing

from directory.accounts.policy import Role
from directory.page_views.commands import ViewKey, add_views
from directory.page_views.queries import MonthlyViews, monthly_views
from directory.page_views.tables import CountedPage

NOW = datetime(2026, 2, 28, tzinfo=UTC)
WORKERS, ROUNDS = 4, 10


@pytest.fixture
def listing_ids(session: Session) -> list[int]:
    owner = make_account(session, Role.PROVIDER)
    made = [make_listing(session, owner) for _ in range(3)]
    session.commit()
    return [listing.id for listing in made]


def test_concurrent_workers_add_up(session: Session, listing_ids: list[int]) -> None:
    engine = get_engine(session)
    month = date(2026, 2, 1)
    counts = {ViewKey(listing_id, month, page): 1 for listing_id in listing_ids for page in CountedPage}

    def work(number: int) -> None:
        for _ in range(ROUNDS):
            with engine.begin() as connection:
                add_views(connection, counts if number % 2 else dict(reversed(counts.items())))

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(work, range(WORKERS)))
    for listing_id in listing_ids:
        assert monthly_views(session, listing_id, now=NOW)[0] == MonthlyViews(month, WORKERS * ROUNDS, WORKERS * ROUNDS)


def test_the_last_twelve_months_are_shown_with_those_without_views(session: Session, listing_ids: list[int]) -> None:
    mine, other, _ = listing_ids
    add_views(
        session.connection(),
        {
            ViewKey(mine, date(2026, 2, 1), CountedPage.LISTING): 5,
            ViewKey(mine, date(2025, 3, 1), CountedPage.VERIFY): 2,
            ViewKey(mine, date(2025, 2, 1), CountedPage.LISTING): 9,
            ViewKey(other, date(2026, 2, 1), CountedPage.LISTING): 7,
        },
    )
    shown = monthly_views(session, mine, now=NOW)
    assert [month.month for month in shown][:3] == [date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1)]
    assert len(shown) == 12
    assert shown[0] == MonthlyViews(date(2026, 2, 1), 5, 0)
    assert shown[-1] == MonthlyViews(date(2025, 3, 1), 0, 2)
    assert sum(month.listing + month.verify for month in shown) == 7


def test_a_listing_that_is_gone_is_left_out(session: Session, listing_ids: list[int]) -> None:
    gone, month = max(listing_ids) + 100, date(2026, 2, 1)
    counts = {ViewKey(number, month, CountedPage.LISTING): 1 for number in (gone, listing_ids[0])}
    add_views(session.connection(), counts)
    assert monthly_views(session, listing_ids[0], now=NOW)[0].listing == 1
    assert monthly_views(session, gone, now=NOW)[0].listing == 0
