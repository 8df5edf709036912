"""The counter of one worker: written in the background, and nothing is lost or counted twice by a failure."""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import OperationalError

from directory.errors import Conflict
from directory.page_views.commands import ViewKey
from directory.page_views.counter import ViewCounter
from directory.page_views.tables import CountedPage

NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
KEY = ViewKey(7, date(2026, 11, 1), CountedPage.LISTING)


class Stored:
    """What is written, and a fault while there is one."""

    def __init__(self) -> None:
        self.views: Counter[ViewKey] = Counter()
        self.fault: Exception | None = None
        self.written = threading.Event()

    def write(self, counts: Mapping[ViewKey, int]) -> None:
        if self.fault:
            raise self.fault
        self.views.update(counts)
        self.written.set()


def test_views_are_added_up_by_listing_month_and_page() -> None:
    stored = Stored()
    counter = ViewCounter(stored.write)
    for moment in (NOW, NOW, NOW + timedelta(minutes=1), NOW.astimezone(timezone(timedelta(hours=9)))):
        counter.count(7, CountedPage.LISTING, now=moment)
    counter.count(7, CountedPage.VERIFY, now=NOW)
    counter.close()
    assert stored.views == {KEY: 3, KEY._replace(month=date(2026, 12, 1)): 1, KEY._replace(page=CountedPage.VERIFY): 1}


def test_a_view_is_written_by_itself() -> None:
    stored = Stored()
    ViewCounter(stored.write, seconds=0.01).count(7, CountedPage.LISTING, now=NOW)
    assert stored.written.wait(10)
    assert stored.views == {KEY: 1}


@pytest.mark.parametrize("fault", [OperationalError("", None, Exception("closed")), Conflict("Busy.")])
def test_a_database_that_does_not_answer_costs_nothing_but_time(fault: Exception) -> None:
    stored = Stored()
    counter = ViewCounter(stored.write, seconds=60)
    stored.fault = fault
    counter.count(7, CountedPage.LISTING, now=NOW)
    counter.flush()
    counter.count(7, CountedPage.LISTING, now=NOW)
    counter.flush()
    assert not stored.views
    stored.fault = None
    counter.close()
    assert stored.views == {KEY: 2}


def test_after_the_end_nothing_is_started() -> None:
    stored = Stored()
    stored.fault = Conflict("Busy.")
    counter = ViewCounter(stored.write, seconds=60)
    counter.count(7, CountedPage.LISTING, now=NOW)
    before = threading.active_count()
    counter.close()
    counter.count(7, CountedPage.LISTING, now=NOW)
    assert threading.active_count() <= before


def test_threads_count_together() -> None:
    stored = Stored()
    counter = ViewCounter(stored.write, seconds=0.001)

    def visit() -> None:
        for _ in range(500):
            counter.count(7, CountedPage.LISTING, now=NOW)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counter.close()
    deadline = threading.Event()
    while stored.views[KEY] < 2_000 and not deadline.wait(0.01):
        pass
    assert stored.views == {KEY: 2_000}
