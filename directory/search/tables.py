"""The tables of the search index: a row for each public location under each key, and which rules it follows."""

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

search_rules = sa.Table(
    "search_rules",
    Base.metadata,
    sa.Column("ruleset_id", sa.String(40), primary_key=True),
    sa.Column("superseded_at", sa.BigInteger, nullable=False),
)
"""The rulesets that newer ones end, and when (microseconds since 1970): `live_until` was worked out with these.

The rules come with the program and the rows stay in the database, so that an upgrade must be noticed.
"""
