"""Counts the listings that match within a radius, and facet counts; always exact."""

from datetime import datetime

import numpy as np

from directory.geography.point import Point
from directory.search import filters
from directory.search.morton import ZOOM
from directory.search.nearest import Blocks, rough_miles, rows_in, within
from directory.search.query import SearchQuery
from directory.search.segment import WORDS, Array, Bitmap, Segment, bitmap_of, rows_of


def inside_circle(segment: Segment, words: Bitmap, origin: Point, miles: float) -> Bitmap:
    """Keep the rows within a circle; blocks across its edge are checked row by row, others as a whole."""
    blocks = Blocks.of(segment, words, origin)
    whole = blocks.farthest <= miles
    rows = rows_in(words, blocks.numbers[~whole & (blocks.nearest <= miles)])
    inside = bitmap_of(rows[within(segment, origin, rows, rough_miles(segment, origin, rows), miles)], len(segment))
    numbers = blocks.numbers[whole]
    inside.reshape(-1, WORDS)[numbers] = words.reshape(-1, WORDS)[numbers]
    return inside


def each_once(segment: Segment, words: Bitmap, zoom: int = 0, *, by_listing: bool) -> Bitmap:
    """Keep the first row of each listing in each square of the map at `zoom`; at zoom 0, that is the whole map.

    `by_listing` means that either all locations of a listing match or none.
    """
    if by_listing:
        return np.asarray(words & ~segment.repeats[zoom])
    rows = rows_of(words & segment.multi_location)
    rows = rows[np.argsort(segment.listing[rows], kind="stable")]
    # Rows are in the order of codes, so the rows of a listing in one square are consecutive.
    listings, squares = segment.listing[rows], segment.code[rows] >> 2 * (ZOOM - zoom)
    again = rows[1:][(listings[1:] == listings[:-1]) & (squares[1:] == squares[:-1])]
    return np.asarray(words & ~bitmap_of(again, len(segment)))


def counted_rows(segment: Segment, words: Bitmap, query: SearchQuery) -> Bitmap:
    """Return one row of each matching listing within the radius of the search."""
    if query.origin is None or query.within_miles is None:
        return each_once(segment, words, by_listing=not query.filters.words)
    return each_once(segment, inside_circle(segment, words, query.origin, query.within_miles), by_listing=False)


def facet_counts(segment: Segment, words: Bitmap, now: datetime) -> Array:
    """Return how many of the rows have each fact at the time `now`, in the order of `filters.facts`."""
    places = np.flatnonzero(words)
    counts, start = [], 0
    for each in filters.FILTERS:
        stop = start + len(each.choices)
        facts, lasting = segment.facts[start:stop], words & segment.lasting(each.ends_with, now)
        if len(places) * 2 < len(words):
            facts, lasting = facts.take(places, axis=1), lasting[places]
        counts.append(np.bitwise_count(facts & lasting).sum(axis=1, dtype=np.uint32))
        start = stop
    return np.concatenate(counts)
