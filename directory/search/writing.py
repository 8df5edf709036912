"""Writes the index: puts locations into the tiles and counts of each key, and takes them out again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from directory.search.counts import write_nodes
from directory.search.packing import ENTRY, NONE, Entries, listings_among
from directory.search.statements import each_once, numbers_in, tiles
from directory.search.tables import search_keys, search_tiles

_KEYS = "SELECT key FROM search_keys WHERE generation = :generation AND key IN ({numbers})"

TILE = 256
"""Locations that a tile may hold, except where they all lie at one point: about fifteen kilobytes."""

LAST_CODE = 2**48 - 1
"""The last of all Morton codes."""

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

    def _write_tiles(self, added: Mapping[int, Entries], removed: Mapping[int, Entries]) -> None:
        moved = [*added.items(), *removed.items()]
        places = {(key, code) for key, entries in moved for code in entries["code"].tolist()}
        found = each_once(
            tiles(self.connection, self.generation, [(key, (code, code)) for key, code in sorted(places)])
        )
        firsts: dict[int, list[int]] = defaultdict(list)
        for key, code in sorted(found):
            firsts[key].append(code)
        changed: list[dict[str, Any]] = []
        new: list[dict[str, Any]] = []
        for key in added.keys() | removed.keys():
            gone, come = removed.get(key, NONE), added.get(key, NONE)
            for first, last in _spans(firsts[key] or [0]):
                packed = found.get((key, first))
                old = NONE if packed is None else np.frombuffer(packed, ENTRY)
                entries = np.concatenate([_without(old, _between(gone, first, last)), _between(come, first, last)])
                rows = self._rows(key, first, entries)
                if packed is not None:
                    changed.append({f"this_{name}": value for name, value in rows.pop(0).items()})
                new += rows
        _execute_all(self.connection, _CHANGE_TILE, changed)
        _execute_all(self.connection, sa.insert(search_tiles), new)

    def _rows(self, key: int, first: int, entries: Entries) -> list[dict[str, Any]]:
        where = {"generation": self.generation, "key": key}
        pieces = cut(entries[np.lexsort((entries["location"], entries["code"]))], first)
        return [where | {"code": code, "packed": some.tobytes()} for code, some in pieces]

    def _write_totals(self, added: Mapping[int, Entries], removed: Mapping[int, Entries]) -> None:
        known = {row.key for row in numbers_in(self.connection, _KEYS, added.keys(), generation=self.generation)}
        nothing = {"generation": self.generation, "locations": 0, "listings": 0}
        _execute_all(self.connection, sa.insert(search_keys), [nothing | {"key": key} for key in added.keys() - known])
        changed = [
            {
                "this_generation": self.generation,
                "this_key": key,
                "more": len(added.get(key, NONE)) - len(removed.get(key, NONE)),
                "listed": listings_among(added.get(key, NONE)) - listings_among(removed.get(key, NONE)),
            }
            for key in added.keys() | removed.keys()
        ]
        _execute_all(self.connection, _CHANGE_TOTAL, changed)


_CHANGE_TILE = (
    sa.update(search_tiles)
    .where(
        search_tiles.c.generation == sa.bindparam("this_generation"),
        search_tiles.c.key == sa.bindparam("this_key"),
        search_tiles.c.code == sa.bindparam("this_code"),
    )
    .values(packed=sa.bindparam("this_packed"))
)
_CHANGE_TOTAL = (
    sa.update(search_keys)
    .where(search_keys.c.generation == sa.bindparam("this_generation"), search_keys.c.key == sa.bindparam("this_key"))
    .values(
        locations=search_keys.c.locations + sa.bindparam("more"),
        listings=search_keys.c.listings + sa.bindparam("listed"),
    )
)


def _execute_all(connection: sa.Connection, statement: sa.Executable, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _spans(firsts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last code that belong to each tile, as far as is known."""
    return zip(firsts, [*(first - 1 for first in firsts[1:]), LAST_CODE], strict=True)


def _between(entries: Entries, first: int, last: int) -> Entries:
    if len(entries) == 0 or (entries["code"][0] >= first and last == LAST_CODE and len(entries) == 1):
        return entries
    own: Entries = entries[(entries["code"] >= first) & (entries["code"] <= last)]
    return own


def _without(entries: Entries, gone: Entries) -> Entries:
    """The entries but for the locations that are gone."""
    if len(gone) == 1:
        kept: Entries = entries[entries["location"] != gone["location"][0]]
        return kept
    return entries[~np.isin(entries["location"], gone["location"])] if len(gone) else entries


def cut(entries: Entries, first: int) -> Iterator[tuple[int, Entries]]:
    """Tiles of so many locations in the order of their codes, and the code that each begins at: the first at `first`.

    All locations of one code stay together, so that a code lies in one tile.
    """
    codes, start = np.ascontiguousarray(entries["code"]), 0
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
