"""Add opening hours to locations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # Not a batch, which would copy the whole table in SQLite. A stored location states nothing.
    op.add_column("locations", sa.Column("opening_hours", JSON, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    op.drop_column("locations", "opening_hours")
