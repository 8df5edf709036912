"""Reads the index: what a search is looked for in, and all that matches it in some part of the map."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa

from directory.search.cells import Range
from directory.search.keys import ANY, COPIES, WORDS, Scope, ends_with
from directory.search.packing import KEYS_TYPE, NONE, Entries, matching, unpack
from directory.search.statements import ALL, each_once, numbers_in, tiles
from directory.search.tree import SPLIT

MOST_RUNS = 64
"""Runs of codes that are looked up at once: ranges of the map times keys, of which a word that is begun has many."""

READ_BESIDE = 200
"""Tiles of another word that are read to count who holds it, too; where there are more, some are looked up."""

LOOKED_UP = 200
"""Locations whose other words are looked up one by one; of more, the words' own tiles are read."""

_TOTALS = """
SELECT key, locations, listings FROM search_keys WHERE generation = :generation AND key IN ({numbers})
"""
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
    `others` are words that may be read as well, `spelt` such as stand under too many keys: who holds one is looked up.
    `held` is the share of the driver's locations that may hold all of them.
    `rows_read` counts the rows of the database that were fetched: what a search costs, without the noise of a clock.
    """

    connection: sa.Connection
    scope: Scope
    generation: int
    driver: Source
    others: tuple[Source, ...]
    spelt: tuple[Source, ...]
    held: float
    share: float
    everybody: int
    copies: int
    listings: int
    rows_read: int = 0
    _small: Entries | None = field(default=None, repr=False)
    _known: dict[int, list[Any]] = field(default_factory=dict, repr=False)
    _counted: dict[int, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> int | None:
        """The one key that has counts: of a fact, not of words."""
        key = next(iter(self.driver.locations))
        return key if key < WORDS else None

    def entries(self, ranges: Sequence[Range]) -> Entries:
        """All that matches in the tiles of the ranges, in them and around them, each location once."""
        return self.some(ranges, ALL)[0]

    def some(self, ranges: Sequence[Range], most: int) -> tuple[Entries, bool]:
        """The same as far as about `most` tiles hold it, and whether that is all."""
        found = self._tiles([(key, codes) for codes in ranges for key in self._large], most=most)
        entries, whole = self._matching(found), len(found) < most
        for other in (*self.others, *self.spelt):
            holding, all_of_them = entries, False
            if len(entries) > LOOKED_UP:
                holding, all_of_them = self._standing_under(entries, other, READ_BESIDE)
            if not all_of_them:
                whole = whole and len(entries) <= LOOKED_UP
                holding = self._looked_up(entries[:LOOKED_UP], (other,))
            entries = holding
        return entries, whole

    def candidates(self, ranges: Sequence[Range], limit: int) -> tuple[Entries, set[int]]:
        """What matches but for other words, without ranges in which a key has `limit` tiles; and which those are."""
        large = self._large
        found = self._tiles([(key, codes) for codes in ranges for key in large], limit=limit)
        read = Counter(tile.run for tile in found)
        cut = {run // len(large) for run, many in read.items() if many >= limit}
        return self._matching([tile for tile in found if not cut or tile.run // len(large) not in cut]), cut

    def narrowed(self, entries: Entries, most: int) -> tuple[Entries, bool]:
        """The candidates that stand under the others, by reading `most` tiles of each; and whether those were all."""
        whole = True
        for other in self.others:
            entries, all_of_it = self._standing_under(entries, other, most)
            whole = whole and all_of_it
        return entries, whole

    def lookups_expected(self, wanted: int) -> int:
        """How many candidates must be looked up until so many hold all other words."""
        return int(wanted / self.held)

    def worded(self, entries: Entries) -> Entries:
        """Those that hold all other words, looked up one by one."""
        words = (*self.others, *self.spelt)
        return self._looked_up(entries, words) if words else entries

    def few(self, ranges: Sequence[Range]) -> Sequence[Range]:
        """The ranges, or fewer and wider ones where each would be looked up under many keys."""
        return _joined(ranges, len(self.driver.locations))

    def several(self, ranges: Sequence[Range]) -> Entries:
        """Those matches whose listing has several locations; for a key with counts."""
        key = (self.key or ANY) + COPIES
        found = self._tiles([(key, codes) for codes in ranges])
        return matching(unpack(each_once(found).values()), self.scope)

    def totals(self, keys: Iterable[int]) -> dict[int, Any]:
        """The rows of `search_keys` of some keys."""
        rows = numbers_in(self.connection, _TOTALS, keys, generation=self.generation).all()
        self.rows_read += len(rows)
        return {row.key: row for row in rows}

    def under(self, keys: Iterable[int], ranges: Sequence[Range], most: int = ALL) -> dict[int, tuple[Entries, bool]]:
        """What matches in the ranges under each of other keys, of facts; and whether that is all.

        The rarest are read first, about `most` tiles in all; those of which nothing was read are left out.
        """
        totals = self.totals(keys)
        wanted = sorted(totals, key=lambda key: totals[key].locations)
        found = self._tiles([(key, codes) for key in wanted for codes in _joined(ranges, len(wanted))], most=most)
        packed: dict[int, list[bytes]] = {}
        for key, code in (once := each_once(found)):
            packed.setdefault(key, []).append(once[key, code])
        last = found[-1].key if len(found) >= most else None
        return {key: (self._holding_fact(unpack(some), key), key != last) for key, some in packed.items()}

    def nodes(self, numbers: Iterable[int]) -> dict[int, Any]:
        """The rows of `search_nodes` among some, by their number, each read once."""
        wanted = list(numbers)
        if new := [number for number in wanted if number not in self._counted]:
            rows = numbers_in(self.connection, _NODES, new, generation=self.generation).all()
            self.rows_read += len(rows)
            self._counted |= dict.fromkeys(new)
            self._counted |= {row.node: row for row in rows}
        return {number: row for number in wanted if (row := self._counted[number])}

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
        words = [source for source in (self.driver, *self.others, *self.spelt) if min(source.locations) >= WORDS]
        rows = [row for row in self.documents(listing_ids) if all(_stands_under(row, word) for word in words)]
        return list(matching(unpack(row.packed for row in rows), self.scope))

    def _holding_fact(self, entries: Entries, key: int) -> Entries:
        """What matches of those under a key and has not ended there."""
        column = ends_with(key)
        return matching(entries if column is None else entries[entries[column] >= self.scope.at], self.scope)

    @property
    def _large(self) -> list[int]:
        return [key for key, total in self.driver.locations.items() if total > SPLIT]

    def _matching(self, found: Iterable[Any]) -> Entries:
        """What matches of some tiles and of the rare words', but for other words."""
        packed = unpack(each_once(found).values())
        rare = self._rare()
        entries = matching(np.concatenate([packed, rare]) if len(rare) else packed, self.scope)
        if len(self.driver.locations) > 1:
            entries = entries[np.unique(entries["location"], return_index=True)[1]]
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

    def _looked_up(self, entries: Entries, words: Sequence[Source]) -> Entries:
        if not len(entries):
            return entries
        rows = self.documents(np.unique(entries["listing"]).tolist())
        holding = [row.location_id for row in rows if all(_stands_under(row, word) for word in words)]
        return entries[np.isin(entries["location"], holding)]

    def _standing_under(self, entries: Entries, word: Source, most: int) -> tuple[Entries, bool]:
        """Those of which `most` tiles under another word tell that they hold it, and whether that is all."""
        if not len(entries):
            return entries, True
        runs = _runs_of(entries, MOST_RUNS // len(word.locations))
        found = self._tiles([(key, codes) for key in word.locations for codes in runs], most=most)
        holding = unpack(each_once(found).values())["location"]
        return entries[np.isin(entries["location"], holding)], len(found) < most

    def _tiles(self, runs: Sequence[tuple[int, Range]], limit: int = ALL, most: int = ALL) -> list[Any]:
        found = tiles(self.connection, self.generation, runs, limit=limit, most=most)
        self.rows_read += len(found)
        return found


def _runs_of(entries: Entries, most: int) -> Sequence[Range]:
    """Where the entries are: few runs of codes, with the widest gaps between them."""
    codes = np.unique(entries["code"])
    cuts = np.sort(np.argsort(np.diff(codes))[::-1][: max(0, most - 1)])
    return list(zip(codes[np.append(0, cuts + 1)].tolist(), codes[np.append(cuts, -1)].tolist(), strict=True))


def _joined(ranges: Sequence[Range], keys: int) -> Sequence[Range]:
    """The ranges, joined over the narrowest gaps until they are few enough for so many keys."""
    most = max(2, MOST_RUNS // max(1, keys))
    if len(ranges) <= most:
        return ranges
    gaps = sorted(range(1, len(ranges)), key=lambda number: ranges[number][0] - ranges[number - 1][1])
    cuts = [0, *sorted(gaps[len(gaps) - most + 1 :]), len(ranges)]
    return [(ranges[first][0], ranges[last - 1][1]) for first, last in itertools.pairwise(cuts)]


def _stands_under(document: Any, word: Source) -> bool:
    return not word.locations.keys().isdisjoint(np.frombuffer(document.keys, KEYS_TYPE).tolist())
