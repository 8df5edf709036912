"""The database tables of reviewers: decisions, the random audit with its draws, and notes about listings."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.attestations.tables import Attestation
from directory.database import Base, Json, UtcDateTime, checked_enum
from directory.listings.tables import Listing
from directory.review.audit_outcome import AuditOutcome, ContactChannel

MAX_KIND = 20

MAX_SEED = 200
"""Maximum length of a seed in characters; arbitrary, several times the length of a hash."""


class Decision(Base):
    """Everything that a reviewer decided about one listing with one press: its moves, and the email that waits.

    `kept` is what the moves overwrote and an undo needs, by the subject of the move. An undo is a decision too.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
        sa.Index("ix_decisions_by_id_at", "by_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undo_until: Mapped[datetime] = mapped_column(UtcDateTime)
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id", ondelete="RESTRICT"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    kept: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    listing: Mapped[Listing] = relationship()
    moves: Mapped[list["DecisionMove"]] = relationship(order_by="DecisionMove.id")


class DecisionMove(Base):
    """One move of a decision; `version` is the version that the decision left the subject with."""

    __tablename__ = "decision_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(MAX_KIND))
    subject_id: Mapped[int]
    move: Mapped[str] = mapped_column(sa.String(MAX_KIND))
    from_state: Mapped[str] = mapped_column(sa.String(MAX_KIND))
    version: Mapped[int]

    @property
    def subject(self) -> str:
        """The subject as the audit log writes it, such as “listing:12”."""
        return f"{self.kind}:{self.subject_id}"


class DecisionEmail(Base):
    """An email that a decision queued, which is held until the decision can no longer be undone."""

    __tablename__ = "decision_emails"

    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id", ondelete="RESTRICT"), primary_key=True)
    email_id: Mapped[int] = mapped_column(sa.ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)


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
