"""The database tables of the audit log: its entries and the published heads."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base

HASH_CHARACTERS = 64


class AuditEntry(Base):
    """One decision or signature. Timestamps and hashes are stored as exactly the text that was hashed.

    The actor is an account id but not a foreign key, because an account may be erased while the log stays unchanged.
    Triggers created by the migrations reject UPDATE, DELETE, and an entry that does not follow the last one.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (sa.CheckConstraint("seq > 0", name="counted_from_one"),)

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
