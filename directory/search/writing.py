"""Writes the index: puts locations into the tiles and counts of each key, and takes them out again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import sqlalchemy as sa

from directory.search.counts import write_nodes
from directory.search.keys import FIRST
from directory.search.packing import NONE, Entries, Numbers, unpack
from directory.search.statements import each_once, numbers_in, tiles
from directory.search.tables import search_keys, search_tiles

_KEYS = "SELECT key FROM search_keys WHERE generation = :generation AND key IN ({numbers})"

TILE = 256
"""Locations that a tile may hold, except where they all lie at one point: about fifteen kilobytes."""

FILL = 192
"""Locations in a tile that was cut off, so that there is room for some more."""


class Changes:
    """Locations to be put under keys and taken away from others, all of one generation of the index."""

    def __init__(self, connection: sa.Connection, generation: int) -> None:
        self.connection = connection
        self.generation = generation
        self._added: dict[int, list[Entries]] = defaultdict(list)
        self._removed: dict[int, list[Entries]] = defaultdict(list)

    def add(self, entry: Entries, keys: Iterable[int]) -> None:
        """Put a location, an array of one, under some keys."""
        for key in keys:
            self._added[key].append(entry)

    def remove(self, entry: Entries, keys: Iterable[int]) -> None:
        """Take a location away from some keys."""
        for key in keys:
            self._removed[key].append(entry)

    def write(self) -> None:
        """Do all of it."""
        added = {key: np.concatenate(some) for key, some in self._added.items()}
        removed = {key: np.concatenate(some) for key, some in self._removed.items()}
        self._write_tiles(added, removed)
        self._write_totals(added, removed)
        write_nodes(self.connection, self.generation, added, removed)

    def _write_tiles(self, added: dict[int, Entries], removed: dict[int, Entries]) -> None:
        places = {
            (key, code)
            for some in (added, removed)
            for key, entries in some.items()
            for code in entries["code"].tolist()
        }
        runs = [(key, (code, code)) for key, code in sorted(places)]
        found = each_once(tiles(self.connection, self.generation, runs))
        firsts: dict[int, list[int]] = defaultdict(list)
        for key, code in sorted(found):
            firsts[key].append(code)
        for key in added.keys() | removed.keys():
            starts = np.array(firsts[key] or [0])
            for number, first in enumerate(starts.tolist()):
                old = unpack([found[key, first]]) if (key, first) in found else NONE
                gone = _of_tile(removed.get(key, NONE), starts, number)
                come = _of_tile(added.get(key, NONE), starts, number)
                kept = old[~np.isin(old["location"], gone["location"])] if len(gone) else old
                self._replace(key, first, np.concatenate([kept, come]), is_new=(key, first) not in found)

    def _replace(self, key: int, first: int, entries: Entries, *, is_new: bool) -> None:
        where = {"generation": self.generation, "key": key}
        pieces = cut(entries[np.lexsort((entries["location"], entries["code"]))], first)
        rows = [where | {"code": code, "packed": some.tobytes()} for code, some in pieces]
        if not is_new:
            tile = search_tiles.c
            this = sa.and_(tile.generation == self.generation, tile.key == key, tile.code == first)
            self.connection.execute(sa.update(search_tiles).where(this).values(packed=rows.pop(0)["packed"]))
        if rows:
            self.connection.execute(sa.insert(search_tiles), rows)

    def _write_totals(self, added: Mapping[int, Entries], removed: Mapping[int, Entries]) -> None:
        known = {row.key for row in numbers_in(self.connection, _KEYS, added.keys(), generation=self.generation)}
        new = [
            {"generation": self.generation, "key": key, "locations": 0, "listings": 0} for key in added.keys() - known
        ]
        if new:
            self.connection.execute(sa.insert(search_keys), new)
        changed = [
            {
                "this": key,
                "more": len(added.get(key, NONE)) - len(removed.get(key, NONE)),
                "listed": _listings(added.get(key, NONE)) - _listings(removed.get(key, NONE)),
            }
            for key in added.keys() | removed.keys()
        ]
        total = search_keys.c
        update = sa.update(search_keys).where(total.generation == self.generation, total.key == sa.bindparam("this"))
        sums = {
            "locations": total.locations + sa.bindparam("more"),
            "listings": total.listings + sa.bindparam("listed"),
        }
        if changed:
            self.connection.execute(update.values(sums), changed)


def cut(entries: Entries, first: int) -> Iterator[tuple[int, Entries]]:
    """Tiles of so many locations in the order of their codes, and the code that each begins at: the first at `first`.

    All locations of one code stay together, so that a code lies in one tile.
    """
    codes, start = entries["code"], 0
    while len(entries) - start > TILE:
        code = codes[start + FILL]
        end = int(np.searchsorted(codes, code, side="left"))
        if end <= start:
            end = int(np.searchsorted(codes, code, side="right"))
        if end == len(entries):
            break
        yield int(codes[start]) if start else first, entries[start:end]
        start = end
    yield int(codes[start]) if start else first, entries[start:]


def _of_tile(entries: Entries, starts: Numbers, number: int) -> Entries:
    own: Entries = entries[np.searchsorted(starts, entries["code"], side="right") - 1 == number]
    return own


def _listings(entries: Entries) -> int:
    return int(((entries["facts"] >> np.uint64(FIRST)) & np.uint64(1)).sum())
