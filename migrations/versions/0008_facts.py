"""Two facts of a listing: the languages spoken there, and whether it takes new patients."""

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


def downgrade() -> None:
    op.drop_column("listings", "languages")
    op.drop_column("listings", "accepts_new_patients")
