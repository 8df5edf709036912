"""The database session of the current request or command, and the only place that commits."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.orm.exc import StaleDataError

from directory.config import Settings
from directory.database import Base
from directory.errors import Conflict

SQLITE_BUSY_SECONDS = 10
"""How long a write waits for another; arbitrary, to outlast a long import's batch."""

_LOCK_CONFLICT_CODES = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's codes for a serialization failure, a deadlock and a lock that could not be had."""

_db = SQLAlchemy(metadata=Base.metadata)


def init_app(app: Flask, settings: Settings) -> None:
    """Give `app` the database that the settings name."""
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
    """The session of this request or command, for reading."""
    return _db.session()


def session_registry() -> scoped_session[Any]:
    """The registry behind `session`, for Flask-Security, which keeps accounts through it."""
    return _db.session


def close() -> None:
    """Give the session and every connection back, at the end of a command."""
    _db.session.remove()
    _db.engine.dispose()


@contextmanager
def atomic() -> Iterator[Session]:
    """The same session, committed when the block ends well and rolled back when it does not.

    Raises:
        Conflict: somebody else wrote the same row in the meantime, took the same unique name, or was in the way.
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


def _is_lock_conflict(fault: OperationalError) -> bool:
    """Whether the database gave up on one of two writers, a deadlock or a long wait, so that a second try helps."""
    if isinstance(fault.orig, sqlite3.OperationalError):
        return fault.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(fault.orig, "sqlstate", None) in _LOCK_CONFLICT_CODES
