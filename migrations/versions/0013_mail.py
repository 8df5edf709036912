"""Add links, topics, cancelling and unsubscribing to email, and the key of the form that created a listing."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

NEW = ("letter", "action_label", "action_path", "topic", "unsubscribe_token", "once_key", "cancelled_at")
HAS_KEY = sa.text("form_key IS NOT NULL")


def upgrade() -> None:
    # Not a batch, which would copy the whole table in SQLite. An email queued earlier has no link of its own.
    op.add_column("outbox", sa.Column("letter", sa.String(60), server_default=sa.text("''"), nullable=False))
    op.add_column("outbox", sa.Column("action_label", sa.String(100), server_default=sa.text("''"), nullable=False))
    op.add_column("outbox", sa.Column("action_path", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("outbox", sa.Column("topic", sa.String(20), server_default=sa.text("''"), nullable=False))
    op.add_column("outbox", sa.Column("unsubscribe_token", sa.String(64), nullable=True))
    op.add_column("outbox", sa.Column("once_key", sa.String(120), nullable=True))
    op.add_column("outbox", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("uq_outbox_unsubscribe_token", "outbox", ["unsubscribe_token"], unique=True)
    op.create_index("uq_outbox_once_key", "outbox", ["once_key"], unique=True)
    op.add_column("listings", sa.Column("form_key", sa.String(32), nullable=True))
    op.create_index(
        "uq_listings_form_key", "listings", ["form_key"], unique=True, sqlite_where=HAS_KEY, postgresql_where=HAS_KEY
    )
    op.create_table(
        "unsubscribes",
        sa.Column("address", sa.String(255), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", "topic", name=op.f("pk_unsubscribes")),
    )


def downgrade() -> None:
    """Forget who unsubscribed, and take back the email that was cancelled: an older version would send it."""
    op.drop_table("unsubscribes")
    op.drop_index("uq_listings_form_key", table_name="listings")
    op.drop_column("listings", "form_key")
    op.execute(sa.text("DELETE FROM outbox WHERE cancelled_at IS NOT NULL"))
    op.drop_index("uq_outbox_once_key", table_name="outbox")
    op.drop_index("uq_outbox_unsubscribe_token", table_name="outbox")
    for name in reversed(NEW):
        op.drop_column("outbox", name)
