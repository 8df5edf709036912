"""Add when each account last signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0025"


def upgrade() -> None:
    # Not a batch, which would copy the whole table in SQLite.
    op.add_column("accounts", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("accounts", "signed_in_at")
