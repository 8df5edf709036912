"""Searches the audit log and the access log, the newest entries first, page by page from a position in the index."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.audit import chain
from directory.audit.tables import AccessEntry, AuditEntry

BATCH_SIZE = 1000
"""Number of rows in memory at a time while a log is exported; arbitrary."""

TIMESTAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class LogPosition:
    """The place of an entry in a log; a search continues after it, with the older entries."""

    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries to find: those to which everything applies that is given. An empty collection finds nothing."""

    account_ids: Collection[int] | None = None
    subjects: Collection[str] | None = None
    act: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry of either log. `account_id` is None for the program itself; `details` and `address` may be empty."""

    position: LogPosition
    account_id: int | None
    act: str
    subject: str
    details: str = ""
    address: str = ""


def find_changes(
    session: Session, wanted: LogFilter, *, after: LogPosition | None = None, limit: int
) -> Sequence[LogRow]:
    """Return changes from the audit log, the newest first, with the address if the console's access log has it."""
    columns = (AuditEntry.at, AuditEntry.seq, AuditEntry.actor, AuditEntry.object, AuditEntry.action)
    rows = session.execute(_page(columns, wanted, after, to_value=chain.format_timestamp).limit(limit)).all()
    found = [(LogPosition(_parse_timestamp(row.at), row.seq), row) for row in rows]
    addresses = _addresses(session, [(row.actor, position.at) for position, row in found if row.actor is not None])
    return [
        LogRow(where, row.actor, row.action, row.object, address=addresses.get((row.actor, where.at), ""))
        for where, row in found
    ]


def find_accesses(
    session: Session, wanted: LogFilter, *, after: LogPosition | None = None, limit: int
) -> Sequence[LogRow]:
    """Return entries of the access log, the newest first."""
    entry = AccessEntry
    columns = (entry.at, entry.id, entry.account_id, entry.subject, entry.page)
    statement = _page(columns, wanted, after, to_value=lambda at: at).add_columns(
        entry.method, entry.query, entry.address
    )
    return [
        LogRow(
            LogPosition(row.at, row.id),
            row.account_id,
            row.page,
            row.subject,
            row.query if row.method == "GET" else f"{row.method} {row.query}".rstrip(),
            row.address,
        )
        for row in session.execute(statement.limit(limit))
    ]


SEARCHES = {"changes": find_changes, "access": find_accesses}
"""The search of each log, by its name in URLs."""

_ACTS: Mapping[str, Any] = {"changes": AuditEntry.action, "access": AccessEntry.page}


def all_rows(session: Session, log: str, wanted: LogFilter) -> Iterator[LogRow]:
    """Yield every entry of a log that the filter lets through; rows are read in batches to limit memory."""
    part = SEARCHES[log](session, wanted, limit=BATCH_SIZE)
    while part:
        yield from part
        part = SEARCHES[log](session, wanted, after=part[-1].position, limit=BATCH_SIZE)


def acts(session: Session, log: str) -> Sequence[str]:
    """Return every kind of act that a log has, in alphabetical order, by one step in the index for each."""
    column = _ACTS[log]
    first = sa.select(sa.func.min(column).label("act")).cte("acts", recursive=True)
    step = sa.select(sa.func.min(column)).where(column > first.c.act).scalar_subquery()
    every = first.union_all(sa.select(step).where(first.c.act.is_not(None)))
    return session.scalars(sa.select(every.c.act).where(every.c.act.is_not(None))).all()


def _page(columns: Sequence[Any], wanted: LogFilter, after: LogPosition | None, *, to_value: Any) -> sa.Select[Any]:
    """Return the statement for the entries that follow a position; each filter has an index in this order."""
    at, number, account, subject, act = columns
    statement = sa.select(*columns).order_by(at.desc(), number.desc())
    if wanted.account_ids is not None:
        statement = statement.where(account.in_(wanted.account_ids))
    if wanted.subjects is not None:
        statement = statement.where(subject.in_(wanted.subjects))
    if wanted.act:
        statement = statement.where(act == wanted.act)
    if wanted.since is not None:
        statement = statement.where(at >= to_value(wanted.since))
    if wanted.before is not None:
        statement = statement.where(at < to_value(wanted.before))
    if after is not None:
        here = sa.tuple_(sa.literal(to_value(after.at), at.type), sa.literal(after.number, number.type))
        statement = statement.where(sa.tuple_(at, number) < here)
    return statement


def _addresses(session: Session, requests: Collection[tuple[int, datetime]]) -> dict[tuple[int, datetime], str]:
    """Return the address of each request: a change and the request that made it have the same account and time."""
    if not requests:
        return {}
    account_ids, times = ({request[index] for request in requests} for index in (0, 1))
    entry = AccessEntry
    same = (entry.account_id.in_(account_ids), entry.at.in_(times))
    rows = session.execute(sa.select(entry.account_id, entry.at, entry.address).where(*same))
    return {(account_id, at): address for account_id, at, address in rows}


def _parse_timestamp(text: str) -> datetime:
    return datetime.strptime(text, TIMESTAMP).replace(tzinfo=UTC)
