"""Counters of attempts: exact, however many count at the same time, and gone when their period is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import sqlalchemy as sa
from flask import Flask
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from support.factories import NOW

from directory import transaction
from directory.accounts.rate_limits import count_attempts, delete_expired_counters, find_counter
from directory.accounts.tables import RateLimitCounter
from directory.web.support.limit_storage import DatabaseStorage

THREADS, TRIES, LIMIT = 8, 6, 20


def test_of_attempts_at_the_same_time_exactly_as_many_pass_as_are_allowed(installation: Flask) -> None:
    strategy, limit, start = FixedWindowRateLimiter(DatabaseStorage()), parse(f"{LIMIT} per hour"), Barrier(THREADS)

    def hit_often(_thread: int) -> int:
        with installation.app_context():
            start.wait()
            return sum(strategy.hit(limit, "pair") for _ in range(TRIES))

    with ThreadPoolExecutor(THREADS) as pool:
        passed = sum(pool.map(hit_often, range(THREADS)))
    assert passed == LIMIT
    assert strategy.storage.get(limit.key_for("pair")) == THREADS * TRIES


def test_a_period_begins_with_the_first_attempt(installation: Flask) -> None:
    with installation.app_context(), transaction.independent() as connection:

        def count(minutes: int) -> int:
            now = NOW + timedelta(minutes=minutes)
            return count_attempts(connection, "key", amount=1, period=timedelta(minutes=15), now=now)

        assert [count(0), count(10), count(14)] == [1, 2, 3]
        assert find_counter(connection, "key", now=NOW) == (3, NOW + timedelta(minutes=15))
        assert [count(15), count(29)] == [1, 2]
        assert find_counter(connection, "key", now=NOW + timedelta(hours=1)) == (0, NOW + timedelta(hours=1))


def test_expired_counters_are_deleted_and_no_others(installation: Flask) -> None:
    with installation.app_context():
        with transaction.independent() as connection:
            for key, minutes in (("old", 1), ("new", 60)):
                count_attempts(connection, key, amount=1, period=timedelta(minutes=minutes), now=NOW)
        with transaction.atomic() as session:
            assert delete_expired_counters(session, now=NOW + timedelta(minutes=2)) == 1
        assert list(transaction.session().scalars(sa.select(RateLimitCounter.key))) == ["new"]


def test_the_storage_resets_one_counter_or_all(installation: Flask) -> None:
    with installation.app_context():
        storage = DatabaseStorage()
        assert storage.check()
        for key in ("one", "two", "three"):
            storage.incr(key, 60)
        storage.clear("one")
        assert [storage.get(key) for key in ("one", "two")] == [0, 1]
        assert storage.reset() == 2
        assert storage.get("two") == 0


def test_what_a_request_leaves_uncommitted_does_not_undo_a_count(installation: Flask) -> None:
    with installation.app_context():
        storage = DatabaseStorage()
        storage.incr("key", 60)
        transaction.session().rollback()
        assert storage.get("key") == 1
