"""Counts the listings that match within a radius, and facet counts; always exact."""

from typing import NamedTuple

import numpy as np

from directory.geography.point import Point
from directory.search import filters
from directory.search.matcher import SegmentReader
from directory.search.nearest import Blocks, rough_miles, rows_in, within
from directory.search.segment import BLOCK, WORDS, Array, Bitmap, Segment, count, rows_of


class Selection(NamedTuple):
    """A subset of rows: words of a bitmap, and their positions in it."""

    places: Array
    words: Bitmap

    def scattered(self, size: int) -> Bitmap:
        """Return the whole bitmap, of `size` words."""
        words = np.zeros(size, np.uint64)
        words[self.places] = self.words
        return words


def inside_circle(segment: Segment, words: Bitmap, origin: Point, miles: float) -> Selection:
    """Return the rows within a circle; blocks across its edge are checked row by row, others as a whole."""
    blocks = Blocks.of(segment, words, origin)
    inside = blocks.farthest <= miles
    rim = blocks.numbers[~inside & (blocks.nearest <= miles)]
    numbers = np.concatenate((blocks.numbers[inside], rim))
    places = (numbers[:, None] * WORDS + np.arange(WORDS)).ravel()
    chosen = words[places]
    rows = rows_in(words, rim)
    # Rows of the edge are in the order of its blocks, after those of the blocks inside.
    gone = rows[~within(segment, origin, rows, rough_miles(segment, origin, rows), miles)]
    start = np.count_nonzero(inside) * WORDS
    order = np.argsort(rim)
    place = start + order[np.searchsorted(rim, gone // BLOCK, sorter=order)] * WORDS + gone % BLOCK // 64
    np.bitwise_xor.at(chosen, place, np.uint64(1) << (gone & 63).astype(np.uint64))
    return Selection(places, chosen)


def each_once(segment: Segment, selection: Selection, group: Array | None = None) -> Selection:
    """Keep one row of each listing; with `group` (a group number for each row), one in each group."""
    multi = selection.words & segment.multi_location[selection.places]
    local = rows_of(multi)
    if not len(local):
        return selection
    rows = selection.places[local >> 6] * 64 + (local & 63)
    key = segment.listing[rows].astype(np.int64)
    if group is not None:
        key = key << 32 | group[rows]
    first = np.unique(key, return_index=True)[1]
    again = np.delete(local, first)
    words = selection.words.copy()
    np.bitwise_xor.at(words, again >> 6, np.uint64(1) << (again & 63).astype(np.uint64))
    return Selection(selection.places, words)


def selected(
    reader: SegmentReader, words: Bitmap, origin: Point | None, within: float | None, *, by_listing: bool
) -> Selection:
    """Select one row of each matching listing, within the circle if one is given.

    `by_listing` means that either all locations of a listing match or none.
    """
    segment = reader.segment
    if origin is not None and within is not None:
        return each_once(segment, inside_circle(segment, words, origin, within))
    if by_listing:
        words = words & ~segment.repeats[0]
    places = np.flatnonzero(words)
    anywhere = Selection(places, words[places])
    return anywhere if by_listing else each_once(segment, anywhere)


def total(selection: Selection) -> int:
    """Return the number of listings."""
    return count(selection.words)


def facet_counts(reader: SegmentReader, selection: Selection, moment: int) -> dict[str, dict[str, int]]:
    """Count the listings for each choice of each filter at a moment (microseconds since 1970); zeros are left out."""
    segment, counts = reader.segment, dict[str, dict[str, int]]()
    everywhere = len(selection.places) * 2 > len(segment.valid)
    places, words = (slice(None), selection.scattered(len(segment.valid))) if everywhere else selection
    ends = {each.name: each.ends_with for each in filters.FILTERS}
    lasting = {column: words & reader.lasting(column, moment)[places] for column in {*ends.values()}}
    for (name, value), number in segment.fact_number.items():
        found = count(segment.facts[number][places] & lasting[ends[name]])
        if found:
            counts.setdefault(name, {})[value] = found
    return counts
