"""The database tables of the random audit: draws, drawn attestations, and attempts to contact their providers."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.attestations.tables import Attestation
from directory.database import Base, UtcDateTime, checked_enum
from directory.review.audit_outcome import AuditOutcome, ContactChannel

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
    """One drawn attestation and the outcome of its review, which is written only once.

    `finding` is the reviewer's note. `outcome` is None before the review, and in reviews from before outcomes were
    recorded. `state` is the two-letter state of the listing's first location at the time of the draw, or empty.
    """

    __tablename__ = "drawn"
    __table_args__ = (
        sa.UniqueConstraint("draw_id", "attestation_id"),
        sa.CheckConstraint("(looked_at IS NULL) = (finding = '')", name="looked_says_what"),
        sa.CheckConstraint("outcome IS NULL OR looked_at IS NOT NULL", name="outcome_when_looked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(sa.ForeignKey("draws.id", ondelete="RESTRICT"), index=True)
    attestation_id: Mapped[int] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"), index=True)
    ordinal: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(2), default="", server_default=sa.text("''"))
    outcome: Mapped[AuditOutcome | None] = mapped_column(checked_enum(AuditOutcome, "outcome"))
    finding: Mapped[str] = mapped_column(sa.Text, default="")
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))

    draw: Mapped[AuditDraw] = relationship()
    attestation: Mapped[Attestation] = relationship()
    contacts: Mapped[list["AuditContact"]] = relationship(order_by="AuditContact.id", viewonly=True)


class AuditContact(Base):
    """One attempt to contact the provider of a drawn attestation. Rows never change."""

    __tablename__ = "draw_contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    drawn_id: Mapped[int] = mapped_column(sa.ForeignKey("drawn.id", ondelete="RESTRICT"), index=True)
    channel: Mapped[ContactChannel] = mapped_column(checked_enum(ContactChannel, "channel"))
    note: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
