"""The tables of the change feed and of the snapshot files that belong to this database."""

import sqlalchemy as sa

from directory.database import Base, UtcDateTime

search_state = sa.Table(
    "search_state",
    Base.metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Column("bulk_version", sa.BigInteger, nullable=False),
)
"""One row, with `id` 1: the version of the data that the search covers.

`version` counts the committed changes. `token` is random and new with each change, because a counter repeats after a
rollback. `bulk_version` is the version of the last bulk change (an import), whose rows become searchable with the next
snapshot.

Update this row before you record a change: the order of versions is then the order of commits.
"""

search_changes = sa.Table(
    "search_changes",
    Base.metadata,
    sa.Column("listing_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Index(None, "version"),
)
"""The last recorded change of each listing that changed.

`version` and `token` are those of `search_state` at that change. There is no foreign key, because the deletion of a
listing is a change too.
"""

search_snapshots = sa.Table(
    "search_snapshots",
    Base.metadata,
    sa.Column("token", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("built_at", UtcDateTime, nullable=False),
)
"""Records of the snapshots that servers built from this database.

A file whose token is not here was built from another database, or before a backup was restored.
"""
