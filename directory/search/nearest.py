"""Exact nearest-neighbor search in a segment, reading only the blocks that can contain a result."""

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES, Point, miles_between
from directory.search.query import MAX_DISTANCE_MILES, Cursor
from directory.search.segment import WORDS, Array, Bitmap, Segment, bits_of, rows_of

MARGIN = 1e-3
"""Miles by which a distance from unit vectors may differ from the exact one; five times the real error."""

FIRST_BLOCKS = 16
"""Blocks that are read first; arbitrary, most searches need no more."""


class Near(NamedTuple):
    """A listing at its nearest matching location; ordered by distance in miles, then by listing id."""

    miles: float
    listing_id: int
    location_id: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a segment with matching rows, and bounds on the distances of their rows in miles."""

    numbers: Array
    nearest: Array
    farthest: Array

    @classmethod
    def of(cls, segment: Segment, words: Bitmap, origin: Point) -> "Blocks":
        """Return the blocks that contain any of the rows, with their distances from `origin`."""
        numbers = np.flatnonzero(functools.reduce(np.bitwise_or, words.reshape(-1, WORDS).T))
        middle = _miles(segment.columns["ball_centers"][numbers], origin)
        radius = segment.columns["ball_radii"][numbers] * EARTH_RADIUS_MILES
        return cls(numbers, middle - radius - MARGIN, middle + radius + MARGIN)


def unit_vectors(lat: Any, lon: Any) -> Array:
    """Convert points in degrees to points on a sphere of radius 1, one row each."""
    phi, theta = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)), axis=-1)


def rough_miles(segment: Segment, origin: Point, rows: Array) -> Array:
    """Return the distances of rows in miles, exact to `MARGIN`."""
    return _miles(segment.unit_vectors.take(rows, axis=0), origin)


def exact_miles(segment: Segment, origin: Point, row: Any) -> float:
    """Return the exact distance of a row in miles, as shown on pages."""
    return miles_between(origin, Point(float(segment.lat[row]), float(segment.lon[row])))


def within(segment: Segment, origin: Point, rows: Array, miles: Array, limit: float) -> Array:
    """Return whether rows lie within `limit` miles; `miles` are their rough distances."""
    inside = miles <= limit
    for at in np.flatnonzero(np.abs(miles - limit) <= MARGIN).tolist():
        inside[at] = exact_miles(segment, origin, rows[at]) <= limit
    return np.asarray(inside)


def nearest(
    segment: Segment,
    words: Bitmap,
    origin: Point,
    wanted: int,
    *,
    limit: float = MAX_DISTANCE_MILES,
    after: Cursor | None = None,
) -> list[Near]:
    """Return the `wanted` nearest listings of the rows, within `limit` miles and after a cursor, or all if fewer."""
    blocks = Blocks.of(segment, words, origin)
    reachable = blocks.nearest <= limit
    if after:
        reachable &= blocks.farthest >= after.miles
    numbers, bounds = blocks.numbers[reachable], blocks.nearest[reachable]
    size = FIRST_BLOCKS
    while True:
        chosen = numbers if size >= len(numbers) else numbers[np.argpartition(bounds, size)[:size]]
        rows, miles = _candidates(segment, words, origin, chosen, limit, after)
        reach = _reach(segment.listing[rows], miles, wanted) + 2 * MARGIN
        needed = len(numbers) if reach == np.inf else int(np.count_nonzero(bounds <= reach))
        if needed <= len(chosen):
            break
        size = min(needed, 3 * size)
    best: dict[int, Near] = {}
    for row in rows[miles <= reach].tolist():
        found = Near(exact_miles(segment, origin, row), int(segment.listing[row]), int(segment.location[row]))
        best[found.listing_id] = min(found, best.get(found.listing_id, found))
    return sorted(best.values())[:wanted]


def rows_in(words: Bitmap, blocks: Array) -> Array:
    """Return the rows of a bitmap in some blocks, block by block."""
    return rows_of(words, (blocks[:, None] * WORDS + np.arange(WORDS)).ravel())


def _candidates(
    segment: Segment, words: Bitmap, origin: Point, blocks: Array, limit: float, after: Cursor | None
) -> tuple[Array, Array]:
    """Return the rows in some blocks within the limit and after the cursor, and their rough distances."""
    rows = rows_in(words, blocks)
    miles = rough_miles(segment, origin, rows)
    kept = within(segment, origin, rows, miles, limit)
    if after:
        kept &= miles > after.miles - MARGIN
        for at in np.flatnonzero(kept & (miles <= after.miles + MARGIN)).tolist():
            kept[at] = (exact_miles(segment, origin, rows[at]), int(segment.listing[rows[at]])) > after.position
        kept &= ~np.isin(segment.listing[rows], _shown_before(segment, words, origin, rows[kept], after))
    return rows[kept], miles[kept]


def _reach(listings: Array, miles: Array, wanted: int) -> float:
    """Return a rough distance within which `wanted` different listings lie; infinite if there are fewer."""
    size = wanted + wanted // 4 + 2
    while size < len(miles):
        near = np.argpartition(miles, size)[:size]
        if len(np.unique(listings[near])) >= wanted:
            return float(miles[near].max())
        size *= 2
    return float(miles.max()) if len(np.unique(listings)) >= wanted else np.inf


def _shown_before(segment: Segment, words: Bitmap, origin: Point, rows: Array, after: Cursor) -> Array:
    """Return the listings that an earlier page shows, because another matching location lies before the cursor."""
    multi = rows[bits_of(segment.multi_location, rows)]
    others = segment.rows_of_listings(np.unique(segment.listing[multi]).astype(np.int64))
    others = others[bits_of(words, others)]
    near = others[rough_miles(segment, origin, others) <= after.miles + MARGIN]
    shown = {
        int(segment.listing[row])
        for row in near.tolist()
        if (exact_miles(segment, origin, row), int(segment.listing[row])) <= after.position
    }
    return np.array(sorted(shown), np.int64)


def _miles(vectors: Array, origin: Point) -> Array:
    """Return rough distances of unit vectors from a point. The arc cosine's worst error, near 0, is 0.0002 miles."""
    cosines = vectors @ unit_vectors(origin.lat, origin.lon)
    return np.asarray(np.arccos(np.clip(cosines, -1.0, 1.0)) * EARTH_RADIUS_MILES)
