"""Writes the log of access to personal data by staff, and deletes what was kept long enough."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from directory.audit.tables import AccessEntry

KEPT = timedelta(days=365)
"""How long the access log is kept: a year, so that an audit once a year sees all of it. The database refuses less."""

MAX_QUERY = 300
"""Characters of the parameters of a list that are kept, the width of the column."""

SWEEP_SIZE = 10_000
"""Rows that one sweep deletes at most, so that it does not block other writers; it runs every hour."""


def record_access(
    connection: Connection,
    *,
    account_id: int,
    page: str,
    method: str,
    subject: str,
    query: str,
    address: str,
    now: datetime,
) -> None:
    """Store one request of a member of staff.

    The page does not wait for the disk: as in SQLite, a crash of the server may lose the entries of the last second.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL synchronous_commit TO off"))
    row = {"at": now, "account_id": account_id, "page": page, "method": method, "subject": subject}
    row |= {"query": query.replace("\0", "")[:MAX_QUERY], "address": address}
    connection.execute(sa.insert(AccessEntry).values(row))


def delete_old_access(session: Session, *, now: datetime) -> int:
    """Delete the oldest rows that were kept long enough, and return their number."""
    oldest = sa.select(AccessEntry.id).where(AccessEntry.at < now - KEPT).order_by(AccessEntry.at).limit(SWEEP_SIZE)
    deleted = session.scalars(
        sa.delete(AccessEntry).where(AccessEntry.id.in_(oldest.scalar_subquery())).returning(AccessEntry.id),
        execution_options={"synchronize_session": False},
    )
    return len(deleted.all())
