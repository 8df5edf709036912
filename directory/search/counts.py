"""Keeps the count pyramid in step with the tiles: adds up what came and went in every square around it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from directory.search.cells import ZOOM, Range
from directory.search.keys import COPIES, ENDLESS, ends_with
from directory.search.packing import NONE, Entries, Numbers, ends, facet_ends, facet_table, in_ranges, unpack
from directory.search.statements import each_once, numbers_in, tiles
from directory.search.tables import search_nodes
from directory.search.tree import FACETS_TYPE, SPLIT, Sums, codes_under, micro, node_id, nodes, square_of_node

_NODES = """
SELECT node, locations, lat_sum, lon_sum, counts_until, facets_until, facets FROM search_nodes
WHERE generation = :generation AND node IN ({numbers})
"""
_CHILDREN = "SELECT node FROM search_nodes WHERE generation = :generation AND node IN ({numbers})"


def write_nodes(
    connection: sa.Connection, generation: int, added: Mapping[int, Entries], removed: Mapping[int, Entries]
) -> None:
    """Count some locations in and some out, key by key, after they were written to the tiles."""
    come, gone = _Moved.of(added), _Moved.of(removed)
    wanted = np.unique(np.concatenate([come.paths.ravel(), gone.paths.ravel()]))
    rows = {row.node: row for row in numbers_in(connection, _NODES, wanted.tolist(), generation=generation)}
    roots = {node_id(key, 0, 0) for key in added if key < COPIES}
    known = np.array(sorted(rows.keys() | roots), np.int64)
    total = _loaded(rows, known)
    before = total.locations.copy()
    come.gather_into(total, known)
    early = gone.scatter_from(total, known)
    _save(connection, generation, known, total, new=roots - rows.keys())
    _close(connection, generation, known[(before > SPLIT) & (total.locations <= SPLIT)])
    for key, zoom, prefix in _outgrown(come, known, total):
        _quarter(connection, generation, key, zoom, prefix)
    _renew_ends(connection, generation, early)


class _Moved:
    """Locations under their keys: what each comes to, and the nodes of all squares around it, one row each."""

    def __init__(self, keys: Numbers, entries: Entries) -> None:
        zooms = np.arange(ZOOM + 1)
        prefixes = entries["code"][:, None] >> (2 * (ZOOM - zooms))
        self.entries = entries
        self.paths = (keys[:, None] << 53) | (zooms << 48) | prefixes
        self.keys = keys

    @classmethod
    def of(cls, moved: Mapping[int, Entries]) -> "_Moved":
        counted = {key: entries for key, entries in moved.items() if key < COPIES and len(entries)}
        keys = [np.full(len(entries), key, np.int64) for key, entries in counted.items()]
        return cls(np.concatenate([np.zeros(0, np.int64), *keys]), np.concatenate([NONE, *counted.values()]))

    def gather_into(self, total: Sums, known: Numbers) -> None:
        into, which = self._met(known)
        total.gather(into, self._sums().taken(which))

    def scatter_from(self, total: Sums, known: Numbers) -> list[int]:
        """Count them out; the nodes of which the end was that of a location that is gone."""
        out_of, which = self._met(known)
        parts = self._sums().taken(which)
        total.scatter(out_of, parts)
        first = (parts.counts_until <= total.counts_until[out_of]) & (parts.counts_until < ENDLESS)
        first |= (parts.facets_until <= total.facets_until[out_of]) & (parts.facets_until < ENDLESS)
        there = total.locations[out_of] > 0
        return [int(node) for node in np.unique(known[out_of[first & there]])]

    def _met(self, known: Numbers) -> tuple[Numbers, Numbers]:
        """Which of the known nodes hold which of the locations."""
        flat = self.paths.ravel()
        place = np.minimum(np.searchsorted(known, flat), max(len(known) - 1, 0))
        met = known[place] == flat if len(known) else np.zeros(len(flat), bool)
        return place[met], np.repeat(np.arange(len(self.entries)), ZOOM + 1)[met]

    def _sums(self) -> Sums:
        until = [
            ENDLESS if (column := ends_with(key)) is None else entry[column]
            for key, entry in zip(self.keys.tolist(), self.entries, strict=True)
        ]
        return Sums(
            np.ones(len(self.entries), np.int64),
            micro(self.entries["lat"]),
            micro(self.entries["lon"]),
            np.array(until, np.int64),
            facet_ends(self.entries),
            facet_table(self.entries).astype(np.int64),
        )


def _loaded(rows: Mapping[int, Any], known: Numbers) -> Sums:
    total = Sums.nothing(len(known))
    for number, node in enumerate(known.tolist()):
        if row := rows.get(node):
            total.locations[number], total.lat[number], total.lon[number] = row.locations, row.lat_sum, row.lon_sum
            total.counts_until[number], total.facets_until[number] = row.counts_until, row.facets_until
            total.facets[number] = np.frombuffer(row.facets, FACETS_TYPE)
    return total


def _save(connection: sa.Connection, generation: int, known: Numbers, total: Sums, *, new: set[int]) -> None:
    rows = [total.row(number, node) for number, node in enumerate(known.tolist())]
    if inserted := [row | {"generation": generation} for row in rows if row["node"] in new]:
        connection.execute(sa.insert(search_nodes), inserted)
    kept = [row for row in rows if row["node"] not in new]
    if changed := [{f"this_{name}": value for name, value in row.items()} for row in kept if row["locations"]]:
        connection.execute(_CHANGE, [row | {"this_generation": generation} for row in changed])
    _drop(connection, generation, [row["node"] for row in kept if not row["locations"]])


_THIS = sa.and_(
    search_nodes.c.generation == sa.bindparam("this_generation"), search_nodes.c.node == sa.bindparam("this_node")
)
_CHANGE = (
    sa.update(search_nodes)
    .where(_THIS)
    .values({column.name: sa.bindparam(f"this_{column.name}") for column in search_nodes.c if not column.primary_key})
)
_RENEW = (
    sa.update(search_nodes)
    .where(_THIS)
    .values(counts_until=sa.bindparam("counts_end"), facets_until=sa.bindparam("facets_end"))
)
_DROP = sa.delete(search_nodes).where(_THIS)


def _drop(connection: sa.Connection, generation: int, numbers: Sequence[int]) -> None:
    if numbers:
        connection.execute(_DROP, [{"this_generation": generation, "this_node": node} for node in numbers])


def _close(connection: sa.Connection, generation: int, shrunk: Numbers) -> None:
    """Drop the quarters of squares that no longer need them, so that a square has all of them or none."""
    four = [
        node_id(key, zoom + 1, prefix * 4 + quarter)
        for key, zoom, prefix in map(square_of_node, shrunk.tolist())
        for quarter in range(4)
        if zoom < ZOOM
    ]
    _drop(connection, generation, four)


def _renew_ends(connection: sa.Connection, generation: int, numbers: Sequence[int]) -> None:
    """Say anew until when some nodes hold, from the finest to the coarsest: of their quarters, or of their tiles."""
    by_zoom: dict[int, list[int]] = {}
    for number in numbers:
        by_zoom.setdefault(square_of_node(number)[1], []).append(number)
    for zoom in sorted(by_zoom, reverse=True):
        squares = {number: square_of_node(number) for number in by_zoom[zoom]}
        quarters = {
            node_id(key, zoom + 1, prefix * 4 + quarter): number
            for number, (key, _, prefix) in squares.items()
            for quarter in range(4)
        }
        found: dict[int, tuple[int, int]] = {}
        for row in numbers_in(connection, _NODES, quarters, generation=generation) if zoom < ZOOM else ():
            number = quarters[row.node]
            counts, facets = found.get(number, (ENDLESS, ENDLESS))
            found[number] = min(counts, row.counts_until), min(facets, row.facets_until)
        found |= {
            number: _ends_of_tiles(connection, generation, *square)
            for number, square in squares.items()
            if number not in found
        }
        rows = [
            {"this_generation": generation, "this_node": node, "counts_end": counts, "facets_end": facets}
            for node, (counts, facets) in found.items()
        ]
        connection.execute(_RENEW, rows)


def _ends_of_tiles(connection: sa.Connection, generation: int, key: int, zoom: int, prefix: int) -> tuple[int, int]:
    entries = _entries_in(connection, generation, key, codes_under(zoom, prefix))
    return int(ends(entries, key).min(initial=ENDLESS)), int(facet_ends(entries).min(initial=ENDLESS))


def _entries_in(connection: sa.Connection, generation: int, key: int, codes: Range) -> Entries:
    """All that stands under a key in a square, in the order of the codes."""
    found = each_once(tiles(connection, generation, [(key, codes)]))
    entries = in_ranges(unpack(found.values()), [codes])
    ordered: Entries = entries[np.argsort(entries["code"], kind="stable")]
    return ordered


def _outgrown(come: _Moved, known: Numbers, total: Sums) -> Iterator[tuple[int, int, int]]:
    """Quarters that are not counted yet although the square around them holds too much."""
    crowded = {node: many > SPLIT for node, many in zip(known.tolist(), total.locations.tolist(), strict=True)}
    seen: set[int] = set()
    for steps in come.paths.tolist():
        last = max(zoom for zoom, node in enumerate(steps) if node in crowded)
        if crowded[steps[last]] and last < ZOOM and steps[last + 1] not in seen:
            seen.add(steps[last + 1])
            yield square_of_node(steps[last + 1])


def _quarter(connection: sa.Connection, generation: int, key: int, zoom: int, prefix: int) -> None:
    """Count a quarter that is not counted yet, and its three neighbours if they are not either."""
    four = {node_id(key, zoom, square): square for square in range(prefix & ~3, (prefix & ~3) + 4)}
    there = {row.node for row in numbers_in(connection, _CHILDREN, four, generation=generation)}
    # Where some are counted, all that held anything are: only this one was empty.
    wanted = [prefix] if there else list(four.values())
    for square in wanted:
        if node_id(key, zoom, square) not in there:
            entries = _entries_in(connection, generation, key, codes_under(zoom, square))
            rows = [row | {"generation": generation} for row in nodes(entries, key, zoom, square)]
            if rows:
                connection.execute(sa.insert(search_nodes), rows)
