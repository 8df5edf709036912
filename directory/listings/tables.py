"""The database tables of listings: locations, managers, lifecycle moves, the providers' statements, and revisions."""

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.policy import Right
from directory.database import Base, Json, MoveRecord, UtcDateTime, checked_enum, legal_moves_check
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import MOVES, OPEN, ListingState
from directory.listings.revision_lifecycle import MOVES as REVISION_MOVES
from directory.listings.revision_lifecycle import WAITING, RevisionState


class ListingSource(enum.StrEnum):
    """The source of a listing's name and addresses."""

    PROVIDER = "provider"
    NPPES = "nppes"
    DEMO = "demo"


HOLDS_NPI = sa.text("state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(OPEN))))
"""SQL condition: the listing holds its NPI. Queries by NPI must use it as it is for the partial index to apply."""

_WAITING_REVISION = sa.text("state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(WAITING))))


_HAS_KEY = sa.text("form_key IS NOT NULL")
_NOT_OF_REGISTRY = sa.text("source <> 'nppes'")
_IS_CONFIRMED = sa.text("last_confirmed IS NOT NULL")


class Listing(Base):
    """A provider's listing. `version` detects concurrent changes (optimistic locking).

    If nothing is stated, `accepts_new_patients` is None and `languages` (codes of `languages.LANGUAGES`) is empty.
    """

    __tablename__ = "listings"
    __table_args__ = (
        sa.Index("uq_listings_npi", "npi", unique=True, sqlite_where=HOLDS_NPI, postgresql_where=HOLDS_NPI),
        sa.Index("uq_listings_form_key", "form_key", unique=True, sqlite_where=_HAS_KEY, postgresql_where=_HAS_KEY),
        # For the table of all listings: in the order of their changes, and the few that are not as imported.
        sa.Index(None, "state", "updated_at"),
        sa.Index("ix_listings_source", "source", sqlite_where=_NOT_OF_REGISTRY, postgresql_where=_NOT_OF_REGISTRY),
        sa.Index(
            "ix_listings_last_confirmed", "last_confirmed", sqlite_where=_IS_CONFIRMED, postgresql_where=_IS_CONFIRMED
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(120), unique=True)
    kind: Mapped[ListingKind] = mapped_column(checked_enum(ListingKind, "kind"))
    name: Mapped[str] = mapped_column(sa.String(200), index=True)
    credential: Mapped[str] = mapped_column(sa.String(60), default="")
    practice: Mapped[str] = mapped_column(sa.String(200), default="")
    other_name: Mapped[str] = mapped_column(sa.String(200), default="", server_default=sa.text("''"))
    npi: Mapped[str | None] = mapped_column(sa.String(10))
    specialty_code: Mapped[str] = mapped_column(sa.String(10), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="", index=True)
    website: Mapped[str] = mapped_column(sa.String(300), default="")
    appointment_url: Mapped[str] = mapped_column(sa.String(300), default="", server_default=sa.text("''"))
    insurance: Mapped[str] = mapped_column(sa.String(300), default="", server_default=sa.text("''"))
    price_note: Mapped[str] = mapped_column(sa.String(300), default="", server_default=sa.text("''"))
    price_noted_on: Mapped[date | None]
    accepts_new_patients: Mapped[bool | None]
    languages: Mapped[list[str]] = mapped_column(Json, default=list, server_default=sa.text("'[]'"))
    source: Mapped[ListingSource] = mapped_column(checked_enum(ListingSource, "source"))
    source_updated: Mapped[date | None]
    state: Mapped[ListingState] = mapped_column(checked_enum(ListingState, "state"), default=ListingState.DRAFT)
    last_confirmed: Mapped[date | None]
    reminded_on: Mapped[date | None]
    """When the owner was last asked by email whether the listing is still right."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    form_key: Mapped[str | None] = mapped_column(sa.String(32))
    """Identifies the form that created the listing, so that sending it twice creates one."""
    version: Mapped[int] = mapped_column(nullable=False)

    locations: Mapped[list["Location"]] = relationship(
        order_by="Location.ordinal", cascade="all, delete-orphan", back_populates="listing"
    )
    managers: Mapped[list["ListingManager"]] = relationship(
        order_by="ListingManager.since, ListingManager.account_id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once

    def right_of(self, account_id: int) -> Right | None:
        """The right of an account to this listing, or None if it does not manage the listing."""
        return next((row.right for row in self.managers if row.account_id == account_id), None)


class ListingManager(Base):
    """The right of an account to a listing: since when, and which account granted it.

    `listings.managers` changes these rows.
    """

    __tablename__ = "listing_managers"

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    right: Mapped[Right] = mapped_column(checked_enum(Right, "right"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))


class Location(Base):
    """A practice address. Without coordinates it is shown on the listing's page, but no search finds it."""

    __tablename__ = "locations"
    __table_args__ = (
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="both_coordinates"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_the_globe"),
        sa.UniqueConstraint("listing_id", "ordinal"),
        sa.Index(None, "state", "listing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    line1: Mapped[str] = mapped_column(sa.String(200))
    line2: Mapped[str] = mapped_column(sa.String(200), default="")
    city: Mapped[str] = mapped_column(sa.String(100))
    state: Mapped[str] = mapped_column(sa.String(2))
    postal_code: Mapped[str] = mapped_column(sa.String(10), index=True)
    phone: Mapped[str] = mapped_column(sa.String(30), default="", index=True)
    second_phone: Mapped[str] = mapped_column(sa.String(30), default="", server_default=sa.text("''"))
    fax: Mapped[str] = mapped_column(sa.String(30), default="", server_default=sa.text("''"))
    accessibility: Mapped[str] = mapped_column(sa.String(300), default="", server_default=sa.text("''"))
    opening_hours: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=sa.text("'{}'"))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    precision: Mapped[str] = mapped_column(sa.String(10), default="")
    uncertainty_miles: Mapped[float | None]

    listing: Mapped[Listing] = relationship(back_populates="locations")


class ListingMove(MoveRecord, Base):
    """One lifecycle move of a listing (submit, publish, return, …), with account, time and reason."""

    __tablename__ = "listing_moves"
    __table_args__ = (legal_moves_check(MOVES), sa.Index(None, "at"))

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)


class ListingStatement(Base):
    """A provider's statement that the listing is correct, with the facts at that time.

    One row is added each time that a listing is submitted or confirmed. Rows never change: triggers from the
    migrations refuse UPDATE and DELETE.
    """

    __tablename__ = "listing_statements"

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    accepts_new_patients: Mapped[bool | None]
    languages: Mapped[list[str]] = mapped_column(Json)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ListingRevision(Base):
    """Changes to a published listing: a draft, waiting for a reviewer, decided, or live at once.

    `changes` is a list of `changes.FieldChange` in JSON. `by_id` is who last saved them. `updated_at` is when the
    revision last changed: for accepted and live ones, when the changes became public.
    """

    __tablename__ = "listing_revisions"
    __table_args__ = (
        # A listing has at most one draft and one submitted revision.
        sa.Index(
            "uq_listing_revisions_waiting",
            "listing_id",
            "state",
            unique=True,
            sqlite_where=_WAITING_REVISION,
            postgresql_where=_WAITING_REVISION,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="RESTRICT"), index=True)
    state: Mapped[RevisionState] = mapped_column(
        checked_enum(RevisionState, "state"), default=RevisionState.DRAFT, index=True
    )
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    listing: Mapped[Listing] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class ListingRevisionMove(MoveRecord, Base):
    """One lifecycle move of a revision (submit, accept, return, …), with account, time and reason."""

    __tablename__ = "listing_revision_moves"
    __table_args__ = (legal_moves_check(REVISION_MOVES),)

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("listing_revisions.id", ondelete="RESTRICT"), index=True)


class ImportNameWord(Base):
    """A word of the name of an imported listing that is not public. `listings.name_words` writes and reads them."""

    __tablename__ = "import_name_words"
    __table_args__ = (sa.Index(None, "word", "listing_id"), {"sqlite_with_rowid": False})

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(
        # Ranges of words must be those of their bytes, whatever language the database sorts in.
        sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"),
        primary_key=True,
    )


class UnfinishedListing(Base):
    """What somebody typed into the form of a new listing that is not complete yet, by field name.

    It is no listing: the constraints of one do not hold for it. `listings.unfinished` writes it.
    """

    __tablename__ = "unfinished_listings"

    form_key: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    texts: Mapped[dict[str, list[str]]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class SuppressedNpi(Base):
    """An NPI whose listing was taken down on request; imports skip it."""

    __tablename__ = "suppressed_npis"

    npi: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
