"""Limits how often people get email that anybody can cause with their address."""

import hashlib
import hmac
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.accounts.tables import MailLimit

LONGEST = timedelta(days=1)
"""The longest interval between two emails of a kind; older rows are deleted."""


def claim_email(session: Session, kind: str, recipient: str, *, every: timedelta, secret: str, now: datetime) -> bool:
    """Return whether an email of this kind may be queued now; if so, the next one must wait for `every`.

    Args:
        session: the database session.
        kind: emails of one kind share a limit.
        recipient: the email address; only a keyed hash of it is stored.
        every: the interval, at most `LONGEST`.
        secret: the key of the hash.
        now: the current time.
    """
    key = hmac.new(secret.encode(), f"{kind}:{recipient.lower()}".encode(), hashlib.sha256).hexdigest()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(MailLimit)
        .values(key=key, queued_at=now)
        .on_conflict_do_update(
            index_elements=[MailLimit.key], set_={"queued_at": now}, where=MailLimit.queued_at <= now - every
        )
        .returning(MailLimit.key)
    )
    return session.execute(statement).first() is not None


def delete_old_limits(session: Session, *, now: datetime) -> None:
    """Delete the limits that have ended."""
    session.execute(sa.delete(MailLimit).where(MailLimit.queued_at <= now - LONGEST))
