"""The database tables of attestations: signed answers, their state changes, and the emails sent about them."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.tables import Account
from directory.attestations.lifecycle import MOVES, AttestationState
from directory.database import Base, Json, MoveRecord, UtcDateTime, checked_enum, legal_moves_check
from directory.listings.tables import Listing

_OPEN_STATES = sa.text("state IN ('draft', 'submitted', 'accepted')")


class Attestation(Base):
    """Answers under one ruleset. Signed content never changes; `digest` is its hash.

    `typed` holds draft text that is not a valid answer yet, by question and field; a draft with such text cannot be
    signed. `subject_name` and `subject_npi` are those of the listing at the time of signing.
    """

    __tablename__ = "attestations"
    __table_args__ = (
        # A listing has at most one draft, one submitted and one accepted attestation.
        sa.Index(
            "uq_attestations_open",
            "listing_id",
            "state",
            unique=True,
            sqlite_where=_OPEN_STATES,
            postgresql_where=_OPEN_STATES,
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (signed_at IS NOT NULL AND valid_until IS NOT NULL AND signer_name <> ''"
            " AND signer_role <> '' AND statement <> '')",
            name="signed_when_submitted",
        ),
        sa.CheckConstraint(
            # A CHECK constraint passes when a comparison yields NULL, hence the explicit IS NOT NULL.
            "state = 'draft' OR (digest IS NOT NULL AND length(digest) = 64"
            " AND subject_name IS NOT NULL AND subject_name <> '')",
            name="hashed_when_signed",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(32), unique=True, default=lambda: uuid.uuid4().hex)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    ruleset_id: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[AttestationState] = mapped_column(
        checked_enum(AttestationState, "state"), default=AttestationState.DRAFT, index=True
    )
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    explanations: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    typed: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=sa.text("'{}'"))
    unconfirmed: Mapped[list[str]] = mapped_column(Json, default=list, server_default=sa.text("'[]'"))
    """In a draft: the keys of answers that were copied from an earlier attestation and are not confirmed yet."""
    replies: Mapped[dict[str, str]] = mapped_column(Json, default=dict, server_default=sa.text("'{}'"))
    """The provider's replies to a reviewer's comments on the answers before these, by question; not public."""
    subject_name: Mapped[str | None] = mapped_column(sa.String(200))
    subject_npi: Mapped[str | None] = mapped_column(sa.String(10))
    statement: Mapped[str] = mapped_column(sa.Text, default="")
    signer_name: Mapped[str] = mapped_column(sa.String(200), default="")
    signer_role: Mapped[str] = mapped_column(sa.String(200), default="")
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    prepared_by_id: Mapped[int | None]
    """The account that saved the answers last; in a signed attestation, None if the signer did.

    No foreign key: SQLite would have to copy the table, without the triggers that keep what was signed.
    """
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    listing: Mapped[Listing] = relationship()
    prepared_by: Mapped[Account | None] = relationship(
        primaryjoin=lambda: sa.orm.foreign(Attestation.prepared_by_id) == Account.id, viewonly=True
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class AttestationMove(MoveRecord, Base):
    """One move of an attestation; `comments` holds a reviewer's remarks on single answers, by answer key."""

    __tablename__ = "attestation_moves"
    __table_args__ = (legal_moves_check(MOVES), sa.Index(None, "at"))

    attestation_id: Mapped[int] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"), index=True)


class SentNotice(Base):
    """An email about an attestation that has been queued; the primary key prevents queueing it twice."""

    __tablename__ = "attestation_letters"

    attestation_id: Mapped[int] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"), primary_key=True)
    occasion: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    promised_at: Mapped[datetime] = mapped_column(UtcDateTime)
