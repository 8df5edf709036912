"""The tables of the search index: tiles of packed locations under each key, and counts of squares above them."""

import sqlalchemy as sa

from directory.database import Base

search_state = sa.Table(
    "search_state",
    Base.metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("building", sa.Integer),
    sa.Column("numbering", sa.String(64)),
)
"""One row: the generation that is searched, and the one that a rebuild is filling beside it.

`numbering` is `packing.NUMBERING` of the program that filled it; none where the index was never built.

Whoever changes the index changes this row first, and so waits for whoever did.
"""

search_tiles = sa.Table(
    "search_tiles",
    Base.metadata,
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
)
"""Runs of locations in the order of their Morton codes, up to `writing.TILE` in a row, packed as `packing.ENTRY`.

A tile holds every location of its key from `code` on to the code of the next tile. There are no foreign keys: the
rows are derived, are written together with what they derive from, and `search verify` checks them.
"""

search_nodes = sa.Table(
    "search_nodes",
    Base.metadata,
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("node", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("locations", sa.Integer, nullable=False),
    sa.Column("lat_sum", sa.BigInteger, nullable=False),
    sa.Column("lon_sum", sa.BigInteger, nullable=False),
    sa.Column("counts_until", sa.BigInteger, nullable=False),
    sa.Column("facets_until", sa.BigInteger, nullable=False),
    sa.Column("facets", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The count pyramid: how many locations lie in a square of the map under a key, and for how many each fact holds.

`node` is `tree.node_id`; the sums are in millionths of a degree. What ends with a date is counted until
`counts_until` and `facets_until` (microseconds since 1970); past them, the tiles are looked at. A square has a
row where the square around it has more than `tree.SPLIT` locations.
"""

search_keys = sa.Table(
    "search_keys",
    Base.metadata,
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("locations", sa.Integer, nullable=False),
    sa.Column("listings", sa.Integer, nullable=False),
)
"""How many locations, and of how many listings, stand under each key: a search begins with the rarest."""

search_words = sa.Table(
    "search_words",
    Base.metadata,
    sa.Column("word", sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), primary_key=True),
    sa.Column("key", sa.Integer, nullable=False, unique=True),
)
"""The key of each word that ever stood in a name, a practice or a city."""

search_documents = sa.Table(
    "search_documents",
    Base.metadata,
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("listing_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("location_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    sa.Column("keys", sa.LargeBinary, nullable=False),
    sa.Column("ends_at", sa.BigInteger),
    sa.Index(None, "generation", "ends_at"),
    sqlite_with_rowid=False,
)
"""Each public location as the tiles hold it, with all its keys (32-bit numbers), so that it is found there again.

`ends_at` is when the first of its facts ends, if any does.
"""

search_pending = sa.Table(
    "search_pending",
    Base.metadata,
    sa.Column("listing_id", sa.Integer, primary_key=True, autoincrement=False),
)
"""Listings that changed while a rebuild was running, which brings them up to date before it takes over."""

search_rules = sa.Table(
    "search_rules",
    Base.metadata,
    sa.Column("ruleset_id", sa.String(40), primary_key=True),
    sa.Column("superseded_at", sa.BigInteger, nullable=False),
)
"""The rulesets that newer ones end, and when (microseconds since 1970): `live_until` was worked out with these.

The rules come with the program and the rows stay in the database, so that an upgrade must be noticed.
"""
