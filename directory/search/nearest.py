"""The nearest matching listings of a segment, exactly, by reading only the blocks that may hold them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES, Point, miles_between
from directory.search.builder import unit_vectors
from directory.search.query import MAX_DISTANCE_MILES, Cursor
from directory.search.segment import BLOCK, WORDS, Array, Bitmap, Segment, rows_of

MARGIN = 1e-5
"""Miles by which a distance from unit vectors may differ from the exact one; far more than it does."""

FIRST_BLOCKS = 16
"""Blocks that are read first; arbitrary, most searches need no more."""


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """A listing at its nearest matching location; ordered by distance in miles, then by listing id."""

    miles: float
    listing_id: int
    location_id: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a segment that hold matching rows, seen from a point: distances in miles."""

    numbers: Array
    counts: Array
    nearest: Array
    farthest: Array

    @classmethod
    def of(cls, segment: Segment, words: Bitmap, origin: Point) -> "Blocks":
        """The blocks that hold any of the rows, with the least and greatest distance that a row may have."""
        counts = np.bitwise_count(words).reshape(-1, WORDS).sum(axis=1, dtype=np.int64)
        numbers = np.flatnonzero(counts)
        centers = segment.columns["ball_centers"][numbers]
        angle = _angles(centers, unit_vectors(origin.lat, origin.lon))
        radius = segment.columns["ball_radii"][numbers]
        nearest = np.maximum(angle - radius, 0.0) * EARTH_RADIUS_MILES - MARGIN
        return cls(numbers, counts[numbers], nearest, (angle + radius) * EARTH_RADIUS_MILES + MARGIN)


def rough_miles(segment: Segment, origin: Point, rows: Array) -> Array:
    """Distances of rows in miles, exact to `MARGIN`."""
    vectors = segment.unit_vectors[rows]
    return _angles(vectors, unit_vectors(origin.lat, origin.lon)) * EARTH_RADIUS_MILES


def exact_miles(segment: Segment, origin: Point, row: Any) -> float:
    """The distance of a row, as every page says it."""
    return miles_between(origin, Point(float(segment.lat[row]), float(segment.lon[row])))


def nearest(
    segment: Segment,
    words: Bitmap,
    origin: Point,
    wanted: int,
    *,
    within: float = MAX_DISTANCE_MILES,
    after: Cursor | None = None,
) -> list[Near]:
    """The `wanted` nearest listings among the rows, within so many miles and past a cursor; all if there are fewer."""
    blocks = Blocks.of(segment, words, origin)
    reachable = blocks.nearest <= within
    if after:
        reachable &= blocks.farthest >= after.miles
    numbers, bounds = blocks.numbers[reachable], blocks.nearest[reachable]
    order = np.argsort(bounds, kind="stable")
    numbers, bounds = numbers[order], bounds[order]
    size = min(FIRST_BLOCKS, len(numbers))
    while True:
        found = _ranked(segment, words, origin, rows_in(words, numbers[:size]), wanted, within, after)
        if size == len(numbers):
            return found
        if len(found) == wanted:
            needed = int(np.searchsorted(bounds, found[-1].miles + MARGIN, side="right"))
            if needed <= size:
                return found
            size = needed
        else:
            size = min(size * 4, len(numbers))


def rows_in(words: Bitmap, blocks: Array) -> Array:
    """The rows of a bitmap in some blocks, in no order."""
    if not len(blocks):
        return np.empty(0, np.int64)
    rows = rows_of(words.reshape(-1, WORDS)[blocks].ravel())
    return np.asarray(blocks[rows // BLOCK] * BLOCK + rows % BLOCK)


def _ranked(
    segment: Segment, words: Bitmap, origin: Point, rows: Array, wanted: int, within: float, after: Cursor | None
) -> list[Near]:
    miles = rough_miles(segment, origin, rows)
    kept = miles <= within + MARGIN
    if after:
        kept &= miles >= after.miles - MARGIN
        shown = _shown_before(segment, words, origin, rows[kept], after)
        kept &= ~np.isin(segment.listing[rows], shown)
    rows, miles = rows[kept], miles[kept]
    near = _within_bound(segment.listing[rows], miles, wanted)
    best: dict[int, Near] = {}
    for row in rows[near].tolist():
        found = Near(exact_miles(segment, origin, row), int(segment.listing[row]), int(segment.location[row]))
        if found.miles <= within and (
            after is None or (found.miles, found.listing_id) > (after.miles, after.listing_id)
        ):
            best[found.listing_id] = min(found, best.get(found.listing_id, found))
    return sorted(best.values())[:wanted]


def _within_bound(listings: Array, miles: Array, wanted: int) -> Array:
    """Which rows may be among the nearest `wanted` listings."""
    size = 2 * wanted + 20
    while size < len(miles):
        bound = np.partition(miles, size)[size] + 2 * MARGIN
        near = miles <= bound
        if len(np.unique(listings[miles < bound - 4 * MARGIN])) >= wanted:
            return np.asarray(near)
        size *= 4
    return np.ones(len(miles), bool)


def _shown_before(segment: Segment, words: Bitmap, origin: Point, rows: Array, after: Cursor) -> Array:
    """The listings of rows of which another matching location lies before the cursor: a page before shows them."""
    multi = rows[_bits(segment.multi_location, rows)]
    listings = np.unique(segment.listing[multi]).astype(np.int64)
    others = segment.rows_of_listings(listings)
    others = others[_bits(words, others)]
    cursor = (after.miles, after.listing_id)
    near = others[rough_miles(segment, origin, others) <= after.miles + MARGIN]
    shown = {
        int(segment.listing[row])
        for row in near.tolist()
        if (exact_miles(segment, origin, row), int(segment.listing[row])) <= cursor
    }
    return np.array(sorted(shown), np.int64)


def _bits(words: Bitmap, rows: Array) -> Array:
    """Whether each row's bit is set."""
    return np.asarray(words[rows >> 6] >> (rows & 63).astype(np.uint64) & np.uint64(1)).astype(bool)


def _angles(vectors: Array, vector: Array) -> Array:
    """Angles between unit vectors and one, in radians; exact for small and for large ones."""
    chord = np.sqrt(np.square(vectors - vector).sum(axis=1))
    angles = 2 * np.arcsin(np.minimum(chord / 2, 1.0))
    # Near the antipode the arc sine is at its worst: there, the chord to the antipode tells the rest.
    if len(chord) and chord.max() > 1.9:
        beyond = np.sqrt(np.square(vectors + vector).sum(axis=1))
        angles = np.where(chord > 1.9, np.pi - 2 * np.arcsin(np.minimum(beyond / 2, 1.0)), angles)
    return np.asarray(angles)
