"""Guesses how far a search must look to find enough, from how many lie in the squares around the place."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES, Point
from directory.search.cells import EVERYWHERE, HALF_ROUND_MILES, SLACK_MILES, ZOOM, Range, blocks, merged, without
from directory.search.keys import ANY
from directory.search.packing import Numbers
from directory.search.reading import Reader
from directory.search.squares import WHOLE_MAP, Circle, Squares
from directory.search.tree import FACETS_TYPE, SPLIT, codes_under, node_id

SPARE = 3.0
"""How much more than expected a circle should hold, so that one is mostly enough."""

PROBED = range(2, ZOOM - 3)
"""The zooms at which the surroundings are counted."""

WIDE = 3
"""Blocks of this zoom and coarser ones, thousands of miles wide, say little of where in them the people live."""

FEW = 2000
"""Locations that are read sooner than it is found out where they are."""

MOST_WALKED = 64
"""Squares after which a walk ends: more would tell the distance better than is worth."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is to be read first: a circle of so many miles, and all codes at which anybody in it may be."""

    miles: float
    ranges: tuple[Range, ...]


def surroundings(reader: Reader, origin: Point, wanted: int, reach: float, gone: float) -> Surroundings:
    """Where `wanted` matches may be expected, past `gone` miles and within `reach`.

    Mostly the squares around the place tell; where they would have to be wide, the pyramid is walked to those that
    are near. Both may be wrong: whoever finds too few looks farther.
    """
    if reader.driver.total <= FEW:
        return Surroundings(reach, EVERYWHERE)
    key = ANY if reader.key is None else reader.key
    around = {zoom: [node_id(key, zoom, square) for square in some] for zoom, some in blocks(origin, PROBED).items()}
    root = node_id(key, 0, 0)
    counts = reader.nodes([root, *(number for numbers in around.values() for number in numbers)])
    if root not in counts:
        return ring(origin, reach, gone)
    needed = wanted * SPARE / max(_share(reader, counts[root]), 1e-9)
    for zoom in reversed(PROBED):
        there = sum(counts[number].locations for number in around[zoom] if number in counts)
        if there >= needed and zoom > WIDE:
            aside = _side(origin, zoom) * math.sqrt(needed / there / math.pi)
            return ring(origin, min(math.hypot(gone, aside) + 0.05, reach), gone)
    if counts[root].locations <= needed:
        return ring(origin, reach, gone)
    return _walked(reader, key, origin, needed, reach, gone)


def ring(origin: Point, radius: float, gone: float) -> Surroundings:
    """The codes of the circle, without squares that pages before have gone through."""
    ranges = Circle.of(origin, radius).ranges
    if gone <= SLACK_MILES:
        return Surroundings(radius, ranges)
    through = Circle.of(origin, gone - SLACK_MILES).inner
    return Surroundings(radius, without(ranges, merged(codes for squares in through for codes in squares.codes)))


def _share(reader: Reader, root: Any) -> float:
    """Which part of the locations that are counted may match: as many as hold each other fact, one by one."""
    locations, facets = root.locations, np.frombuffer(root.facets, FACETS_TYPE)
    share = reader.held if reader.key is not None else reader.held * reader.driver.total / max(1, reader.everybody)
    for condition in reader.scope.conditions:
        if condition.key != reader.key:
            share *= int(facets[condition.key]) / locations
    return share


def _side(origin: Point, zoom: int) -> float:
    """Miles from side to side of a block of two by two squares, where the place lies."""
    level = math.cos(math.radians(min(abs(origin.lat), 85)))
    return 2 * math.radians(360 / (1 << zoom)) * level * EARTH_RADIUS_MILES


@dataclass(frozen=True, slots=True)
class _Ashore:
    """Squares where somebody is, of several zooms: how many, and the miles to their nearest and farthest place."""

    zooms: Numbers
    prefixes: Numbers
    locations: Numbers
    near: Numbers
    far: Numbers

    def those(self, chosen: Numbers) -> "_Ashore":
        return _Ashore(*(getattr(self, name)[chosen] for name in _Ashore.__slots__))

    def joined(self, other: "_Ashore") -> "_Ashore":
        return _Ashore(*(np.append(getattr(self, name), getattr(other, name)) for name in _Ashore.__slots__))

    def holding(self, needed: float) -> float:
        """The miles within which squares wholly lie that hold so many; half round the globe if they do not."""
        order = np.argsort(self.far)
        enough = int(np.searchsorted(np.cumsum(self.locations[order]), needed))
        return float(self.far[order[enough]]) if enough < len(order) else HALF_ROUND_MILES

    @property
    def ranges(self) -> tuple[Range, ...]:
        """All their codes."""
        squares = zip(self.zooms.tolist(), self.prefixes.tolist(), strict=True)
        return merged(codes_under(zoom, prefix) for zoom, prefix in squares)


def _walked(reader: Reader, key: int, origin: Point, needed: float, reach: float, gone: float) -> Surroundings:
    """Go down the pyramid, quartering squares on the edge of the circle, until little of what they hold is outside."""
    found = _ashore(reader, key, [WHOLE_MAP], origin)
    while True:
        found = found.those(found.far >= gone)
        radius = min(found.holding(needed), reach)
        found = found.those(found.near <= radius)
        edge = (found.far >= radius) & (found.locations > SPLIT) & (found.zooms < ZOOM)
        if found.locations[edge].sum() <= needed or len(edge) > MOST_WALKED:
            return Surroundings(radius, found.ranges)
        crowded, zooms = found.those(edge), np.unique(found.zooms[edge]).tolist()
        quarters = [Squares(zoom, crowded.prefixes[crowded.zooms == zoom]).quarters for zoom in zooms]
        found = found.those(~edge).joined(_ashore(reader, key, quarters, origin))


def _ashore(reader: Reader, key: int, some: list[Squares], origin: Point) -> _Ashore:
    """Those of the squares in which anybody is."""
    zooms = np.concatenate([np.full(len(squares), squares.zoom) for squares in some])
    prefixes = np.concatenate([squares.prefixes for squares in some])
    near, far = np.concatenate([squares.miles(origin) for squares in some], axis=1)
    numbers = [node_id(key, zoom, prefix) for zoom, prefix in zip(zooms.tolist(), prefixes.tolist(), strict=True)]
    rows = reader.nodes(numbers)
    locations = np.array([rows[number].locations if number in rows else 0 for number in numbers])
    return _Ashore(zooms, prefixes, locations, near, far).those(locations > 0)
