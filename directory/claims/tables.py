"""The tables of claims and what belongs to them, accepted contacts, invitations, removals and unmanaged listings."""

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.claims.lifecycle import MOVES, OPEN, REMOVAL_MOVES, ClaimState, RemovalState
from directory.database import Base, Json, MoveRecord, UtcDateTime, checked_enum, legal_moves_check
from directory.listings.tables import Listing

_OPEN = sa.text("state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(OPEN))))
_CURRENT = sa.text("ended_at IS NULL")

MAX_TRIES = 5
"""How often a code may be typed."""


class Proof(enum.StrEnum):
    """How a claimant shows control of the practice."""

    MAIL = "mail"
    PHONE = "phone"
    DOMAIN = "domain"
    DOCUMENT = "document"


class ContactKind(enum.StrEnum):
    """The kind of an accepted contact."""

    PHONE = "phone"
    URL = "url"


class Claim(Base):
    """A claim of an account to a listing.

    `target` is the email address, telephone number or domain that proves it; empty for a document. The document is
    forgotten when the claim is decided. `token` is what the claimant publishes at the domain.
    """

    __tablename__ = "claims"
    __table_args__ = (
        sa.Index("uq_claims_open", "listing_id", "account_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.CheckConstraint(
            "proof NOT IN ('mail', 'domain') OR state IN ('draft', 'withdrawn') OR proved_at IS NOT NULL",
            name="proved_when_submitted",
        ),
        sa.CheckConstraint("state <> 'approved' OR proved_at IS NOT NULL", name="approved_is_proved"),
        sa.CheckConstraint("(proof = 'document') = (target = '')", name="target_of_proof"),
        sa.CheckConstraint(
            "(token = '') = (proof <> 'domain') AND (token = '') = (token_expires_at IS NULL)", name="token_of_domain"
        ),
        sa.CheckConstraint(
            "(sha256 IS NULL) = (document_name IS NULL) AND (sha256 IS NULL) = (media_type IS NULL)"
            " AND (proof = 'document' OR sha256 IS NULL)",
            name="whole_document",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"), index=True)
    state: Mapped[ClaimState] = mapped_column(checked_enum(ClaimState, "state"), default=ClaimState.DRAFT, index=True)
    role: Mapped[str] = mapped_column(sa.String(200))
    contact: Mapped[str] = mapped_column(sa.String(200))
    proof: Mapped[Proof] = mapped_column(checked_enum(Proof, "proof"))
    target: Mapped[str] = mapped_column(sa.String(320), default="")
    token: Mapped[str] = mapped_column(sa.String(60), default="", server_default=sa.text("''"))
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    document_name: Mapped[str | None] = mapped_column(sa.String(200))
    sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    media_type: Mapped[str | None] = mapped_column(sa.String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    listing: Mapped[Listing] = relationship()
    account: Mapped[Account] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class ClaimMove(MoveRecord, Base):
    """One move of a claim; on approval, `comments` holds the rights of others that ended, by account id."""

    __tablename__ = "claim_moves"
    __table_args__ = (legal_moves_check(MOVES),)

    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claims.id", ondelete="RESTRICT"), index=True)


class ClaimCode(Base):
    """A six-digit code that was sent or read out; only its salted hash is stored, and only the newest counts."""

    __tablename__ = "claim_codes"
    __table_args__ = (sa.CheckConstraint(f"tries BETWEEN 0 AND {MAX_TRIES}", name="few_tries"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claims.id", ondelete="RESTRICT"), index=True)
    hashed: Mapped[str] = mapped_column(sa.String(200))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClaimAnswers(Base):
    """The answers that a claimant prepares while the claim waits: form texts by field name. Nobody else sees them."""

    __tablename__ = "claim_answers"

    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("claims.id", ondelete="RESTRICT"), primary_key=True)
    texts: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class ClaimNotice(Base):
    """A day (UTC) on which the owners of a listing were told of claims; the primary key limits it to one email."""

    __tablename__ = "claim_notices"

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class AcceptedContact(Base):
    """A telephone number or web address of a listing that a reviewer accepted when it was published."""

    __tablename__ = "accepted_contacts"

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[ContactKind] = mapped_column(checked_enum(ContactKind, "kind"), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ManagerInvitation(Base):
    """An invitation by email to manage a listing; with `hands_over`, the inviting owner's right ends on acceptance."""

    __tablename__ = "manager_invitations"
    __table_args__ = (
        sa.Index(
            "uq_manager_invitations_pending",
            "listing_id",
            "email",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        sa.CheckConstraint("hands_over = false OR \"right\" = 'owner'", name="hands_over_to_owner"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(sa.String(255), index=True)
    right: Mapped[Right] = mapped_column(checked_enum(Right, "right"))
    hands_over: Mapped[bool] = mapped_column(default=False)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))

    listing: Mapped[Listing] = relationship()


class UnmanagedListing(Base):
    """A period in which a listing has nobody left who manages it; its answers are revoked after 60 days."""

    __tablename__ = "unmanaged_listings"
    __table_args__ = (
        sa.Index(
            "uq_unmanaged_listings_current",
            "listing_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.Text)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    listing: Mapped[Listing] = relationship()


class Removal(Base):
    """A request to take a listing down, by a manager (`by_id`) or by anybody; the reply address is forgotten."""

    __tablename__ = "removals"
    __table_args__ = (sa.CheckConstraint("state = 'requested' OR reply_to = ''", name="closed_forgets_address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(32), unique=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(sa.Text)
    reply_to: Mapped[str] = mapped_column(sa.String(254), default="")
    state: Mapped[RemovalState] = mapped_column(
        checked_enum(RemovalState, "state"), default=RemovalState.REQUESTED, index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    listing: Mapped[Listing] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class RemovalMoveRecord(MoveRecord, Base):
    """One decision on a request to take a listing down."""

    __tablename__ = "removal_moves"
    __table_args__ = (legal_moves_check(REMOVAL_MOVES),)

    removal_id: Mapped[int] = mapped_column(sa.ForeignKey("removals.id", ondelete="RESTRICT"), index=True)
