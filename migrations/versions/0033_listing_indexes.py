"""Add indexes for the table of all listings: by state and change, by source, by confirmation and by US state."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

INDEXES = {
    "ix_listings_state_updated_at": ("listings", ["state", "updated_at"], None),
    "ix_listings_source": ("listings", ["source"], "source <> 'nppes'"),
    "ix_listings_last_confirmed": ("listings", ["last_confirmed"], "last_confirmed IS NOT NULL"),
    "ix_locations_state_listing_id": ("locations", ["state", "listing_id"], None),
}
"""The table, the columns and the condition of each index."""


def upgrade() -> None:
    for name, (table, columns, condition) in INDEXES.items():
        where = sa.text(condition) if condition else None
        op.create_index(op.f(name), table, columns, sqlite_where=where, postgresql_where=where)
    # The index by state and change begins with the state.
    op.drop_index(op.f("ix_listings_state"), "listings")


def downgrade() -> None:
    op.create_index(op.f("ix_listings_state"), "listings", ["state"])
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(op.f(name), table)
