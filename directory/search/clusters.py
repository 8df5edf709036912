"""What a map shows of a search: groups of listings in view, each split where the map is magnified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from directory.geography.box import Box
from directory.search.counting import Selection, each_once
from directory.search.matching import SegmentReader
from directory.search.morton import ZOOM, Ints, edges_of, squares_in
from directory.search.segment import Array, Bitmap, Segment, ranges, rows_of

FINER = 2
"""Zooms between the map's tiles of 256 pixels and a group: about 64 pixels, which fingers can tell apart."""

MAX_SQUARES = 600
"""Groups that one view may have: more than a large screen shows."""

SMALL = 50
"""Listings up to which a group lies at the exact middle of its locations; larger ones at that of all in the square."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Listings in one square of the map, each counted once, at their middle; the box is the square, in degrees.

    `badge_count` of them show the badge. `listing_id` and `location_id` are set where there is one listing only.
    """

    lat: float
    lon: float
    count: int
    badge_count: int
    south: float
    west: float
    north: float
    east: float
    listing_id: int | None = None
    location_id: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What one segment has in a square: the sums are of `weight` locations."""

    listings: int
    badges: int
    lat_sum: float
    lon_sum: float
    weight: int
    listing_id: int | None
    location_id: int | None


def view_of(box: Box, zoom: int) -> tuple[int, Ints]:
    """The squares of a view of the web map at `zoom` (0 to 24): their zoom and their sorted prefixes."""
    return squares_in(box, min(zoom + FINER, ZOOM), MAX_SQUARES)


def groups(
    reader: SegmentReader, words: Bitmap, badges: Bitmap, zoom: int, squares: Ints, *, by_listing: bool
) -> dict[int, Group]:
    """The groups of the matching rows by square; `badges` are the rows whose badge shows.

    `by_listing` says that all locations of a listing match, or none.
    """
    segment = reader.segment
    shift = 2 * (ZOOM - zoom)
    starts = np.searchsorted(segment.code, squares << shift, side="left")
    stops = np.searchsorted(segment.code, (squares + 1) << shift, side="left")
    words = words & ~segment.repeats[zoom] if by_listing else _each_once(segment, words, starts, stops)
    counts = _ranked(words, stops) - _ranked(words, starts)
    found = np.flatnonzero(counts)
    if not len(found):
        return {}
    squares, starts, stops, counts = squares[found], starts[found], stops[found], counts[found]
    with_badge = words & badges
    shown = _ranked(with_badge, stops) - _ranked(with_badge, starts)
    # Of large groups, the middle of all locations in the square.
    valid = segment.valid
    weights = _ranked(valid, stops) - _ranked(valid, starts)
    lat_sums, lon_sums = (
        segment.columns[name][stops] - segment.columns[name][starts] for name in ("lat_sum", "lon_sum")
    )
    small = np.flatnonzero(counts <= SMALL)
    rows, owner = _rows_between(words, starts[small], stops[small])
    firsts = np.searchsorted(owner, np.arange(len(small)))
    weights[small] = counts[small]
    if len(rows):
        lat_sums[small], lon_sums[small] = (
            np.add.reduceat(column[rows], firsts) for column in (segment.lat, segment.lon)
        )
    single = dict(zip(small[counts[small] == 1].tolist(), rows[firsts[counts[small] == 1]].tolist(), strict=True))
    return {
        square: Group(number, badge, lat, lon, weight, *_only(segment, single.get(at)))
        for at, (square, number, badge, lat, lon, weight) in enumerate(
            zip(*(column.tolist() for column in (squares, counts, shown, lat_sums, lon_sums, weights)), strict=True)
        )
    }


def merged(zoom: int, parts: Sequence[dict[int, Group]]) -> tuple[Cluster, ...]:
    """The clusters of groups from several segments, which have no listing in common."""
    squares = np.array(sorted(set().union(*parts)), np.int64)
    if not len(squares):
        return ()
    edges = zip(*(np.broadcast_to(edge, squares.shape).tolist() for edge in edges_of(zoom, squares)), strict=True)
    return tuple(
        _cluster([part[square] for part in parts if square in part], box)
        for square, box in zip(squares.tolist(), edges, strict=True)
    )


def _cluster(found: Sequence[Group], box: Iterable[float]) -> Cluster:
    weight = sum(group.weight for group in found)
    only = found[0] if len(found) == 1 else None
    south, west, north, east = box
    return Cluster(
        # A middle that rounding pushed over the edge would be drawn in the neighbour's square.
        min(max(sum(group.lat_sum for group in found) / weight, south), north),
        min(max(sum(group.lon_sum for group in found) / weight, west), east),
        sum(group.listings for group in found),
        sum(group.badges for group in found),
        south,
        west,
        north,
        east,
        only.listing_id if only else None,
        only.location_id if only else None,
    )


def _only(segment: Segment, row: int | None) -> tuple[int | None, int | None]:
    return (None, None) if row is None else (int(segment.listing[row]), int(segment.location[row]))


def _each_once(segment: Segment, words: Bitmap, starts: Array, stops: Array) -> Bitmap:
    """The rows without those that are not their listing's first in their square, wherever others match."""
    places = np.flatnonzero(words & segment.multi_location)
    square = np.searchsorted(starts, np.arange(len(segment)), side="right") if len(places) else None
    if square is None:
        return words
    square[(square == 0) | (np.arange(len(segment)) >= stops[square - 1])] = 0
    once = words.copy()
    once[places] = each_once(segment, Selection(places, words[places]), square).words
    return once


def _ranked(words: Bitmap, rows: Array) -> Array:
    """How many bits are set before each row."""
    before = np.concatenate(([0], np.cumsum(np.bitwise_count(words), dtype=np.int64)))
    rest = np.append(words, np.uint64(0))[rows >> 6] & ((np.uint64(1) << (rows & 63).astype(np.uint64)) - np.uint64(1))
    return np.asarray(before[rows >> 6] + np.bitwise_count(rest))


def _rows_between(words: Bitmap, starts: Array, stops: Array) -> tuple[Array, Array]:
    """The rows in some ranges, in order, and the number of each one's range."""
    places = np.unique(ranges(starts >> 6, ((stops - 1) >> 6) + 1))
    local = rows_of(words[places])
    rows = places[local >> 6] * 64 + (local & 63)
    owner = np.searchsorted(starts, rows, side="right") - 1
    inside = (owner >= 0) & (rows < stops[owner])
    return rows[inside], owner[inside]
