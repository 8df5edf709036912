"""The tables of the review queue: what waits, one row for each case, and who has taken a case until when."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base, Json, UtcDateTime, checked_enum
from directory.review.case_kinds import ItemKind, WaitingOn


class ReviewItem(Base):
    """Something that waits; see `case_kinds.WaitingItem`. `case_items` keeps these rows and those of `ReviewCase`."""

    __tablename__ = "review_items"
    __table_args__ = (
        sa.UniqueConstraint("listing_id", "kind", "subject"),
        sa.CheckConstraint("waiting_on <> 'reviewer' OR due_at IS NOT NULL", name="due_for_reviewer"),
        sa.Index(None, "kind", "listing_id", "waiting_on", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    kind: Mapped[ItemKind] = mapped_column(checked_enum(ItemKind, "kind"))
    subject: Mapped[str] = mapped_column(sa.String(60))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    flags: Mapped[dict[str, str]] = mapped_column(Json)
    waiting_on: Mapped[WaitingOn] = mapped_column(checked_enum(WaitingOn, "waiting_on"))


class ReviewCase(Base):
    """The summary of a case, by which the queue is sorted and counted.

    A case is everything that waits for one listing; its number is the id of the listing. It waits for a reviewer if
    anything does. `since` and `due_at` are the earliest of what waits for that side, and `flagged` is set if any of
    it has a flag.
    """

    __tablename__ = "review_cases"
    __table_args__ = (
        sa.CheckConstraint("waiting_on <> 'reviewer' OR due_at IS NOT NULL", name="due_for_reviewer"),
        sa.Index(None, "due_at", "listing_id", "waiting_on", "flagged"),
        sa.Index(None, "since", "listing_id", "waiting_on", "due_at"),
    )

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    flagged: Mapped[bool]
    waiting_on: Mapped[WaitingOn] = mapped_column(checked_enum(WaitingOn, "waiting_on"))


class ReviewHold(Base):
    """Who has taken a case, and until when. A hold that is over is as good as none."""

    __tablename__ = "review_holds"

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
