"""Counts attempts in a table that all workers and servers share, with one statement for each attempt."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.accounts.tables import RateLimitCounter


def count_attempts(connection: Connection, key: str, *, amount: int, period: timedelta, now: datetime) -> int:
    """Add `amount` attempts and return their number in this period, which begins with the first attempt.

    One statement reads and writes, so that of any number of simultaneous attempts no two get the same number.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = insert(RateLimitCounter).values(key=key, attempts=amount, expires_at=now + period)
    is_over = RateLimitCounter.expires_at <= now
    upsert = row.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "attempts": sa.case((is_over, row.excluded.attempts), else_=RateLimitCounter.attempts + amount),
            "expires_at": sa.case((is_over, row.excluded.expires_at), else_=RateLimitCounter.expires_at),
        },
    ).returning(RateLimitCounter.attempts)
    return int(connection.execute(upsert).scalar_one())


def find_counter(connection: Connection, key: str, *, now: datetime) -> tuple[int, datetime]:
    """Return the number of attempts in the current period and the end of the period; 0 and `now` without attempts."""
    row = connection.execute(
        sa.select(RateLimitCounter.attempts, RateLimitCounter.expires_at).where(
            RateLimitCounter.key == key, RateLimitCounter.expires_at > now
        )
    ).one_or_none()
    return (row.attempts, row.expires_at) if row else (0, now)


def clear_counters(connection: Connection, key: str | None = None) -> int:
    """Delete one counter, or all without a key; return the number of deleted counters."""
    condition = sa.true() if key is None else RateLimitCounter.key == key
    return connection.execute(sa.delete(RateLimitCounter).where(condition)).rowcount


def delete_expired_counters(session: Session, *, now: datetime) -> int:
    """Delete the counters whose period is over and return their number."""
    ended = session.scalars(
        sa.delete(RateLimitCounter).where(RateLimitCounter.expires_at <= now).returning(RateLimitCounter.key),
        execution_options={"synchronize_session": False},
    )
    return len(ended.all())
