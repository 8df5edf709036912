"""Keeps the count pyramid in step with the tiles: adds up what came and went in every square around it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from directory.search.bulk import insert_rows, put_rows, run_each
from directory.search.cells import ZOOM, Range
from directory.search.keys import COPIES, ENDLESS, FACETS
from directory.search.packing import (
    Entries,
    Filed,
    Numbers,
    ends,
    ends_under,
    facet_ends,
    facet_table,
    in_ranges,
    unpack,
)
from directory.search.statements import each_once, numbers_in, tiles
from directory.search.tables import search_nodes
from directory.search.tree import (
    FACETS_TYPE,
    SPLIT,
    Node,
    Sums,
    bounds_of,
    codes_under,
    in_order,
    micro,
    node_id,
    nodes,
    paths,
    square_of_node,
)

_NODES = """
SELECT node, locations, lat_sum, lon_sum, counts_until, facets_until, facets FROM search_nodes
WHERE generation = :generation AND node IN ({numbers})
"""
_CHILDREN = "SELECT node FROM search_nodes WHERE generation = :generation AND node IN ({numbers})"
_RENEW = "UPDATE search_nodes SET counts_until = ?, facets_until = ? WHERE generation = ? AND node = ?"
_DROP = "DELETE FROM search_nodes WHERE generation = ? AND node = ?"


def write_nodes(connection: sa.Connection, generation: int, *, gone: Filed, come: Filed) -> None:
    """Count some locations out and some in, after the tiles were written."""
    out, into = _Counted(gone.under(COPIES)), _Counted(come.under(COPIES))
    wanted = np.unique(np.append(out.paths, into.paths))
    rows = numbers_in(connection, _NODES, wanted.tolist(), generation=generation).all()
    # All that are stored, and the whole map under keys that nobody stood under yet.
    known = np.unique(np.append(into.paths[:, 0], np.array([row.node for row in rows], np.int64)))
    total = _loaded(rows, known)
    before = total.locations.copy()
    early = _change(total, out.sums(known), into.sums(known))
    _save(connection, generation, total.rows(known))
    _close(connection, generation, known[(before > SPLIT) & (total.locations <= SPLIT)])
    for number in into.outgrown(known, total):
        _quarter(connection, generation, *square_of_node(number))
    _renew_ends(connection, generation, known[early].tolist())


class _Counted:
    """Locations under keys that are counted; `paths` has a row for each, the nodes of all squares around it."""

    def __init__(self, filed: Filed) -> None:
        self.paths = paths(filed.keys, filed.entries["code"][filed.numbers])
        self._filed = filed

    def sums(self, known: Numbers) -> Sums:
        """What they add to each of the known nodes: a run of them in the order of keys and codes."""
        filed = self._filed
        places = in_order(filed.keys, filed.entries["code"][filed.numbers])
        order = np.argsort(places)
        starts, stops = (np.searchsorted(places[order], bounds) for bounds in bounds_of(known))
        number = filed.numbers[order]

        def added(values: Numbers) -> Numbers:
            upto = np.zeros((len(order) + 1, *values.shape[1:]), np.int64)
            np.cumsum(values[number], axis=0, out=upto[1:])
            return upto[stops] - upto[starts]

        def earliest(values: Numbers) -> Numbers:
            runs = np.column_stack((starts, stops)).ravel()
            return np.where(starts < stops, np.minimum.reduceat(np.append(values, ENDLESS), runs)[::2], ENDLESS)

        return Sums(
            stops - starts,
            added(micro(filed.entries["lat"])),
            added(micro(filed.entries["lon"])),
            earliest(ends_under(filed)[order]),
            earliest(facet_ends(filed.entries)[number]),
            added(facet_table(filed.entries)),
        )

    def outgrown(self, known: Numbers, total: Sums) -> list[int]:
        """Quarters around them that are not counted yet although the square around them holds too much."""
        # Where a square is counted, all those around it are.
        there = np.append(known, -1)[np.searchsorted(known, self.paths)] == self.paths
        last = there.sum(axis=1) - 1
        many = total.locations[np.searchsorted(known, self.paths[np.arange(len(last)), last])]
        crowded = np.flatnonzero((many > SPLIT) & (last < ZOOM))
        quarters: list[int] = np.unique(self.paths[crowded, last[crowded] + 1]).tolist()
        return quarters


def _loaded(rows: Sequence[Any], known: Numbers) -> Sums:
    total = Sums.nothing(len(known))
    if rows:
        stored, *columns, facets = zip(*rows, strict=True)
        place = np.searchsorted(known, stored)
        for name, column in zip(Sums.__slots__, columns, strict=False):
            getattr(total, name)[place] = column
        total.facets[place] = np.frombuffer(b"".join(facets), FACETS_TYPE).reshape(-1, FACETS)
    return total


def _change(total: Sums, gone: Sums, come: Sums) -> Numbers:
    """Count out and in; which nodes may hold for longer than they say, as what ends first has gone."""
    for name in ("locations", "lat", "lon", "facets"):
        own = getattr(total, name)
        own += getattr(come, name) - getattr(gone, name)
    early = np.zeros(len(total.locations), bool)
    for name in ("counts_until", "facets_until"):
        own, left, new = (getattr(sums, name) for sums in (total, gone, come))
        np.minimum(own, new, out=own)
        early |= (left <= own) & (own < np.minimum(new, ENDLESS))
    return early & (total.locations > 0)


def _save(connection: sa.Connection, generation: int, changed: Iterable[Node]) -> None:
    rows = list(changed)
    put_rows(connection, search_nodes, [(generation, *row) for row in rows if row.locations])
    run_each(connection, _DROP, [(generation, row.node) for row in rows if not row.locations])


def _close(connection: sa.Connection, generation: int, shrunk: Numbers) -> None:
    """Drop the quarters of squares that no longer need them, so that a square has all of them or none."""
    four = [
        node_id(key, zoom + 1, prefix * 4 + quarter)
        for key, zoom, prefix in map(square_of_node, shrunk.tolist())
        for quarter in range(4)
        if zoom < ZOOM
    ]
    run_each(connection, _DROP, [(generation, node) for node in four])


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
        run_each(connection, _RENEW, [(*until, generation, node) for node, until in found.items()])


def _ends_of_tiles(connection: sa.Connection, generation: int, key: int, zoom: int, prefix: int) -> tuple[int, int]:
    entries = _entries_in(connection, generation, key, codes_under(zoom, prefix))
    return int(ends(entries, key).min(initial=ENDLESS)), int(facet_ends(entries).min(initial=ENDLESS))


def _entries_in(connection: sa.Connection, generation: int, key: int, codes: Range) -> Entries:
    """All that stands under a key in a square, in the order of the codes."""
    found = each_once(tiles(connection, generation, [(key, codes)]))
    entries = in_ranges(unpack(found.values()), [codes])
    ordered: Entries = entries[np.argsort(entries["code"], kind="stable")]
    return ordered


def _quarter(connection: sa.Connection, generation: int, key: int, zoom: int, prefix: int) -> None:
    """Count a quarter that is not counted yet, and its three neighbours if they are not either."""
    four = {node_id(key, zoom, square): square for square in range(prefix & ~3, (prefix & ~3) + 4)}
    there = {row.node for row in numbers_in(connection, _CHILDREN, four, generation=generation)}
    # Where some are counted, all that held anything are: only this one was empty.
    wanted = [prefix] if there else list(four.values())
    for square in wanted:
        if node_id(key, zoom, square) not in there:
            entries = _entries_in(connection, generation, key, codes_under(zoom, square))
            counted = nodes(np.ascontiguousarray(entries["code"]), entries, key, zoom, square)
            insert_rows(connection, search_nodes, [(generation, *node) for node in counted])
