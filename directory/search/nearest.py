"""Finds the nearest rows of a segment and the rows within a circle, exactly, from only the blocks that can have one."""

import functools
from typing import Any, NamedTuple

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES, Point
from directory.search.query import MAX_DISTANCE_MILES, Cursor
from directory.search.segment import WORDS, Array, Bitmap, Segment, bitmap_of, bits_of, rows_of

SLACK = 1e-3
"""Miles added to the bounds on the distances of a block; rounding errors are a tenth of that."""


class Near(NamedTuple):
    """A listing at its nearest matching location; ordered by distance in miles, then by listing id."""

    miles: float
    listing_id: int
    location_id: int


class Nearby:
    """Some rows of a segment as seen from a point.

    `blocks` are the blocks with any of the rows; their distances lie between `least` and `most` miles.
    """

    def __init__(self, segment: Segment, words: Bitmap, origin: Point) -> None:
        self.segment, self.words = segment, words
        self.origin = unit_vectors(origin.lat, origin.lon)
        self.blocks = np.flatnonzero(functools.reduce(np.bitwise_or, words.reshape(-1, WORDS).T))
        middle = miles_between(segment.ball_centers[self.blocks], self.origin)
        radius = segment.ball_radii[self.blocks] * EARTH_RADIUS_MILES + SLACK
        self.least, self.most = middle - radius, middle + radius

    def inside(self, limit: float) -> Bitmap:
        """Return the rows within `limit` miles; blocks across the edge are checked row by row, others as a whole."""
        whole = self.most <= limit
        rows = self._rows(self.blocks[~whole & (self.least <= limit)])
        inside = bitmap_of(rows[self._miles(rows) <= limit], len(self.segment))
        numbers = self.blocks[whole]
        inside.reshape(-1, WORDS)[numbers] = self.words.reshape(-1, WORDS)[numbers]
        return inside

    def nearest(self, wanted: int, *, limit: float = MAX_DISTANCE_MILES, after: Cursor | None = None) -> list[Near]:
        """Return the `wanted` nearest listings within `limit` miles and after a cursor, or all if they are fewer."""
        reach = self._reach(wanted, limit, after)
        rows = self._rows(self.blocks[(self.least <= reach) & (self.most >= (after.miles if after else 0.0))])
        miles = self._miles(rows)
        kept = miles <= reach
        if after:
            kept &= ~self._is_before(rows, miles, after)
            kept &= ~np.isin(self.segment.listing[rows], self._shown_before(rows[kept], after))
        rows, miles = rows[kept], miles[kept]
        columns = miles, self.segment.listing[rows], self.segment.location[rows]
        order = np.lexsort(columns[::-1])
        _, first = np.unique(columns[1][order], return_index=True)
        chosen = order[np.sort(first)[:wanted]]
        return [*map(Near, *(column[chosen].tolist() for column in columns))]

    def _reach(self, wanted: int, limit: float, after: Cursor | None) -> float:
        """Return a distance within which `wanted` listings are found after a cursor, or the limit if they are fewer."""
        # A listing with one location is counted once, and was not shown before. Few have several.
        single = self.words & ~self.segment.multi_location
        counts = (np.bitwise_count(single).reshape(-1, WORDS) @ np.ones(WORDS, int))[self.blocks]
        if after:
            counts[self.least <= after.miles] = 0
        order = np.argsort(self.most)
        enough = int(np.searchsorted(np.cumsum(counts[order]), wanted))
        return min(limit, float(self.most[order[enough]])) if enough < len(order) else limit

    def _rows(self, blocks: Array) -> Array:
        """Return the rows in some blocks, block by block."""
        return rows_of(self.words, (blocks[:, None] * WORDS + np.arange(WORDS)).ravel())

    def _miles(self, rows: Array) -> Array:
        return miles_between(self.segment.unit_vectors.take(rows, axis=0), self.origin)

    def _is_before(self, rows: Array, miles: Array, cursor: Cursor) -> Array:
        """Return whether rows come before the next page; the row of the cursor does."""
        is_equal = (miles == cursor.miles) & (self.segment.listing[rows] <= cursor.listing_id)
        return np.asarray((miles < cursor.miles) | is_equal)

    def _shown_before(self, rows: Array, cursor: Cursor) -> Array:
        """Return the listings that an earlier page shows, because another matching location comes before the cursor."""
        multi = rows[bits_of(self.segment.multi_location, rows)]
        others = self.segment.rows_of_listings(np.unique(self.segment.listing[multi]))
        others = others[bits_of(self.words, others)]
        return np.asarray(self.segment.listing[others[self._is_before(others, self._miles(others), cursor)]])


def unit_vectors(lat: Any, lon: Any) -> Array:
    """Convert points in degrees to points on a sphere of radius 1, one row each."""
    phi, theta = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)), axis=-1)


def miles_between(vectors: Array, origin: Array) -> Array:
    """Return the great-circle distances of unit vectors from one of them.

    The length of the chord is exact to some inches even near 0, where the cosine of the angle is not.
    """
    chords = vectors - origin
    squares = np.einsum("ij,ij->i", chords, chords)
    return np.asarray(2 * EARTH_RADIUS_MILES * np.arcsin(np.minimum(np.sqrt(squares) / 2, 1.0)))
