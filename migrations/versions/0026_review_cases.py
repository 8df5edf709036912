"""Add what waits for reviewers, as one case for each listing, and who has taken a case.

The rows are written after the upgrade, from the tables that say what waits.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = (
    "listing",
    "revision",
    "attestation",
    "claim",
    "report",
    "removal",
    "duplicate",
    "audit",
    "unmanaged",
    "deactivated",
    "message",
    "failed_mail",
    "import_difference",
)
DUE = "waiting_on <> 'reviewer' OR due_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "review_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("kind", _text_enum("kind", *KINDS), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("waiting_on", _text_enum("waiting_on", "reviewer", "provider"), nullable=False),
        sa.CheckConstraint(DUE, name=op.f("ck_review_items_due_for_reviewer")),
        _listing("review_items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
        sa.UniqueConstraint("listing_id", "kind", "subject", name=op.f("uq_review_items_listing_id_kind_subject")),
    )
    op.create_index(
        op.f("ix_review_items_kind_listing_id_waiting_on_due_at"),
        "review_items",
        ["kind", "listing_id", "waiting_on", "due_at"],
    )
    op.create_table(
        "review_cases",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("waiting_on", _text_enum("waiting_on", "reviewer", "provider"), nullable=False),
        sa.CheckConstraint(DUE, name=op.f("ck_review_cases_due_for_reviewer")),
        _listing("review_cases"),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_review_cases")),
    )
    op.create_index(
        op.f("ix_review_cases_due_at_listing_id_waiting_on_flagged"),
        "review_cases",
        ["due_at", "listing_id", "waiting_on", "flagged"],
    )
    op.create_index(
        op.f("ix_review_cases_since_listing_id_waiting_on_due_at"),
        "review_cases",
        ["since", "listing_id", "waiting_on", "due_at"],
    )
    op.create_table(
        "review_holds",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_review_holds_by_id_accounts"), ondelete="CASCADE"
        ),
        _listing("review_holds"),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_review_holds")),
    )
    op.create_index(op.f("ix_review_holds_by_id"), "review_holds", ["by_id"])


def downgrade() -> None:
    op.drop_table("review_holds")
    op.drop_table("review_cases")
    op.drop_table("review_items")


def _listing(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_listing_id_listings")
    return sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=name, ondelete="CASCADE")


def _text_enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)
