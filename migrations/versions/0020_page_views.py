"""Add the numbers of page views by month."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    pages = sa.Enum("listing", "verify", name="page", native_enum=False, create_constraint=True, length=20)
    op.create_table(
        "page_views",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("page", pages, nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name="fk_page_views_listing_id_listings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "month", "page", name="pk_page_views"),
    )


def downgrade() -> None:
    op.drop_table("page_views")
