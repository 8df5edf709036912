"""Server-side sessions: creates, finds, lists and ends them."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.tables import Account, UserSession

LIFETIME = timedelta(hours=12)
"""How long a sign-in lasts; arbitrary, one working day."""

ANONYMOUS_LIFETIME = timedelta(hours=1)
"""How long a session without an account lasts; it holds the CSRF token of the sign-in form, valid for as long."""

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A row of the sessions table."""

    id: int
    data: str
    last_used_at: datetime


def find_session(session: Session, token: str, *, now: datetime) -> StoredSession | None:
    """Return the session for the token of a cookie; None if there is none or it has expired."""
    row = session.execute(
        sa.select(UserSession.id, UserSession.data, UserSession.last_used_at).where(
            UserSession.token_hash == hash_token(token), UserSession.expires_at > now
        )
    ).one_or_none()
    return StoredSession(row.id, row.data, row.last_used_at) if row else None


def create_session(session: Session, *, data: str, user_id: str | None, now: datetime, device: str = "") -> str:
    """Store a new session and return its token; only a hash of the token is stored.

    Args:
        session: the database session.
        data: the serialized contents.
        user_id: the `fs_uniquifier` of the account that signed in; None before sign-in.
        now: the current time.
        device: the browser and system in words, such as "Firefox on Windows".
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    account_id = sa.select(Account.id).where(Account.fs_uniquifier == user_id).scalar_subquery()
    session.execute(
        sa.insert(UserSession).values(
            token_hash=hash_token(token),
            account_id=account_id if user_id else None,
            data=data,
            created_at=now,
            last_used_at=now,
            expires_at=now + (LIFETIME if user_id else ANONYMOUS_LIFETIME),
            device=device,
        )
    )
    return token


def update_session(session: Session, session_id: int, *, data: str, now: datetime) -> None:
    """Store the new contents of a session. A session that was ended in the meantime stays ended."""
    session.execute(sa.update(UserSession).where(UserSession.id == session_id).values(data=data, last_used_at=now))


def list_sessions(session: Session, account_id: int, *, now: datetime) -> Sequence[UserSession]:
    """Return the valid sessions of an account, the most recently used first."""
    return session.scalars(
        sa.select(UserSession)
        .where(UserSession.account_id == account_id, UserSession.expires_at > now)
        .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
    ).all()


def end_session(session: Session, session_id: int, *, account_id: int | None = None) -> None:
    """End one session; with `account_id`, only if it belongs to that account."""
    condition = UserSession.id == session_id
    if account_id is not None:
        condition &= UserSession.account_id == account_id
    session.execute(sa.delete(UserSession).where(condition))


def end_sessions(session: Session, account_id: int, *, keep: int | None = None) -> None:
    """End all sessions of an account, for example after a change of password, except the one with the id `keep`."""
    condition = UserSession.account_id == account_id
    if keep is not None:
        condition &= UserSession.id != keep
    session.execute(sa.delete(UserSession).where(condition))


def delete_expired_sessions(session: Session, *, now: datetime) -> int:
    """Delete expired sessions and return their number."""
    ended = session.scalars(
        sa.delete(UserSession).where(UserSession.expires_at <= now).returning(UserSession.id),
        execution_options={"synchronize_session": False},
    )
    return len(ended.all())


def hash_token(token: str) -> str:
    """Return the hash under which a token is stored.

    The token is random and long, so a fast hash without a salt is enough.
    """
    return hashlib.sha256(token.encode()).hexdigest()
