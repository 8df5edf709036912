"""The nearest of what matches, exactly, without reading much more than is asked for."""

import heapq
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES, Point, miles_between
from directory.search.cells import HALF_ROUND_MILES, SLACK_MILES, ZOOM, Range, Square, block, merged, without
from directory.search.keys import ANY, SEVERAL
from directory.search.packing import Entries, miles_from
from directory.search.query import After
from directory.search.reading import Reader
from directory.search.squares import Circle
from directory.search.tree import node_id

FEW_TILES = 24
"""Tiles of one run of squares that are read at once; one with more holds a crowd, perhaps at its far side."""

QUARTERED = 4
"""Tiles of one square that are read where it is gone about square by square."""

AT_ONCE = 8
"""Squares that are read in one statement, nearest first."""

SPARE = 1.3
"""How much more than expected a circle should hold, so that one is mostly enough."""

SPARE_HITS = 20
"""Locations looked at beyond those that are wanted: some lie at a second address of a listing found already."""

ROUNDING = 1e-6
"""Miles by which arrays and single numbers may differ: far more than they do."""

PROBED = range(2, ZOOM - 3)
"""The zooms at which the surroundings are counted, to guess how far one must look."""


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """A listing at its nearest location. Ordered as people are shown it: by miles, then by listing."""

    miles: float
    listing_id: int
    location_id: int


def nearest(
    reader: Reader, origin: Point, wanted: int, *, reach: float = HALF_ROUND_MILES, after: After | None = None
) -> list[Near]:
    """The `wanted` nearest listings within `reach` miles and past `after`, or all where there are fewer.

    Reads a circle that should hold enough, and a wider one where it did not.
    """
    gone = after.miles if after else 0.0
    radius = _guess(reader, origin, wanted, gone)
    while True:
        radius = min(radius, reach)
        ranges = reader.few(_ring(origin, radius, gone))
        enough = max(FEW_TILES, int(4 * wanted / max(reader.share, 1e-6) / 100))
        entries, crowds = reader.entries_up_to(ranges, min(enough, 2000))
        if crowds:
            return _square_by_square(reader, origin, wanted, radius, reach, after)
        found = ranked(reader, origin, entries, wanted, radius, after)
        if len(found) >= wanted or radius >= reach:
            return found
        missing = math.sqrt(wanted / len(found)) if found else 4.0
        radius = max(gone * 1.05, radius * min(max(1.5, missing * SPARE), 4.0)) + 0.5


def _ring(origin: Point, radius: float, gone: float) -> tuple[Range, ...]:
    """The codes of the circle, without squares that pages before have gone through."""
    ranges = Circle.of(origin, radius).ranges
    if gone <= SLACK_MILES:
        return ranges
    through = Circle.of(origin, gone - SLACK_MILES).inner
    return without(ranges, merged(codes for squares in through for codes in squares.codes))


def _guess(reader: Reader, origin: Point, wanted: int, gone: float) -> float:
    """The miles within which so many may be expected, from how many lie in squares about the place."""
    key = ANY if reader.key is None else reader.key
    share = reader.share
    blocks = {zoom: [node_id(key, zoom, square) for square in block(origin, zoom)] for zoom in PROBED}
    counts = reader.nodes(number for numbers in blocks.values() for number in numbers)
    if reader.key is None:
        root = reader.nodes([node_id(ANY, 0, 0)])
        share *= reader.driver.total / max(1, next(iter(root.values())).locations if root else 1)
    needed = wanted * SPARE / max(share, 1e-9)
    for zoom in reversed(PROBED):
        there = sum(counts[number].locations for number in blocks[zoom] if number in counts)
        if there >= needed:
            side = (
                2
                * math.radians(360 / (1 << zoom))
                * math.cos(math.radians(min(abs(origin.lat), 85)))
                * EARTH_RADIUS_MILES
            )
            aside = side * math.sqrt(needed / there / math.pi)
            return math.hypot(gone, aside) + 0.05
    return HALF_ROUND_MILES


