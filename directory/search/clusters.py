"""What a map shows of a search: groups of locations in view, each split where the map is magnified."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from directory.geography.box import Box
from directory.geography.point import Point
from directory.search.cells import ZOOM, edge_lat, merged, morton, square_of
from directory.search.counting import counted_fact
from directory.search.keys import ANY
from directory.search.leading import steadily
from directory.search.packing import Entries, Numbers, in_ranges
from directory.search.query import Filters
from directory.search.reading import Reader
from directory.search.squares import Squares, columns_and_rows
from directory.search.tree import FACETS_TYPE, SPLIT, codes_under, node_id, square_of_node

FINER = 2
"""Zooms between the map's squares of 256 pixels and a group: about 64 pixels, which fingers can tell apart."""

READ_IN_VIEW = 6000
"""Locations in view that are read and grouped as they are; where there are more, the counts of squares are shown."""

READ = 600
"""Tiles that are read for one view at most: some 115,000 locations."""

MOST_SQUARES = 600
"""Squares of groups that one view may have: more than a large screen shows."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Locations that lie in one square of the map, at their middle; of one listing where `listing_id` is set.

    The box is the square, in degrees. Where the view holds too much to read what no square counts, it is not
    `complete`: there may be more in it than `count`.
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
    complete: bool = True


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
        rows = _undivided(asked, fine, squares)
        if sum(row.locations for row in rows) > READ_IN_VIEW:
            return _of_rows(asked, fact, rows)
    view = merged(Squares(fine, squares).codes)
    entries, whole = asked.some(asked.few(view), READ)
    found = _of_entries(in_ranges(entries, view), fine)
    return found if whole else tuple(replace(cluster, complete=False) for cluster in found)


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
            across, down = [morton(x % side, 0) for x in columns], [morton(0, y) for y in rows]
            return zoom, np.sort(np.bitwise_or.outer(across, down).ravel())
        zoom -= 1


def _of_entries(entries: Entries, zoom: int) -> tuple[Cluster, ...]:
    """The groups of locations that were read."""
    if not len(entries):
        return ()
    entries = entries[np.argsort(entries["code"], kind="stable")]
    prefixes = entries["code"] >> (2 * (ZOOM - zoom))
    firsts = np.append(0, np.flatnonzero(prefixes[1:] != prefixes[:-1]) + 1)
    many = np.diff(np.append(firsts, len(entries)))
    lats, lons = (np.add.reduceat(entries[name], firsts) / many for name in ("lat", "lon"))
    listings = entries["listing"]
    alone = np.minimum.reduceat(listings, firsts) == np.maximum.reduceat(listings, firsts)
    columns, rows = columns_and_rows(prefixes[firsts])
    places = zip(columns.tolist(), rows.tolist(), lats.tolist(), lons.tolist(), many.tolist(), strict=True)
    first = entries[firsts]
    names = zip(alone.tolist(), first["listing"].tolist(), first["location"].tolist(), strict=True)
    return tuple(
        Cluster(lat, lon, count, *_edges(zoom, column, row), *((listing, location) if one else ()))
        for (column, row, lat, lon, count), (one, listing, location) in zip(places, names, strict=True)
    )


def _undivided(asked: Reader, fine: int, squares: Numbers) -> list[Any]:
    """The rows of the pyramid that make up the view: its squares, or wider ones that are not worth quartering."""
    key = asked.key or ANY
    levels = [squares]
    for _ in range(fine):
        levels.append(np.unique(levels[-1] >> 2))
    levels.reverse()
    numbers = [(node_id(key, zoom, 0) | some).tolist() for zoom, some in enumerate(levels)]
    nodes = asked.nodes(itertools.chain.from_iterable(numbers))
    whole, found = set[int](), list[Any]()
    for zoom, some in enumerate(levels):
        above = (node_id(key, zoom - 1, 0) | (some >> 2)).tolist() if zoom else [None]
        for number, parent in zip(numbers[zoom], above, strict=True):
            row = nodes.get(number)
            if parent in whole:
                whole.add(number)
            elif row is not None and (zoom == fine or row.locations <= SPLIT):
                whole.add(number)
                found.append(row)
    return found


def _of_rows(asked: Reader, fact: int, rows: Iterable[Any]) -> tuple[Cluster, ...]:
    """The groups of some squares, counted anew where something in them has ended."""
    own = fact == asked.key
    found: list[Cluster] = []
    for row in rows:
        _, zoom, prefix = square_of_node(row.node)
        until = row.counts_until if own else min(row.counts_until, row.facets_until)
        if until < asked.scope.at:
            codes = (codes_under(zoom, prefix),)
            found += _of_entries(in_ranges(asked.entries(codes), codes), zoom)
        elif many := row.locations if own else int(np.frombuffer(row.facets, FACETS_TYPE)[fact]):
            middle = row.lat_sum / row.locations / 1e6, row.lon_sum / row.locations / 1e6
            found.append(Cluster(*middle, many, *_edges(zoom, *columns_and_rows(prefix))))
    return tuple(found)


def _edges(zoom: int, column: int, row: int) -> tuple[float, float, float, float]:
    """South, west, north and east of a square, in degrees."""
    width = 360.0 / (1 << zoom)
    return edge_lat(zoom, row + 1), column * width - 180.0, edge_lat(zoom, row), (column + 1) * width - 180.0
