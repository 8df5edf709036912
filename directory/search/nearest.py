"""The nearest of what matches, exactly, without reading much more than is asked for."""

import heapq
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from directory.geography.point import Point, miles_between
from directory.search.candidates import Candidates
from directory.search.cells import HALF_ROUND_MILES, SLACK_MILES, ZOOM, Square
from directory.search.keys import SEVERAL
from directory.search.packing import Entries
from directory.search.query import After
from directory.search.reaching import SPARE, ring, surroundings
from directory.search.reading import Reader
from directory.search.statements import ALL

FEW_TILES = 24
"""Tiles of one run of squares that are read at once; one with more holds a crowd, perhaps at its far side."""

FEW = 75_000
"""Locations of which a circle may hold any number: to read them all is less than to go about square by square."""

QUARTERED = 4
"""Tiles of one square that are read where it is gone about square by square."""

AT_ONCE = 8
"""Squares that are read in one statement, nearest first."""

MOST_AT_ONCE = 6
"""How many times more are looked for at most where too few were found."""

SPARE_HITS = 20
"""Locations looked at beyond those that are wanted: some lie at a second address of a listing found already."""


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
    look, hoped = surroundings(reader, origin, wanted, reach, gone), float(wanted)
    while True:
        enough = ALL if reader.driver.total <= FEW else max(FEW_TILES, wanted // 2, int(wanted / reader.share / 25))
        ranges = reader.few(look.ranges)
        entries, crowds = reader.candidates(ranges, enough)
        if crowds:
            return _square_by_square(reader, origin, wanted, look.miles, reach, after)
        found = ranked(Candidates(reader, origin, entries, wanted), wanted, look.miles, after)
        if len(found) >= wanted or look.miles >= reach:
            return found
        hoped *= min(max(2.0, SPARE * wanted / len(found)), MOST_AT_ONCE) if found else MOST_AT_ONCE
        farther = surroundings(reader, origin, int(hoped), reach, gone)
        # Where the counts do not tell of anybody farther away, a wider circle does.
        look = farther if farther.miles > look.miles * 1.2 else ring(origin, min(look.miles * 2 + 0.5, reach), gone)


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
        ranges = [square.codes for square in asked]
        entries, crowds = reader.candidates(ranges, QUARTERED)
        for near in ranked(Candidates(reader, origin, entries, wanted), wanted, bound, after):
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


def ranked(candidates: Candidates, wanted: int, radius: float, after: After | None = None) -> list[Near]:
    """The nearest listings of the candidates within `radius` and past `after`, each at its nearest location."""
    candidates.keep(radius, after)
    found: dict[int, Near] = {}
    farthest, step = math.inf, wanted + SPARE_HITS
    while candidates.any_within(farthest):
        some = candidates.taken(step)
        shown = _shown_before(candidates, some, after) if after else set()
        for near in (_near(candidates.origin, entry) for entry in some):
            if near.miles <= radius and near.listing_id not in shown and _is_past(near, after):
                found[near.listing_id] = min(near, found.get(near.listing_id, near))
        if len(found) >= wanted:
            farthest = min(farthest, heapq.nsmallest(wanted, found.values())[-1].miles)
        step *= 2
    return sorted(found.values())[:wanted]


def _near(origin: Point, entry: Any) -> Near:
    _, location, listing, lat, lon, *_ = entry.item()
    return Near(miles_between(origin, Point(lat, lon)), listing, location)


def _is_past(near: Near, after: After | None) -> bool:
    return after is None or (near.miles, near.listing_id) > (after.miles, after.listing_id)


def _shown_before(candidates: Candidates, entries: Entries, after: After) -> set[int]:
    """The listings with another location that matches and lies before `after`: a page before has shown them."""
    several = entries["listing"][(entries["facts"] & np.uint64(1 << SEVERAL)) != 0]
    places = candidates.reader.matching_documents(np.unique(several).tolist()) if len(several) else []
    nears = (_near(candidates.origin, place) for place in places)
    return {near.listing_id for near in nears if not _is_past(near, after)}
