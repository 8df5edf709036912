"""Add the imports with their batches, rows and differences, and what finds duplicates of a few listings quickly."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
STATES = ("uploaded", "checking", "checked", "running", "done", "undoing", "undone", "discarded", "failed")
EFFECTS = ("created", "changed", "unchanged", "suspended", "skipped", "rejected")
OUTCOMES = ("reversed", "kept", "failed", "nothing")
INDEXES = (
    ("listings", "name"),
    ("listings", "phone"),
    ("listings", "updated_at"),
    ("locations", "phone"),
    ("locations", "postal_code"),
)
"""Indexes by which the listings are found that may be the same provider as a given one."""


def upgrade() -> None:
    _create_imports()
    _create_rows()
    _create_differences()
    op.create_table(
        "duplicate_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_until", MOMENT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_duplicate_checks_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_checks")),
    )
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    for table in ("duplicate_checks", "import_differences", "import_rows", "import_batches", "imports"):
        op.drop_table(table)


def _create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=4096), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _choice("imports", "kind", ("nppes", "table")),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("every_specialty", sa.Boolean(), nullable=False),
        _choice("imports", "state", STATES),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("dry_run", JSON, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("undo_by_id", sa.Integer(), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("imports", "by_id", "accounts", "id"),
        _reference("imports", "undo_by_id", "accounts", "id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    at_work = sa.text("state IN ('checking', 'running', 'undoing')")
    op.create_index("ix_imports_at_work", "imports", ["state"], sqlite_where=at_work, postgresql_where=at_work)
    op.create_table(
        "import_batches",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("log_seq", sa.Integer(), nullable=False),
        _reference("import_batches", "import_id", "imports", "id"),
        _reference("import_batches", "log_seq", "audit_entries", "seq"),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_batches")),
    )


def _create_rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("npi", sa.String(length=10), nullable=False),
        _choice("import_rows", "effect", EFFECTS),
        sa.Column("has_written", sa.Boolean(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=True),
        sa.Column("planned", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", sa.String(length=64), nullable=True),
        _choice("import_rows", "outcome", OUTCOMES, nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        _reference("import_rows", "import_id", "imports", "id"),
        _reference("import_rows", "listing_id", "listings", "id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
    )
    for columns in (["import_id", "batch", "line"], ["import_id", "outcome"], ["listing_id"]):
        op.create_index(op.f(f"ix_import_rows_{'_'.join(columns)}"), "import_rows", columns)


def _create_differences() -> None:
    op.create_table(
        "import_differences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("ours", JSON, nullable=False),
        sa.Column("theirs", JSON, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        _choice("import_differences", "decision", ("ours", "theirs"), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_import_differences_decided_at_some_time")
        ),
        sa.CheckConstraint(
            "decided_at IS NULL OR reason <> ''", name=op.f("ck_import_differences_decided_with_reason")
        ),
        _reference("import_differences", "listing_id", "listings", "id", ondelete="CASCADE"),
        _reference("import_differences", "row_id", "import_rows", "id"),
        _reference("import_differences", "decided_by_id", "accounts", "id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_differences")),
    )
    for column in ("listing_id", "row_id"):
        op.create_index(op.f(f"ix_import_differences_{column}"), "import_differences", [column])
    waiting = sa.text("decision IS NULL")
    op.create_index(
        "uq_import_differences_open",
        "import_differences",
        ["listing_id", "field"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _choice(table: str, name: str, values: tuple[str, ...], *, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=op.f(f"ck_{table}_{name}"), native_enum=False, create_constraint=True, length=20)
    return sa.Column(name, kind, nullable=nullable)


def _reference(
    table: str, column: str, target: str, key: str, *, ondelete: str = "RESTRICT"
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name, ondelete=ondelete)
