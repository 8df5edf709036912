"""The table of the search index: one row for each public location under each key it can be found by."""

import sqlalchemy as sa

from directory.database import Base

search_cells = sa.Table(
    "search_cells",
    Base.metadata,
    sa.Column("key", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("code", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("location_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("listing_id", sa.Integer, nullable=False, index=True),
    sa.Column("lat", sa.Double, nullable=False),
    sa.Column("lon", sa.Double, nullable=False),
    sa.Column("flags", sa.Integer, nullable=False),
    sa.Column("live_until", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""`key` is a `rows.Key`, `code` the position's Morton code (`cells.code_of`), `flags` are `rows.Flag` bits.

`live_until` is the last microsecond since 1970 (UTC) at which the accepted attestation counts, 0 where
there is none: a fact that does not decay, so that a badge expires without a job. There are no foreign keys:
the rows are derived, are written together with what they derive from, and `index.verify` checks them.
"""
