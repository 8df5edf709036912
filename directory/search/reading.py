"""Reads the index: what a search is looked for in, and all that matches it in some part of the map."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from directory.search.cells import Range
from directory.search.keys import ANY, COPIES, WORDS, Scope
from directory.search.packing import KEYS_TYPE, NONE, Entries, matching, unpack
from directory.search.query import Filters
from directory.search.statements import each_once, numbers_in, tiles
from directory.search.tree import SPLIT
from directory.search.words import BEGINNING

T = TypeVar("T")

MOST_RUNS = 64
"""Runs of codes that are looked up at once: ranges of the map times keys, of which a word that is begun has many."""

LOOKED_UP = 400
"""Locations whose other words are looked up one by one; of more, the words' own tiles are read."""

_KEYS = """
SELECT state.generation, counted.key, counted.locations, counted.listings FROM search_state AS state
LEFT JOIN search_keys AS counted ON counted.generation = state.generation AND counted.key IN ({numbers})
"""
_GENERATION = sa.text("SELECT generation FROM search_state")
_BEGUN = sa.text("""
SELECT word.key, counted.locations FROM search_words AS word
JOIN search_keys AS counted ON counted.generation = :generation AND counted.key = word.key
WHERE word.word >= :first AND word.word <= :last
""")
# CROSS JOIN makes SQLite look the keys up one by one; in a small table it would rather read every tile.
_WHOLE = """
SELECT packed FROM ({numbers}) AS wanted CROSS JOIN search_tiles
WHERE generation = :generation AND key = wanted.value
"""
_NODES = """
SELECT node, locations, lat_sum, lon_sum, counts_until, facets_until, facets FROM search_nodes
WHERE generation = :generation AND node IN ({numbers})
"""
_DOCUMENTS = """
SELECT listing_id, location_id, packed, keys FROM search_documents
WHERE generation = :generation AND listing_id IN ({numbers})
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Keys of which a match stands under at least one: several where a word is only begun."""

    locations: dict[int, int]

    @property
    def total(self) -> int:
        """How many locations stand under them."""
        return sum(self.locations.values())


