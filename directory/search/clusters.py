"""What a map shows of a search: groups of locations in view, each split where the map is magnified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from directory.geography.box import Box
from directory.geography.point import Point
from directory.search.cells import ZOOM, edge_lat, merged, morton, square_of
from directory.search.counting import counted_fact
from directory.search.keys import ANY
from directory.search.packing import Entries, Numbers, in_ranges
from directory.search.query import Filters
from directory.search.reading import Reader, steadily
from directory.search.squares import columns_and_rows
from directory.search.tree import FACETS_TYPE, SPLIT, codes_under, node_id, square_of_node

FINER = 2
"""Zooms between the map's squares of 256 pixels and a group: about 64 pixels, which fingers can tell apart."""

READ_IN_VIEW = 6000
"""Locations in view that are read and grouped as they are; where there are more, the counts of squares are shown."""

MOST_SQUARES = 600
"""Squares of groups that one view may have: more than a large screen shows."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Locations that lie in one square of the map, at their middle; of one listing where `listing_id` is set.

    The box is the square, in degrees.
    """

    lat: float
    lon: float
    count: int
    south: float
    west: float
    north: float
    east: float
    listing_id: int | None = None
    location_id: int | None = None


def clusters(session: Session, filters: Filters, box: Box, zoom: int, *, now: datetime) -> tuple[Cluster, ...]:
    """The groups of all that matches the filters in the squares that a view of the web map at `zoom` (0 to 24) touches.

    Where the view would have more than `MOST_SQUARES` groups, they are coarser.
    """
    nothing: tuple[Cluster, ...] = ()
    return steadily(session.connection(), filters, now, lambda way: _clusters(way, box, zoom), nothing=nothing)


def _clusters(asked: Reader, box: Box, zoom: int) -> tuple[Cluster, ...]:
    fine, squares = _in_view(box, min(zoom + FINER, ZOOM))
    fact = counted_fact(asked, facets=False)
    if fact is not None:
        rows = list(_undivided(asked, fine, squares))
        if sum(row.locations for row in rows) > READ_IN_VIEW:
            return tuple(cluster for row in rows for cluster in _group(asked, fact, row))
    view = merged(codes_under(fine, square) for square in squares.tolist())
    return tuple(_of_entries(in_ranges(asked.entries(view), view), fine))


def _in_view(box: Box, zoom: int) -> tuple[int, Numbers]:
    """The squares that the box touches, not too many: their zoom and the prefixes of their codes."""
    north_west, south_east = square_of(Point(box.north, box.west)), square_of(Point(box.south, box.east))
    while True:
        shift, side = ZOOM - zoom, 1 << zoom
        left, right = north_west.x >> shift, south_east.x >> shift
        # Past the antimeridian the columns begin anew.
        right += side if box.west > box.east else 0
        rows = range(north_west.y >> shift, (south_east.y >> shift) + 1)
        columns = range(left, left + min(right - left + 1, side))
        if zoom == 0 or len(columns) * len(rows) <= MOST_SQUARES:
            return zoom, np.array(sorted(morton(x % side, y) for x in columns for y in rows), np.int64)
        zoom -= 1


def _of_entries(entries: Entries, zoom: int) -> Iterator[Cluster]:
    """The groups of locations that were read."""
    if not len(entries):
        return
    entries = entries[np.argsort(entries["code"], kind="stable")]
    prefixes = entries["code"] >> (2 * (ZOOM - zoom))
    firsts = np.append(0, np.flatnonzero(prefixes[1:] != prefixes[:-1]) + 1)[: len(entries)]
    for first, last in zip(firsts.tolist(), [*firsts[1:].tolist(), len(entries)], strict=True):
        group = entries[first:last]
        one = len(np.unique(group["listing"])) == 1
        yield Cluster(
            float(group["lat"].mean()),
            float(group["lon"].mean()),
            len(group),
            *_edges(zoom, int(prefixes[first])),
            listing_id=int(group["listing"][0]) if one else None,
            location_id=int(group["location"][0]) if one else None,
        )


def _undivided(asked: Reader, fine: int, squares: Numbers) -> Iterator[Any]:
    """The rows of the pyramid that make up the view: its squares, or wider ones that are not worth quartering."""
    key = asked.key or ANY
    levels = {fine: squares}
    for zoom in range(fine - 1, -1, -1):
        levels[zoom] = np.unique(levels[zoom + 1] >> 2)
    nodes = asked.nodes(node_id(key, zoom, square) for zoom, some in levels.items() for square in some.tolist())
    whole: set[int] = set()
    for zoom in range(fine + 1):
        for square in levels[zoom].tolist():
            number = node_id(key, zoom, square)
            row = nodes.get(number)
            if zoom and node_id(key, zoom - 1, square >> 2) in whole:
                whole.add(number)
            elif row is not None and (zoom == fine or row.locations <= SPLIT):
                whole.add(number)
                yield row


def _group(asked: Reader, fact: int, row: Any) -> Iterator[Cluster]:
    """The group of one square, counted anew where something in it has ended."""
    _, zoom, prefix = square_of_node(row.node)
    own = fact == asked.key
    until = row.counts_until if own else min(row.counts_until, row.facets_until)
    if until < asked.scope.at:
        codes = (codes_under(zoom, prefix),)
        yield from _of_entries(in_ranges(asked.entries(codes), codes), zoom)
        return
    many = row.locations if own else int(np.frombuffer(row.facets, FACETS_TYPE)[fact])
    if many:
        middle = row.lat_sum / row.locations / 1e6, row.lon_sum / row.locations / 1e6
        yield Cluster(*middle, many, *_edges(zoom, prefix))


def _edges(zoom: int, prefix: int) -> tuple[float, float, float, float]:
    """South, west, north and east of a square, in degrees."""
    columns, rows = columns_and_rows(np.array([prefix]))
    x, y, width = int(columns[0]), int(rows[0]), 360.0 / (1 << zoom)
    return edge_lat(zoom, y + 1), x * width - 180.0, edge_lat(zoom, y), (x + 1) * width - 180.0
