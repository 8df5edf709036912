"""Database queries for the audit log: its last entry, its rows as stored, and its published heads."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.audit import chain
from directory.audit.chain import LogEntry, StoredEntry
from directory.audit.heads import Head, extract_jws
from directory.audit.merkle import IncrementalTree
from directory.audit.tables import AuditEntry, AuditHead
from directory.errors import Conflict, Invalid, NotFound
from directory.signing import jws
from directory.signing.keys import Keyring

BATCH_SIZE = 2000
"""Number of rows in memory at a time in a long read; arbitrary."""

_NUMBER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
_COLUMNS = tuple(AuditEntry.__table__.columns)


def last_entry(session: Session) -> AuditEntry | None:
    """Return the last entry, or None if the log is empty."""
    return session.scalar(sa.select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))


def entries(session: Session) -> Iterator[StoredEntry]:
    """Yield every row in log order, unverified; rows are read in batches to limit memory."""
    statement = sa.select(*_raw_columns(session)).order_by(AuditEntry.seq).limit(BATCH_SIZE)
    part = session.execute(statement).all()
    while part:
        yield from map(_stored_entry, part)
        part = session.execute(statement.where(AuditEntry.seq > part[-1].seq)).all()


def entries_after(session: Session, seq: int, *, limit: int) -> Sequence[StoredEntry]:
    """Return at most `limit` rows that follow entry `seq`, in log order."""
    statement = sa.select(*_COLUMNS).where(AuditEntry.seq > seq).order_by(AuditEntry.seq).limit(limit)
    return [_stored_entry(row) for row in session.execute(statement)]


def current_head(session: Session, *, issuer: str, now: datetime) -> Head:
    """Compute the head of the log at this moment."""
    tree, last = IncrementalTree(), (0, chain.GENESIS)
    statement = sa.select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq)
    for row in session.execute(statement.execution_options(yield_per=BATCH_SIZE)):
        tree.add(bytes.fromhex(row.hash))
        last = (row.seq, row.hash)
    return Head(*last, tree.root().hex(), chain.format_timestamp(now), issuer)


def find_head(session: Session, day: date) -> AuditHead | None:
    """Return the head that was published on a day (UTC), or None."""
    return session.get(AuditHead, day)


def first_head(session: Session) -> AuditHead | None:
    """Return the head that was published first of all, or None."""
    return session.scalar(sa.select(AuditHead).order_by(AuditHead.day).limit(1))


def published_head(session: Session, day: date) -> AuditHead:
    """Return the head that was published on a day (UTC).

    Raises:
        NotFound: no head was published on that day.
    """
    found = find_head(session, day)
    if found is None:
        raise NotFound(f"No head of the log was published on {day:%Y-%m-%d}.")
    return found


def heads(session: Session) -> Sequence[AuditHead]:
    """Return every published head, oldest first."""
    return session.scalars(sa.select(AuditHead).order_by(AuditHead.day)).all()


def verified_heads(session: Session, keyring: Keyring) -> list[Head]:
    """Return every published head, oldest first, after verifying its signature.

    Raises:
        Conflict: a head was changed, or is stored under another day.
    """
    found = []
    for row in heads(session):
        try:
            head = Head.of(jws.verify(row.jws, keyring))
        except Invalid as refusal:
            raise Conflict(f"The head stored for {row.day} is not the one that was signed.") from refusal
        if head.day != f"{row.day}":
            raise Conflict(f"The head stored for {row.day} was signed on {head.day}.")
        found.append(head)
    return found


def verify_saved_head(text: str, keyring: Keyring) -> Head:
    """Return the head in a saved head.json after verifying its signature.

    Raises:
        Invalid: the text contains no head, or this directory did not sign it.
    """
    return Head.of(jws.verify(extract_jws(text), keyring))


def _raw_columns(session: Session) -> Sequence[sa.ColumnElement[Any]]:
    """Return the columns for reading unverified rows; in SQLite as bytes, because tampered text may not be UTF-8."""
    if session.get_bind().dialect.name == "postgresql":
        return _COLUMNS
    return [column if column.primary_key else sa.cast(column, sa.LargeBinary) for column in _COLUMNS]


def _stored_entry(row: sa.Row[Any]) -> StoredEntry:
    seq, at, actor, *others, prev_hash, own_hash = map(_decode, row)
    if isinstance(actor, str) and _NUMBER.fullmatch(actor):
        actor = int(actor)
    return StoredEntry(LogEntry(seq, at, actor, *others), prev_hash, own_hash)


def _decode(value: Any) -> Any:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
