"""The tables of queued and sent email, and of the addresses that unsubscribed from a topic."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base, UtcDateTime


class Email(Base):
    """A queued or sent email. It is due at `next_attempt_at` until it is sent, given up or cancelled.

    `body` has one paragraph a line, and the link `action_path` may be relative to the site: `message.compose` adds what
    is common to all email. If `forget` is set, recipient, text, link and last error are erased at the end.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_due", "sent_at", "given_up_at", "next_attempt_at"),
        sa.Index("uq_outbox_unsubscribe_token", "unsubscribe_token", unique=True),
        sa.Index("uq_outbox_once_key", "once_key", unique=True),
        sa.Index("ix_outbox_listing_id", "listing_id"),
        sa.Index("ix_outbox_recipient", "recipient"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    letter: Mapped[str] = mapped_column(sa.String(60), default="", server_default=sa.text("''"))
    to: Mapped[str] = mapped_column("recipient", sa.String(255))
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    action_label: Mapped[str] = mapped_column(sa.String(100), default="", server_default=sa.text("''"))
    action_path: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    topic: Mapped[str] = mapped_column(sa.String(20), default="", server_default=sa.text("''"))
    """What the recipient can unsubscribe from; empty for email that is a duty."""
    unsubscribe_token: Mapped[str | None] = mapped_column(sa.String(64))
    once_key: Mapped[str | None] = mapped_column(sa.String(120))
    """Unique where set, so that an email is not queued twice."""
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id", ondelete="SET NULL"))
    """The listing that the email is about, so that staff can find it; None for email about an account."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(sa.Text, default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    forget: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)


class Unsubscribe(Base):
    """An address that gets no more email on a topic."""

    __tablename__ = "unsubscribes"

    address: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    topic: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
