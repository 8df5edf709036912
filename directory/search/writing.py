"""Writes the index: puts locations into the tiles and counts of each key, and takes them out again."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa

from directory.search.bulk import Row, put_rows, run_each
from directory.search.counts import write_nodes
from directory.search.packing import ENTRY, Entries, Filed, Numbers, are_first, unpack
from directory.search.tables import search_tiles
from directory.search.tree import Sliced

TILE = 256
"""Locations that a tile may hold, except where they all lie at one point: about fifteen kilobytes."""

FILL = 192
"""Locations in a tile that was cut off, so that there is room for some more."""

FEW = 8
"""Changes of a tile that are made one after the other; more of them are made together. Measured."""

_PLACES = {
    "sqlite": "SELECT json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS code FROM json_each(:places)",
    "postgresql": "SELECT * FROM unnest(CAST(:keys AS integer[]), CAST(:codes AS bigint[])) AS place (key, code)",
}
_HOMES = """
SELECT key, code, (
    SELECT packed FROM search_tiles AS tile
    WHERE tile.generation = :generation AND tile.key = home.key AND tile.code = home.code
) AS packed
FROM (
    SELECT DISTINCT key, (
        SELECT max(code) FROM search_tiles AS tile
        WHERE tile.generation = :generation AND tile.key = place.key AND tile.code <= place.code
    ) AS code
    FROM ({places}) AS place
) AS home
"""
# As questions within the question: joined with a list of places, PostgreSQL reads the whole table.
_HOMES_OF = {name: sa.text(_HOMES.format(places=places)) for name, places in _PLACES.items()}
_CHANGE_TOTAL = """
INSERT INTO search_keys (generation, key, locations, listings) VALUES (?, ?, ?, ?)
ON CONFLICT (generation, key) DO UPDATE SET
    locations = search_keys.locations + excluded.locations, listings = search_keys.listings + excluded.listings
