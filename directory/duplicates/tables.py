"""The tables of pairs of listings that may be the same provider, and of merges."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.database import Base, Json, UtcDateTime
from directory.listings.tables import Listing

_CURRENT = sa.text("undone_at IS NULL")


class DuplicatePair(Base):
    """Two listings that may be the same provider, with the score and its reasons in words.

    A pair that a reviewer dismissed stays, so that it is never asked about again.
    """

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        sa.CheckConstraint("one_id < other_id", name="in_order"),
        sa.CheckConstraint("(dismissed_at IS NULL) = (dismissed_by_id IS NULL)", name="dismissed_by_somebody"),
        sa.UniqueConstraint("one_id", "other_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    one_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), index=True)
    score: Mapped[float] = mapped_column(sa.Double)
    reasons: Mapped[list[str]] = mapped_column(Json)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))

    one: Mapped[Listing] = relationship(foreign_keys=one_id)
    other: Mapped[Listing] = relationship(foreign_keys=other_id)


class DuplicateCheck(Base):
    """The one row that says until when changed listings were compared with those that may be the same provider."""

    __tablename__ = "duplicate_checks"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    checked_until: Mapped[datetime] = mapped_column(UtcDateTime)


class ListingMerge(Base):
    """A listing that was merged into another one, which is kept; its URL leads there until the merge is undone.

    `changes` are what the merge changed in the kept listing, and `granted` the rights to it that the merge granted, by
    account id. `ended` are the rights to the merged listing that ended.
    """

    __tablename__ = "listing_merges"
    __table_args__ = (
        sa.CheckConstraint("kept_id <> merged_id", name="two_listings"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
        sa.Index(
            "uq_listing_merges_current",
            "merged_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    merged_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"))
    was_published: Mapped[bool]
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    granted: Mapped[dict[str, str]] = mapped_column(Json)
    ended: Mapped[dict[str, str]] = mapped_column(Json)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))

    kept: Mapped[Listing] = relationship(foreign_keys=kept_id)
    merged: Mapped[Listing] = relationship(foreign_keys=merged_id)
