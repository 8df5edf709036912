"""The database tables of reviewers: the random audit with its draws, and notes about listings."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.attestations.tables import Attestation
from directory.database import Base, UtcDateTime
from directory.listings.tables import Listing

MAX_SEED = 200
"""Maximum length of a seed in characters; arbitrary, several times the length of a hash."""


class AuditDraw(Base):
    """One draw: the seed, and the published list of candidates with its hash. Rows never change."""

    __tablename__ = "draws"

    id: Mapped[int] = mapped_column(primary_key=True)
    quarter: Mapped[str] = mapped_column(sa.String(6), unique=True)
    seed: Mapped[str] = mapped_column(sa.String(MAX_SEED))
    seed_source: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    candidate_count: Mapped[int]
    candidates_digest: Mapped[str] = mapped_column(sa.String(64))
    candidates: Mapped[str] = mapped_column(sa.Text, deferred=True)


class DrawnAttestation(Base):
    """One drawn attestation and the finding of its review, which is written only once."""

    __tablename__ = "drawn"
    __table_args__ = (
        sa.UniqueConstraint("draw_id", "attestation_id"),
        sa.CheckConstraint("(looked_at IS NULL) = (finding = '')", name="looked_says_what"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(sa.ForeignKey("draws.id", ondelete="RESTRICT"), index=True)
    attestation_id: Mapped[int] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"), index=True)
    ordinal: Mapped[int]
    finding: Mapped[str] = mapped_column(sa.Text, default="")
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))

    draw: Mapped[AuditDraw] = relationship()
    attestation: Mapped[Attestation] = relationship()


class ReviewNote(Base):
    """A note between reviewers about a listing, which its managers never see. Rows never change."""

    __tablename__ = "review_notes"
    __table_args__ = (sa.CheckConstraint("text <> ''", name="says_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    listing: Mapped[Listing] = relationship()