def _square_by_square(
    reader: Reader, origin: Point, wanted: int, radius: float, reach: float, after: After | None
) -> list[Near]:
    """The nearest listings by reading the nearest squares, or their quarters where they are crowded.

    Squares that are near and as wide as `radius`, which was found to be crowded, are not worth reading.
    """
    squares = [(0.0, Square(0, 0, 0))]
    best: dict[int, Near] = {}
    bound, gone = reach, after.miles - SLACK_MILES if after else 0.0
    while squares and squares[0][0] <= bound + SLACK_MILES:
        asked: list[Square] = []
        horizon = min(bound + SLACK_MILES, max(radius, squares[0][0]))
        while squares and squares[0][0] <= horizon and len(asked) < AT_ONCE:
            miles, square = heapq.heappop(squares)
            if square.farthest_miles(origin) < gone:
                continue
            if miles <= radius and _width(square) > radius and square.zoom < ZOOM:
                _quarter(squares, square, origin)
            else:
                asked.append(square)
        entries, crowds = reader.entries_up_to([square.codes for square in asked], QUARTERED)
        for near in ranked(reader, origin, entries, wanted, reach, after):
            best[near.listing_id] = min(near, best.get(near.listing_id, near))
        for number in crowds:
            _quarter(squares, asked[number], origin)
        if len(best) >= wanted:
            bound = heapq.nsmallest(wanted, best.values())[-1].miles
    return sorted(best.values())[:wanted]


def _quarter(squares: list[tuple[float, Square]], square: Square, origin: Point) -> None:
    for quarter in square.quarters:
        heapq.heappush(squares, (quarter.nearest_miles(origin), quarter))


def _width(square: Square) -> float:
    """Miles from side to side at the equator: an upper bound elsewhere."""
    return 2 * HALF_ROUND_MILES / (1 << square.zoom)


def ranked(
    reader: Reader, origin: Point, entries: Entries, wanted: int, radius: float, after: After | None = None
) -> list[Near]:
    """The nearest listings of some entries within `radius` and past `after`, each at its nearest location."""
    miles = miles_from(origin, entries)
    inside = miles <= radius + ROUNDING
    if after:
        inside &= miles >= after.miles - ROUNDING
    entries, miles = entries[inside], miles[inside]
    order = np.argsort(miles, kind="stable")
    found: dict[int, Near] = {}
    farthest = math.inf
    for start in range(0, len(order), wanted + SPARE_HITS):
        some = order[start : start + wanted + SPARE_HITS]
        if miles[some[0]] > farthest + ROUNDING:
            break
        shown = _shown_before(reader, origin, entries[some], after) if after else set()
        for near in (_near(origin, entry) for entry in entries[some]):
            if near.miles <= radius and near.listing_id not in shown and _is_past(near, after):
                found[near.listing_id] = min(near, found.get(near.listing_id, near))
        if len(found) >= wanted:
            farthest = min(farthest, heapq.nsmallest(wanted, found.values())[-1].miles)
    return sorted(found.values())[:wanted]


def _near(origin: Point, entry: Any) -> Near:
    _, location, listing, lat, lon, *_ = entry.item()
    return Near(miles_between(origin, Point(lat, lon)), listing, location)


def _is_past(near: Near, after: After | None) -> bool:
    return after is None or (near.miles, near.listing_id) > (after.miles, after.listing_id)


def _shown_before(reader: Reader, origin: Point, entries: Entries, after: After) -> set[int]:
    """The listings with another location that matches and lies before `after`: a page before has shown them."""
    several = entries["listing"][(entries["facts"] & np.uint64(1 << SEVERAL)) != 0]
    places = reader.matching_documents(np.unique(several).tolist()) if len(several) else []
    return {near.listing_id for near in (_near(origin, place) for place in places) if not _is_past(near, after)}
