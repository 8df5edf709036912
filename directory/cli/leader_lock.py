"""A leader lock: lets only one process on a database do a job, even across machines."""

import fcntl
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

LOCK_NAMESPACE = 0x626D6100 << 32
"""The base of our PostgreSQL advisory lock numbers: “bma” in ASCII, in the upper half."""


@contextmanager
def leader_lock(database_url: str, name: str) -> Iterator[Callable[[], bool]]:
    """Try to take the lock `name`; yields a function that returns whether this process holds it.

    The lock is released when the block or the process ends. In SQLite it is a lock on a file beside the database; in
    PostgreSQL it belongs to a connection and is lost with it.
    """
    url = sa.make_url(database_url)
    with _file_lock(url, name) if url.get_backend_name() == "sqlite" else _advisory_lock(url, name) as still_alone:
        yield still_alone


@contextmanager
def _file_lock(url: sa.URL, name: str) -> Iterator[Callable[[], bool]]:
    if url.database is None:  # an in-memory database, which no other process can use
        yield lambda: True
        return
    with Path(f"{url.database}.{name}.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            locked = True
        except BlockingIOError:
            locked = False
        yield lambda: locked


@contextmanager
def _advisory_lock(url: sa.URL, name: str) -> Iterator[Callable[[], bool]]:
    number = LOCK_NAMESPACE | zlib.crc32(name.encode())
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        locked = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number)))

        def still_alone() -> bool:
            if not locked:
                return False
            try:
                return connection.scalar(sa.select(1)) == 1
            except DBAPIError:
                return False

        yield still_alone
