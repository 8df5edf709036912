"""Let several accounts manage a listing: listing_managers replaces listings.owner_id."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

MOMENT = sa.DateTime(timezone=True)
RIGHTS = ("owner", "editor", "signer")


def upgrade() -> None:
    op.create_table(
        "listing_managers",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "right",
            sa.Enum(*RIGHTS, name="right", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_listing_managers_account_id_accounts"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_listing_managers_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_managers_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "account_id", name=op.f("pk_listing_managers")),
    )
    op.create_index(op.f("ix_listing_managers_account_id"), "listing_managers", ["account_id"], unique=False)
    op.execute(
        'INSERT INTO listing_managers (listing_id, account_id, "right", since, by_id) '
        "SELECT id, owner_id, 'owner', created_at, owner_id FROM listings WHERE owner_id IS NOT NULL"
    )
    # SQLite cannot drop a column with a foreign key, so the batch copies the table there.
    with op.batch_alter_table("listings") as batch:
        batch.drop_index(op.f("ix_listings_owner_id"))
        batch.drop_constraint(op.f("fk_listings_owner_id_accounts"), type_="foreignkey")
        batch.drop_column("owner_id")


def downgrade() -> None:
    """Restore the one owner of each listing: of several owners, the one who has been an owner the longest."""
    with op.batch_alter_table("listings") as batch:
        batch.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_listings_owner_id_accounts"), "accounts", ["owner_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_index(op.f("ix_listings_owner_id"), ["owner_id"], unique=False)
    op.execute(
        "UPDATE listings SET owner_id = (SELECT account_id FROM listing_managers "
        "WHERE listing_id = listings.id AND \"right\" = 'owner' ORDER BY since, account_id LIMIT 1)"
    )
    op.drop_table("listing_managers")
