"""The storage of rate limit counters for the library `limits`: the database table that all workers share."""

from datetime import timedelta

from limits.storage import Storage
from sqlalchemy.exc import SQLAlchemyError

from directory import clock, transaction
from directory.accounts import rate_limits

DATABASE_STORAGE = "database://"
"""The storage URI under which `limits` finds this class."""


class DatabaseStorage(Storage):
    """Counts in the table `rate_limit_counters`, each time in a transaction of its own."""

    STORAGE_SCHEME = ["database"]  # noqa: RUF012  the library's declaration

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors that the library may wrap."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add attempts and return their number; `expiry` is the length of the period in seconds."""
        with transaction.independent() as connection:
            return rate_limits.count_attempts(
                connection, key, amount=amount, period=timedelta(seconds=expiry), now=clock.now()
            )

    def get(self, key: str) -> int:
        """Return the number of attempts in the current period."""
        with transaction.independent() as connection:
            return rate_limits.find_counter(connection, key, now=clock.now())[0]

    def get_expiry(self, key: str) -> float:
        """Return the end of the current period in seconds since 1970."""
        with transaction.independent() as connection:
            return rate_limits.find_counter(connection, key, now=clock.now())[1].timestamp()

    def check(self) -> bool:
        """Return whether the table can be read."""
        return self.get("") == 0

    def reset(self) -> int:
        """Delete all counters and return their number."""
        with transaction.independent() as connection:
            return rate_limits.clear_counters(connection)

    def clear(self, key: str) -> None:
        """Delete one counter."""
        with transaction.independent() as connection:
            rate_limits.clear_counters(connection, key)
