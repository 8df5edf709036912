"""The database tables of the audit log, its entries and the published heads, and of the access log."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base, UtcDateTime

HASH_CHARACTERS = 64


class AuditEntry(Base):
    """One decision or signature. Timestamps and hashes are stored as exactly the text that was hashed.

    The actor is an account id but not a foreign key, because an account may be erased while the log stays unchanged.
    Triggers created by the migrations reject UPDATE, DELETE, and an entry that does not follow the last one.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.CheckConstraint("seq > 0", name="counted_from_one"),
        sa.Index(None, "at", "seq"),
        sa.Index(None, "actor", "at", "seq"),
        sa.Index(None, "object", "at", "seq"),
        sa.Index(None, "action", "at", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(sa.String(27))
    actor: Mapped[int | None]
    action: Mapped[str] = mapped_column(sa.String(60))
    object: Mapped[str] = mapped_column(sa.String(120))
    before: Mapped[str | None] = mapped_column(sa.String(HASH_CHARACTERS))
    after: Mapped[str | None] = mapped_column(sa.String(HASH_CHARACTERS))
    # Unique, so that two entries cannot follow the same one: the log cannot fork.
    prev_hash: Mapped[str] = mapped_column(sa.String(HASH_CHARACTERS), unique=True)
    hash: Mapped[str] = mapped_column(sa.String(HASH_CHARACTERS), unique=True)


class AuditHead(Base):
    """The signed head of one day (UTC) as a compact JWS. Rows never change."""

    __tablename__ = "audit_heads"

    day: Mapped[date] = mapped_column(primary_key=True)
    jws: Mapped[str] = mapped_column(sa.Text)


class AccessEntry(Base):
    """One request of a member of staff that showed or changed personal data. It is not part of the hash chain.

    Triggers created by the migrations refuse UPDATE, and DELETE of what is younger than a year. Like the actor of an
    `AuditEntry`, the account is no foreign key.
    """

    __tablename__ = "access_log"
    __table_args__ = (
        sa.Index(None, "at", "id"),
        sa.Index(None, "account_id", "at", "id"),
        sa.Index(None, "subject", "at", "id"),
        sa.Index(None, "page", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int]
    page: Mapped[str] = mapped_column(sa.String(60))
    """The name of the view, such as `listing`."""
    method: Mapped[str] = mapped_column(sa.String(7))
    subject: Mapped[str] = mapped_column(sa.String(120))
    """What the page is about, by its number, such as `listing:7`; empty for lists."""
    query: Mapped[str] = mapped_column(sa.String(300))
    """The filter and page of a list, as they were in the URL."""
    address: Mapped[str] = mapped_column(sa.String(45))
    """The IP address that the request came from."""
