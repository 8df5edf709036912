"""Says from memory which town people would name for a point, for the many groups of a map at once."""

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import product
from typing import Final

from directory.geocoding.nearness import (
    MILES_PER_DEGREE,
    PULL,
    PULL_FROM_MILES,
    SMALLEST_WEIGHT,
    flat_miles,
)
from directory.geocoding.placing import SETTLED_MILES
from directory.geocoding.store import Store, TownRow
from directory.geography.point import Point

FINEST_DEGREES: Final = 0.25
COARSEST: Final = 5
"""A square of this level is eight degrees wide; each level has squares twice as wide as the one before."""

KEPT: Final = 8
"""The largest towns of each square: what people name in a crowd of towns is one of these."""

REMEMBERED: Final = 4096
"""Answers; arbitrary. Groups lie where they lay a moment ago, and everybody who looks at a part sees the same ones."""

_Square = tuple[int, int]
_Town = tuple[TownRow, float]
"""A town and how far its name reaches."""


class Vicinity:
    """The towns of the gazetteer by squares of several widths, read when first asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._levels: dict[int, dict[_Square, list[_Town]]] = {}
        self.town_near = lru_cache(REMEMBERED)(self._town_near)

    def _town_near(self, point: Point, spread_miles: float) -> TownRow | None:
        """The town that a group of places is near to, which reaches so many miles about `point`.

        The wider the group, the larger the town that gives it a name. None far from every town.
        """
        for level in range(_level_of(spread_miles), COARSEST + 1):
            found = self._around(level, point)
            if found:
                return _most_named(found, point, spread_miles)
        return None

    def _around(self, level: int, point: Point) -> list[_Town]:
        squares = self._level(level)
        row, column, turn = _square(level, point.lat, point.lon)
        return [
            town
            for down, right in product((-1, 0, 1), repeat=2)
            for town in squares.get((row + down, (column + right) % turn), ())
        ]

    def _level(self, level: int) -> dict[_Square, list[_Town]]:
        if level not in self._levels:
            self._levels[level] = _largest_by_square(level, self._towns)
        return self._levels[level]

    @cached_property
    def _towns(self) -> list[_Town]:
        """The largest first."""
        towns = sorted(self._store.every_town(), key=lambda town: (-town.weight, town.id))
        return [(town, math.pow(max(town.weight, SMALLEST_WEIGHT), PULL)) for town in towns]


def _largest_by_square(level: int, towns: Iterable[_Town]) -> dict[_Square, list[_Town]]:
    squares: dict[_Square, list[_Town]] = defaultdict(list)
    for town in towns:
        row, column, _ = _square(level, town[0].lat, town[0].lon)
        kept = squares[row, column]
        if len(kept) < KEPT:
            kept.append(town)
    return dict(squares)


def _most_named(towns: Iterable[_Town], point: Point, spread_miles: float) -> TownRow | None:
    """The town with the least remoteness, as in `nearness`, from somewhere in the group."""
    start = max(PULL_FROM_MILES, spread_miles)
    near = ((flat_miles(point, town), town, reach) for town, reach in towns)
    miles, best, _ = min(near, key=lambda found: ((found[0] + start) / found[2], found[1].id))
    return best if miles <= SETTLED_MILES + spread_miles else None


def _level_of(spread_miles: float) -> int:
    """The level whose squares are as wide as the group reaches."""
    widths = spread_miles / (MILES_PER_DEGREE * FINEST_DEGREES)
    return min(max(math.ceil(math.log2(widths)), 0), COARSEST) if widths > 0 else 0


def _square(level: int, lat: float, lon: float) -> tuple[int, int, int]:
    """Row and column of the square that holds a point, and how many columns go round the globe."""
    degrees = FINEST_DEGREES * 2**level
    turn = round(360 / degrees)
    return math.floor(lat / degrees), math.floor(lon / degrees) % turn, turn
