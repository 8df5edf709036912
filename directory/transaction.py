"""The database session of the current request or command, and the only place that commits."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.orm.exc import StaleDataError

from directory.config import Settings
from directory.database import Base
from directory.errors import Conflict
from directory.review import case_events

SQLITE_BUSY_SECONDS = 10
"""How long a write waits for another; arbitrary, longer than a batch of an import takes."""

_LOCK_CONFLICT_CODES = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's error codes for a serialization failure, a deadlock and an unavailable lock."""

_db = SQLAlchemy(metadata=Base.metadata)

case_events.listen()


def init_app(app: Flask, settings: Settings) -> None:
    """Connect `app` to the database of the settings."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings.database_url)
    _db.init_app(app)
    with app.app_context():
        if _db.engine.dialect.name == "sqlite":
            sa.event.listen(_db.engine, "connect", _set_sqlite_pragmas)


def _engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": SQLITE_BUSY_SECONDS}}
    return {"pool_pre_ping": True}


def _set_sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def session() -> Session:
    """Return the session of the current request or command, for reading."""
    return _db.session()


def session_registry() -> scoped_session[Any]:
    """Return the registry behind `session`, which Flask-Security uses to store accounts."""
    return _db.session


def close() -> None:
    """Release the session and all connections at the end of a command."""
    _db.session.remove()
    _db.engine.dispose()


@contextmanager
def atomic() -> Iterator[Session]:
    """Yield the current session; commit when the block succeeds and roll back when it raises.

    Raises:
        Conflict: another transaction changed the same row, took the same unique value, or held a lock too long.
    """
    current = session()
    try:
        yield current
        current.commit()
    except StaleDataError as stale:
        current.rollback()
        raise Conflict("Somebody else changed this while you were looking at it.") from stale
    except IntegrityError as broken:
        current.rollback()
        raise Conflict("This cannot be saved beside what is already stored.") from broken
    except OperationalError as fault:
        current.rollback()
        if not _is_lock_conflict(fault):
            raise
        raise Conflict("Somebody else was saving at the same moment. Nothing of yours was saved; try again.") from fault
    except BaseException:
        current.rollback()
        raise


@contextmanager
def rehearsal() -> Iterator[Session]:
    """Yield the current session and roll back at the end, to show what a command would do."""
    current = session()
    try:
        yield current
    finally:
        current.rollback()


@contextmanager
def independent() -> Iterator[Connection]:
    """Yield a connection with a transaction of its own, for counts that must stay even if the request is refused.

    Raises:
        Conflict: another transaction held a lock too long.
    """
    try:
        with _db.engine.begin() as connection:
            yield connection
    except OperationalError as fault:
        if not _is_lock_conflict(fault):
            raise
        raise Conflict("The directory is busy saving something else. Please try again.") from fault


def _is_lock_conflict(fault: OperationalError) -> bool:
    """Return whether a retry can succeed: a deadlock, a serialization failure or a lock timeout."""
    if isinstance(fault.orig, sqlite3.OperationalError):
        return fault.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(fault.orig, "sqlstate", None) in _LOCK_CONFLICT_CODES
