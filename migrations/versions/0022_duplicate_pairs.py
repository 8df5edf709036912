"""Add the pairs of listings that may be the same provider."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "duplicate_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_duplicate_pairs_in_order")),
        sa.CheckConstraint(
            "(dismissed_at IS NULL) = (dismissed_by_id IS NULL)", name=op.f("ck_duplicate_pairs_dismissed_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["one_id"], ["listings.id"], name=op.f("fk_duplicate_pairs_one_id_listings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["listings.id"], name=op.f("fk_duplicate_pairs_other_id_listings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dismissed_by_id"],
            ["accounts.id"],
            name=op.f("fk_duplicate_pairs_dismissed_by_id_accounts"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pairs")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_duplicate_pairs_one_id_other_id")),
    )
    op.create_index(op.f("ix_duplicate_pairs_other_id"), "duplicate_pairs", ["other_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_duplicate_pairs_other_id"), "duplicate_pairs")
    op.drop_table("duplicate_pairs")
