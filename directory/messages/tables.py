"""The database table of messages about a listing, numbered in the order in which they were written."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.attestations.tables import Attestation
from directory.database import Base, UtcDateTime, checked_enum
from directory.listings.tables import Listing

_OPEN = sa.text("settled_at IS NULL")


class Sender(enum.StrEnum):
    """The side that wrote a message."""

    STAFF = "staff"
    PROVIDER = "provider"


class Message(Base):
    """One message about a listing. It is open until `settled_at`: the other side has to act on it.

    `question` is the key of an answer of `attestation`, or empty. Triggers created by the migrations refuse DELETE and
    every UPDATE of what was written; a message is settled once and marked as read once.
    """

    __tablename__ = "messages"
    __table_args__ = (
        # Two messages that were written at the same moment get the same number, and one of them is refused.
        sa.UniqueConstraint("listing_id", "number"),
        sa.Index("ix_messages_open", "listing_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.CheckConstraint("text <> '' OR reply_to_id IS NOT NULL", name="says_something"),
        sa.CheckConstraint("(attestation_id IS NULL) = (question = '')", name="question_of_attestation"),
        sa.CheckConstraint(
            "NOT asks_for_evidence OR (sender = 'staff' AND attestation_id IS NOT NULL)", name="evidence_for_an_answer"
        ),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled_by_somebody"),
        sa.CheckConstraint("(read_at IS NULL) = (read_by_id IS NULL)", name="read_by_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"))
    number: Mapped[int]
    sender: Mapped[Sender] = mapped_column(checked_enum(Sender, "sender"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reply_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("messages.id", ondelete="RESTRICT"))
    attestation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"))
    question: Mapped[str] = mapped_column(sa.String(60), default="")
    asks_for_evidence: Mapped[bool] = mapped_column(default=False)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))

    listing: Mapped[Listing] = relationship()
    attestation: Mapped[Attestation | None] = relationship()