@dataclass(slots=True)
class Reader:
    """One search's way to the index, at one generation of it.

    `driver` is the rarest of what is asked for; what is read is what stands there, and all else is asked of each.
    `rows_read` counts the rows of the database that were fetched: what a search costs, without the noise of a clock.
    """

    connection: sa.Connection
    scope: Scope
    generation: int
    driver: Source
    others: tuple[Source, ...]
    share: float
    copies: int
    listings: int
    rows_read: int = 0
    _small: Entries | None = field(default=None, repr=False)
    _known: dict[int, list[Any]] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> int | None:
        """The one key that has counts: of a fact, not of words."""
        key = next(iter(self.driver.locations))
        return key if key < WORDS else None

    def entries(self, ranges: Sequence[Range]) -> Entries:
        """All that matches in the tiles of the ranges, in them and around them, each location once."""
        return self.entries_up_to(ranges, None)[0]

    def entries_up_to(self, ranges: Sequence[Range], limit: int | None) -> tuple[Entries, set[int]]:
        """The same, without the ranges of which a key has `limit` tiles or more; and the numbers of those."""
        large = [key for key, total in self.driver.locations.items() if total > SPLIT]
        runs = [(key, codes) for codes in ranges for key in large]
        found = self._tiles(runs, limit)
        cut: set[int] = set()
        if limit is not None:
            read = Counter(tile.run for tile in found)
            cut = {run // len(large) for run, many in read.items() if many >= limit}
            found = [tile for tile in found if tile.run // len(large) not in cut]
        return self._sifted(unpack(each_once(found).values()), ranges), cut

    def few(self, ranges: Sequence[Range]) -> Sequence[Range]:
        """The ranges, or fewer and wider ones where each would be looked up under many keys."""
        return _joined(ranges, len(self.driver.locations))

    def several(self, ranges: Sequence[Range]) -> Entries:
        """Those matches whose listing has several locations; for a key with counts."""
        key = (self.key or ANY) + COPIES
        found = self._tiles([(key, codes) for codes in ranges])
        return matching(unpack(each_once(found).values()), self.scope)

    def nodes(self, numbers: Iterable[int]) -> dict[int, Any]:
        """The rows of `search_nodes` among some, by their number."""
        rows = numbers_in(self.connection, _NODES, numbers, generation=self.generation).all()
        self.rows_read += len(rows)
        return {row.node: row for row in rows}

    def documents(self, listing_ids: Iterable[int]) -> list[Any]:
        """The rows of `search_documents` of some listings, each read once."""
        wanted = list(listing_ids)
        if new := [listing_id for listing_id in wanted if listing_id not in self._known]:
            rows = numbers_in(self.connection, _DOCUMENTS, new, generation=self.generation).all()
            self.rows_read += len(rows)
            self._known |= {listing_id: [] for listing_id in new}
            for row in rows:
                self._known[row.listing_id].append(row)
        return [row for listing_id in wanted for row in self._known[listing_id]]

    def matching_documents(self, listing_ids: Iterable[int]) -> list[Any]:
        """The entries of some listings for which everything holds that is asked."""
        words = [source for source in (self.driver, *self.others) if min(source.locations) >= WORDS]
        rows = [row for row in self.documents(listing_ids) if all(_stands_under(row, word) for word in words)]
        return list(matching(unpack(row.packed for row in rows), self.scope))

    def _sifted(self, entries: Entries, ranges: Sequence[Range]) -> Entries:
        """What matches of some entries and of the rare words', in the ranges and around them."""
        entries = matching(np.concatenate([entries, self._rare()]), self.scope)
        if len(self.driver.locations) > 1:
            entries = entries[np.unique(entries["location"], return_index=True)[1]]
        for other in self.others:
            entries = self._holding(entries, other, ranges)
        return entries

    def _rare(self) -> Entries:
        """All that stands under the driver's rare keys, read once: they have a tile or two."""
        if self._small is None:
            keys = [key for key, total in self.driver.locations.items() if total <= SPLIT]
            self._small = self._whole(keys) if keys else NONE
        return self._small

    def _whole(self, keys: Iterable[int]) -> Entries:
        rows = numbers_in(self.connection, _WHOLE, keys, generation=self.generation).all()
        self.rows_read += len(rows)
        return unpack(row.packed for row in rows)

    def _holding(self, entries: Entries, word: Source, ranges: Sequence[Range]) -> Entries:
        """Those that hold another word as well."""
        if len(entries) <= LOOKED_UP:
            rows = self.documents(np.unique(entries["listing"]).tolist()) if len(entries) else []
            holding: Any = [row.location_id for row in rows if _stands_under(row, word)]
        else:
            runs = [(key, codes) for key in word.locations for codes in _joined(ranges, len(word.locations))]
            holding = unpack(each_once(self._tiles(runs)).values())["location"]
        return entries[np.isin(entries["location"], holding)]

    def _tiles(self, runs: Sequence[tuple[int, Range]], limit: int | None = None) -> list[Any]:
        found = tiles(self.connection, self.generation, runs, limit=limit)
        self.rows_read += len(found)
        return found


def _joined(ranges: Sequence[Range], keys: int) -> Sequence[Range]:
    """The ranges, joined over the narrowest gaps until they are few enough for so many keys."""
    most = max(2, MOST_RUNS // keys)
    if len(ranges) <= most:
        return ranges
    gaps = sorted(range(1, len(ranges)), key=lambda number: ranges[number][0] - ranges[number - 1][1])
    cuts = [0, *sorted(gaps[len(gaps) - most + 1 :]), len(ranges)]
    return [(ranges[first][0], ranges[last - 1][1]) for first, last in itertools.pairwise(cuts)]


def _stands_under(document: Any, word: Source) -> bool:
    return not word.locations.keys().isdisjoint(np.frombuffer(document.keys, KEYS_TYPE).tolist())


def steadily(
    connection: sa.Connection, filters: Filters, now: datetime, ask: Callable[[Reader], T], *, nothing: T
) -> T:
    """What `ask` finds of all that the filters let through, in one generation of the index; `nothing` if that is none.

    Where a rebuild took over meanwhile, some of the old generation may have been dropped under the search: so it asks
    once more.
    """
    while (way := reader(connection, filters, now)) is not None:
        answer = ask(way)
        if connection.scalar(_GENERATION) == way.generation:
            return answer
    return nothing


def reader(connection: sa.Connection, filters: Filters, now: datetime) -> Reader | None:
    """The way to what the filters ask for; None where nothing can match."""
    scope = Scope.of(filters, now)
    keys = [ANY, *(condition.key for condition in scope.conditions)]
    asked = [*keys, *(key + COPIES for key in keys)]
    rows = numbers_in(connection, _KEYS, asked).all()
    generation = rows[0].generation
    counted = {row.key: row for row in rows if row.key is not None}
    words = [_begun(connection, generation, word) for word in scope.words]
    sources = [*(Source({key: counted[key].locations if key in counted else 0}) for key in keys), *words]
    driver = min(sources, key=lambda source: source.total)
    if not driver.total:
        # A rebuild that took over meanwhile may have dropped the words from under the search.
        overtaken = words and connection.scalar(_GENERATION) != generation
        return reader(connection, filters, now) if overtaken else None
    everybody = sources[0].total
    share = 1.0
    for source in sources:
        share *= 1.0 if source is driver else min(1.0, source.total / everybody)
    first = next(iter(driver.locations))
    return Reader(
        connection,
        scope,
        generation,
        driver,
        tuple(word for word in words if word is not driver),
        share,
        counted[first + COPIES].locations if first + COPIES in counted else 0,
        counted[first].listings if first in counted else 0,
    )


def _begun(connection: sa.Connection, generation: int, word: str) -> Source:
    """The words that a word stands for: those that it begins, or itself where it is short."""
    last = word + "\U0010ffff" if len(word) >= BEGINNING else word
    rows = connection.execute(_BEGUN, {"generation": generation, "first": word, "last": last})
    return Source({row.key: row.locations for row in rows})
