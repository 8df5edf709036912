"""Two facts of a listing, the languages spoken there and whether it takes new patients, and each time they were stated."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # Added as they are: a batch would copy the whole table in SQLite, and of those already listed nothing is known.
    op.add_column("listings", sa.Column("accepts_new_patients", sa.Boolean(), nullable=True))
    op.add_column("listings", sa.Column("languages", JSON, server_default=sa.text("'[]'"), nullable=False))
    op.create_table(
        "listing_statements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("accepts_new_patients", sa.Boolean(), nullable=True),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_listing_statements_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_statements_listing_id_listings"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_statements")),
    )
    op.create_index(op.f("ix_listing_statements_listing_id"), "listing_statements", ["listing_id"], unique=False)
    _never_change()


def _never_change() -> None:
    """What was stated stays stated; `refuse_change` is revision 0001's."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER listing_statements_append_only BEFORE UPDATE OR DELETE ON listing_statements "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER listing_statements_no_{verb.lower()} BEFORE {verb} ON listing_statements "
            "BEGIN SELECT RAISE(ABORT, 'listing_statements is never changed'); END"
        )


def downgrade() -> None:
    op.drop_table("listing_statements")
    op.drop_column("listings", "languages")
    op.drop_column("listings", "accepts_new_patients")
