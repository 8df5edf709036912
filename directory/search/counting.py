"""How many listings match within a circle, and how many of them have each fact: always exact."""

from dataclasses import dataclass

import numpy as np

from directory.geography.point import Point
from directory.search import filters
from directory.search.matching import SegmentReader
from directory.search.nearest import MARGIN, Blocks, exact_miles, rough_miles, rows_in
from directory.search.segment import BLOCK, WORDS, Array, Bitmap, Segment, count, rows_of


@dataclass(frozen=True, slots=True)
class Selection:
    """Some rows: words of a bitmap, and their places in it."""

    places: Array
    words: Bitmap


def inside_circle(segment: Segment, words: Bitmap, origin: Point, miles: float) -> Selection:
    """The rows within a circle: whole blocks as they are, those on its rim row by row."""
    blocks = Blocks.of(segment, words, origin)
    inside = blocks.farthest <= miles
    rim = blocks.numbers[~inside & (blocks.nearest <= miles)]
    numbers = np.concatenate((blocks.numbers[inside], rim))
    places = (numbers[:, None] * WORDS + np.arange(WORDS)).ravel()
    chosen = words[places]
    rows = rows_in(words, rim)
    far = rough_miles(segment, origin, rows)
    outside = far > miles
    for at in np.flatnonzero(np.abs(far - miles) <= MARGIN):
        outside[at] = exact_miles(segment, origin, rows[at]) > miles
    # Rows of the rim come in the order of its blocks, after those of the whole blocks.
    gone = rows[outside]
    start = np.count_nonzero(inside) * WORDS
    order = np.argsort(rim)
    place = start + order[np.searchsorted(rim, gone // BLOCK, sorter=order)] * WORDS + gone % BLOCK // 64
    np.bitwise_xor.at(chosen, place, np.uint64(1) << (gone & 63).astype(np.uint64))
    return Selection(places, chosen)


def each_once(segment: Segment, selection: Selection, group: Array | None = None) -> Selection:
    """The selection with one row of each listing; with `group`, a number for each word's place, one in each group."""
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
    """One row of each matching listing within the circle, or anywhere.

    `by_listing` says that all locations of a listing match, or none.
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
    """How many listings."""
    return count(selection.words)


def facet_counts(reader: SegmentReader, selection: Selection, moment: int) -> dict[str, dict[str, int]]:
    """How many of the listings have each choice of a filter at a moment; without zeros."""
    segment, counts = reader.segment, dict[str, dict[str, int]]()
    lasting: dict[str | None, Bitmap] = {None: selection.words}
    everything = len(selection.places) * 2 > len(segment.valid)
    if everything:
        full = np.zeros(len(segment.valid), np.uint64)
        full[selection.places] = selection.words
        lasting[None] = full
    for (name, value), number in segment.fact_number.items():
        column = filters.declared(name).ends_with
        if column not in lasting:
            still = reader.lasting(column, moment)
            lasting[column] = lasting[None] & (still if everything else still[selection.places])
        fact = segment.facts[number] if everything else segment.facts[number][selection.places]
        found = int(np.bitwise_count(fact & lasting[column]).sum())
        if found:
            counts.setdefault(name, {})[value] = found
    return counts
