"""The database tables of disputes: the reports and their state changes."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.attestations.tables import Attestation
from directory.database import Base, MoveRecord, UtcDateTime, checked_enum, legal_moves_check
from directory.disputes.lifecycle import CLOSED, MOVES, DisputeState, Remedy
from directory.listings.tables import Listing

_CLOSED = ", ".join(f"'{state.value}'" for state in sorted(CLOSED))


class Dispute(Base):
    """A report about one answer or about the listing. Only the reporter knows the `public_id`.

    `updated_at` is the time of the last move. The reporter's email address is deleted when the dispute is closed.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        sa.CheckConstraint(f"state NOT IN ({_CLOSED}) OR reply_to = ''", name="closed_forgets_address"),
        sa.CheckConstraint("(state = 'upheld') = (remedy IS NOT NULL)", name="upheld_has_remedy"),
        sa.CheckConstraint("about = 'entry' OR attestation_id IS NOT NULL", name="answers_were_signed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(32), unique=True, default=lambda: uuid.uuid4().hex)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    attestation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("attestations.id", ondelete="RESTRICT"), index=True
    )
    about: Mapped[str] = mapped_column(sa.String(60))
    what_happened: Mapped[str] = mapped_column(sa.Text)
    happened_on: Mapped[date | None]
    reply_to: Mapped[str] = mapped_column(sa.String(254), default="")
    state: Mapped[DisputeState] = mapped_column(
        checked_enum(DisputeState, "state"), default=DisputeState.REPORTED, index=True
    )
    remedy: Mapped[Remedy | None] = mapped_column(checked_enum(Remedy, "remedy"))
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    listing: Mapped[Listing] = relationship()
    attestation: Mapped[Attestation | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class DisputeMove(MoveRecord, Base):
    """One move of a dispute.

    Its `reason` is the question to the provider on opening, the provider's answer, or the public outcome on closing.
    """

    __tablename__ = "dispute_moves"
    __table_args__ = (legal_moves_check(MOVES),)

    dispute_id: Mapped[int] = mapped_column(sa.ForeignKey("disputes.id", ondelete="RESTRICT"), index=True)
