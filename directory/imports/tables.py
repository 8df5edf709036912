"""The database tables of the imports: each import, its batches and rows, held differences, and deactivated NPIs."""

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.tables import Account
from directory.database import Base, Json, UtcDateTime, checked_enum
from directory.imports.effect import Effect
from directory.imports.lifecycle import AT_WORK, ImportState
from directory.listings.tables import Listing

_OptionalJson = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_AT_WORK = sa.text("state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(AT_WORK))))


class FileKind(enum.StrEnum):
    """Whose layout the columns of a file have."""

    NPPES = "nppes"
    TABLE = "table"
    """Any other CSV file; `Import.columns` says which column is which field."""


class Outcome(enum.StrEnum):
    """What the undo of an import made of a row; each row has exactly one."""

    REVERSED = "reversed"
    KEPT = "kept"
    """Somebody changed the listing since."""
    FAILED = "failed"
    NOTHING = "nothing"
    """The row had written nothing."""


class Decision(enum.StrEnum):
    """The decision on a difference between a listing and an import."""

    OURS = "ours"
    THEIRS = "theirs"


class Import(Base):
    """One import of one file: how far it is, and what came of it.

    Attributes:
        path: the file, which must stay until the import has ended.
        columns: the column of each field, of a file with `FileKind.TABLE`.
        batches: how many batches were written, so that a killed run goes on after them.
        position: how many bytes of the file were read.
        report: the counts of `report.ImportReport` so far.
        dry_run: the counts and examples of the last dry run.
        error: why it failed, with the line.
    """

    __tablename__ = "imports"
    __table_args__ = (sa.Index("ix_imports_at_work", "state", sqlite_where=_AT_WORK, postgresql_where=_AT_WORK),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(sa.String(200))
    path: Mapped[str] = mapped_column(sa.String(4096))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[FileKind] = mapped_column(checked_enum(FileKind, "kind"))
    columns: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    publish: Mapped[bool] = mapped_column(default=False)
    every_specialty: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ImportState] = mapped_column(checked_enum(ImportState, "state"))
    batches: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    dry_run: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    undo_reason: Mapped[str] = mapped_column(sa.Text, default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(nullable=False)

    by: Mapped[Account | None] = relationship(foreign_keys=by_id)
    undo_by: Mapped[Account | None] = relationship(foreign_keys=undo_by_id)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once


class ImportBatch(Base):
    """One batch of an import whose rows are stored. `root` is the Merkle root of their digests, as the log has it."""

    __tablename__ = "import_batches"

    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[int]
    root: Mapped[str] = mapped_column(sa.String(64))
    log_seq: Mapped[int] = mapped_column(sa.ForeignKey("audit_entries.seq", ondelete="RESTRICT"))


class ImportRow(Base):
    """What became of one row of a file.

    Rows that said nothing new and rows without one of our specialties are counted in the report only.

    Attributes:
        planned: the `plan.PlannedRow`, of which `digest` is the digest.
        listing_id: the listing that the row wrote; None if it wrote none, or if the listing was deleted since.
        before: the content of the listing before the batch, if this is the first row of the batch that wrote it.
        after: the digest of the content of the listing after the batch.
        outcome: what the undo of the import made of the row; None until then.
    """

    __tablename__ = "import_rows"
    __table_args__ = (sa.Index(None, "import_id", "batch", "line"), sa.Index(None, "import_id", "outcome"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id", ondelete="RESTRICT"))
    batch: Mapped[int]
    line: Mapped[int]
    npi: Mapped[str] = mapped_column(sa.String(10))
    effect: Mapped[Effect] = mapped_column(checked_enum(Effect, "effect"))
    has_written: Mapped[bool]
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id", ondelete="SET NULL"), index=True)
    planned: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(sa.String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(_OptionalJson)
    after: Mapped[str | None] = mapped_column(sa.String(64))
    outcome: Mapped[Outcome | None] = mapped_column(checked_enum(Outcome, "outcome"))
    outcome_reason: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))

    listing: Mapped[Listing | None] = relationship()


class ImportDifference(Base):
    """A value of a row that differs from what the provider of its listing keeps; a reviewer decides.

    `field` is the name of a field of the listing, or `address` or `address_phone` for its first address. A difference
    that was decided is not asked about again.
    """

    __tablename__ = "import_differences"
    __table_args__ = (
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        sa.CheckConstraint("decided_at IS NULL OR reason <> ''", name="decided_with_reason"),
        sa.Index(
            "uq_import_differences_open",
            "listing_id",
            "field",
            unique=True,
            sqlite_where=sa.text("decision IS NULL"),
            postgresql_where=sa.text("decision IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), index=True)
    row_id: Mapped[int] = mapped_column(sa.ForeignKey("import_rows.id", ondelete="RESTRICT"), index=True)
    field: Mapped[str] = mapped_column(sa.String(40))
    ours: Mapped[Any] = mapped_column(Json)
    theirs: Mapped[Any] = mapped_column(Json)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[Decision | None] = mapped_column(checked_enum(Decision, "decision"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(sa.Text, default="")

    listing: Mapped[Listing] = relationship()
    row: Mapped[ImportRow] = relationship()


class DeactivatedNpi(Base):
    """An NPI that the registry deactivated, listed here or not, so that no older file lists it as active.

    `since` is the latest date of the deactivation, or the day of the import if the file has none.
    """

    __tablename__ = "deactivated_npis"

    npi: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    since: Mapped[date]
