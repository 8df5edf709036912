"""Add the other name of a listing, and the NPIs that the registry deactivated."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    # Not a batch, which would copy the whole table in SQLite. What is stored states no other name.
    op.add_column(
        "listings", sa.Column("other_name", sa.String(length=200), server_default=sa.text("''"), nullable=False)
    )
    op.create_table(
        "deactivated_npis",
        sa.Column("npi", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("npi", name="pk_deactivated_npis"),
    )


def downgrade() -> None:
    op.drop_table("deactivated_npis")
    op.drop_column("listings", "other_name")
