"""Groups search results into clusters for the map; a cluster splits as the map zooms in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from directory.geography.box import Box
from directory.search.counts import each_once
from directory.search.morton import ZOOM, Ints, edges_of, squares_in
from directory.search.segment import Array, Bitmap, Segment, ranges, rows_of

FINER = 2
"""Zoom levels between the map's tiles of 256 pixels and a cluster: about 64 pixels, enough to tap each separately."""

MAX_SQUARES = 600
"""The most clusters in one view, more than a large screen shows."""

SMALL = 50
"""Up to this many listings, a cluster lies at the mean of the matching locations; above, of all in the square."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Listings in one square of the map, each counted once, at their mean position; the box is the square, in degrees.

    `badge_count` of them show the badge. `listing_id` and `location_id` are set only if there is one listing.
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


class Groups(NamedTuple):
    """The clusters of one segment, as columns; the sums are of `weight` locations.

    `listing_id` and `location_id` are 0 where a square has more than one listing.
    """

    square: Array
    listings: Array
    badges: Array
    lat_sum: Array
    lon_sum: Array
    weight: Array
    listing_id: Array
    location_id: Array


def view_of(box: Box, zoom: int) -> tuple[int, Ints]:
    """Return the squares of a view of the web map at `zoom` (0 to 24): their zoom and their sorted prefixes."""
    return squares_in(box, min(zoom + FINER, ZOOM), MAX_SQUARES)


def groups(segment: Segment, words: Bitmap, badges: Bitmap, zoom: int, squares: Ints, *, by_listing: bool) -> Groups:
    """Group the matching rows by square; `badges` are the rows whose badge shows.

    `by_listing` means that either all locations of a listing match or none.
    """
    shift = 2 * (ZOOM - zoom)
    starts = np.searchsorted(segment.code, squares << shift, side="left")
    stops = np.searchsorted(segment.code, (squares + 1) << shift, side="left")
    words = each_once(segment, words, zoom, by_listing=by_listing)
    counts = _counts(words, starts, stops)
    held = np.flatnonzero(counts)
    squares, starts, stops, counts = squares[held], starts[held], stops[held], counts[held]
    # Large groups use the mean of all locations in the square, those of changed listings among them.
    weights = _counts(segment.columns["valid"], starts, stops)
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
    ids = np.zeros((2, len(counts)), np.int64)
    single = counts[small] == 1
    ids[:, small[single]] = segment.listing[rows[firsts[single]]], segment.location[rows[firsts[single]]]
    return Groups(squares, counts, _counts(words & badges, starts, stops), lat_sums, lon_sums, weights, *ids)


def merged(zoom: int, parts: Sequence[Groups]) -> tuple[Cluster, ...]:
    """Merge the groups of several segments, which have no listing in common, into clusters."""
    all_squares, *columns = map(np.concatenate, zip(*parts, strict=True))
    squares, place = np.unique(all_squares, return_inverse=True)
    counts, badges, lat_sums, lon_sums, weights, listings, locations = (
        np.bincount(place, column, len(squares)) for column in columns
    )
    south, west, north, east = (np.broadcast_to(edge, squares.shape) for edge in edges_of(zoom, squares))
    # Rounding can move a mean over the edge, into the neighboring square.
    middles = np.clip(lat_sums / weights, south, north), np.clip(lon_sums / weights, west, east)
    whole = (column.astype(np.int64) for column in (counts, badges, listings, locations))
    rows = zip(*(column.tolist() for column in (*middles, south, west, north, east, *whole)), strict=True)
    return tuple(
        Cluster(lat, lon, count, badge_count, *box, *((listing, location) if count == 1 else (None, None)))
        for lat, lon, *box, count, badge_count, listing, location in rows
    )


def _counts(words: Bitmap, starts: Array, stops: Array) -> Array:
    """Return how many bits are set from each start to before its stop; both are sorted."""
    if not len(starts):
        return starts
    first = min(starts[0] >> 6, len(words) - 1)
    part = words[first : (stops[-1] >> 6) + 1]
    before = np.concatenate(([0], np.cumsum(np.bitwise_count(part), dtype=np.int64)))

    def rank(rows: Array) -> Array:
        place, bit = (rows >> 6) - first, (rows & 63).astype(np.uint64)
        # A row at the end of the bitmap has no word of its own, and needs none.
        return np.asarray(before[place] + np.bitwise_count(part.take(place, mode="clip") & ((np.uint64(1) << bit) - 1)))

    return rank(stops) - rank(starts)


def _rows_between(words: Bitmap, starts: Array, stops: Array) -> tuple[Array, Array]:
    """Return the rows in some ranges, in order, and the index of each row's range."""
    rows = rows_of(words, np.unique(ranges(starts >> 6, ((stops - 1) >> 6) + 1)))
    owner = np.searchsorted(starts, rows, side="right") - 1
    inside = (owner >= 0) & (rows < stops[owner])
    return rows[inside], owner[inside]