"""


def write(connection: sa.Connection, generation: int, *, gone: Filed, come: Filed) -> None:
    """Take locations away from keys under which they stand, and put locations under others."""
    if len(gone.keys) or len(come.keys):
        _write_tiles(connection, generation, gone, come)
        _write_totals(connection, generation, gone, come)
        write_nodes(connection, generation, gone=gone, come=come)


def _write_tiles(connection: sa.Connection, generation: int, gone: Filed, come: Filed) -> None:
    homes = _Homes(connection, generation, {*_places(gone), *_places(come)})
    out, into = homes.moves(gone), homes.moves(come)
    rows: list[Row] = []
    for key, first in out.keys() | into.keys():
        old = homes.packed.get((key, first), b"")
        packed = _changed(old, out.get((key, first), []), into.get((key, first), []))
        rows += [(generation, key, code, some) for code, some in _pieces(packed, first)]
    put_rows(connection, search_tiles, rows)


class _Move(NamedTuple):
    """A location that goes or comes: its code, its id, and its entry."""

    code: int
    location: int
    packed: bytes


def _places(filed: Filed) -> Iterable[tuple[int, int]]:
    """The keys and codes that something stands at."""
    return zip(filed.keys.tolist(), filed.entries["code"][filed.numbers].tolist(), strict=True)


class _Homes:
    """The tiles in which some places lie, as they are stored."""

    def __init__(self, connection: sa.Connection, generation: int, places: Iterable[tuple[int, int]]) -> None:
        asked: dict[str, Any] = {"generation": generation}
        if connection.dialect.name == "postgresql":
            asked["keys"], asked["codes"] = map(list, zip(*places, strict=True))
        else:
            asked["places"] = json.dumps(list(places))
        found = connection.execute(_HOMES_OF[connection.dialect.name], asked).all()
        # No code means no tile. To leave it out in the statement is to look each of them up twice.
        self.packed: dict[tuple[int, int], bytes] = {(key, code): some for key, code, some in found if some is not None}
        self._firsts: dict[int, list[int]] = defaultdict(list)
        for key, first in sorted(self.packed):
            self._firsts[key].append(first)

    def moves(self, filed: Filed) -> dict[tuple[int, int], list[_Move]]:
        """What is filed, by the key and the first code of the tile where it belongs."""
        places = zip(filed.entries["code"].tolist(), filed.entries["location"].tolist(), strict=True)
        every = [_Move(*place, entry.tobytes()) for place, entry in zip(places, filed.entries, strict=True)]
        found: dict[tuple[int, int], list[_Move]] = defaultdict(list)
        for key, number in zip(filed.keys.tolist(), filed.numbers.tolist(), strict=True):
            # The first tile of a key begins at 0.
            firsts = self._firsts.get(key) or [0]
            move = every[number]
            found[key, firsts[bisect_right(firsts, move.code) - 1]].append(move)
        return found


def _changed(packed: bytes, gone: Sequence[_Move], come: Sequence[_Move]) -> bytes:
    """What a tile holds after some locations went and some came."""
    if len(gone) + len(come) > FEW:
        old, new = np.frombuffer(packed, ENTRY), unpack(move.packed for move in come)
        kept = old[~np.isin(old["location"], [move.location for move in gone])]
        entries = np.concatenate([kept.view(_WHOLE), new.view(_WHOLE)]).view(ENTRY)
        return entries[np.lexsort((entries["location"], entries["code"]))].tobytes()
    staying = {(move.code, move.location) for move in come}
    for move in gone:
        if (move.code, move.location) not in staying:
            packed = _put(packed, move, b"")
    for move in come:
        packed = _put(packed, move, move.packed)
    return packed


_WHOLE = np.dtype((np.void, ENTRY.itemsize))
"""An entry that is only moved: numpy joins these without looking at each field."""


def _put(packed: bytes, move: _Move, entry: bytes) -> bytes:
    """The tile with the entry in the place of the location, by code and then by id, whether it stood there or not."""
    entries = np.frombuffer(packed, ENTRY)
    first, last = entries["code"].searchsorted([move.code, move.code + 1]).tolist()
    place = first + int(entries["location"][first:last].searchsorted(move.location))
    there = place < last and entries["location"][place] == move.location
    start = place * ENTRY.itemsize
    return packed[:start] + entry + packed[start + (ENTRY.itemsize if there else 0) :]


def _pieces(packed: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """What a tile holds, cut into several where it is too much."""
    if len(packed) <= TILE * ENTRY.itemsize:
        yield first, packed
    else:
        entries = np.frombuffer(packed, ENTRY)
        for code, some in cut(np.ascontiguousarray(entries["code"]), entries, first):
            yield code, some.tobytes()


def _write_totals(connection: sa.Connection, generation: int, gone: Filed, come: Filed) -> None:
    keys, of_key = np.unique(np.append(gone.keys, come.keys), return_inverse=True)
    sign = np.repeat([-1, 1], [len(gone.keys), len(come.keys)])
    first = np.append(are_first(gone.entries)[gone.numbers], are_first(come.entries)[come.numbers])
    more, listed = (np.bincount(of_key, some).astype(int) for some in (sign, sign * first))
    rows = zip(keys.tolist(), more.tolist(), listed.tolist(), strict=True)
    run_each(connection, _CHANGE_TOTAL, [(generation, *row) for row in rows if any(row[1:])])


def cut(codes: Numbers, entries: Sliced, first: int) -> Iterator[tuple[int, Entries]]:
    """Tiles of so many locations in the order of their codes, and the code that each begins at: the first at `first`.

    All locations of one code stay together, so that a code lies in one tile.
    """
    start = 0
    while len(codes) - start > TILE:
        code = codes[start + FILL]
        end = int(np.searchsorted(codes, code, side="left"))
        if end <= start:
            end = int(np.searchsorted(codes, code, side="right"))
        if end == len(codes):
            break
        yield int(codes[start]) if start else first, entries[start:end]
        start = end
    yield int(codes[start]) if start else first, entries[start:]
