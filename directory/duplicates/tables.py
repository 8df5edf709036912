"""The table of pairs of listings that may be the same provider."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.database import Base, Json, UtcDateTime
from directory.listings.tables import Listing


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
