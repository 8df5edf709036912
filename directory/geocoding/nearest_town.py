"""Finds in memory the town that best names a point, fast enough for all clusters of a map."""

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import product
from typing import Final

from directory.geocoding.grid_index import (
    DISTANCE_OFFSET_MILES,
    MILES_PER_DEGREE,
    MIN_WEIGHT,
    POPULATION_EXPONENT,
    flat_miles,
)
from directory.geocoding.place_rows import MAX_STATE_DISTANCE_MILES
from directory.geocoding.store import Store, TownRow
from directory.geography.point import Point

FINEST_SQUARE_DEGREES: Final = 0.25
COARSEST_LEVEL: Final = 5
"""A square of this level is eight degrees wide; each level doubles the width."""

TOWNS_PER_SQUARE: Final = 8
"""Only the largest towns of each square are kept: among many towns, people name one of these."""

CACHE_SIZE: Final = 4096
"""Cached results; arbitrary. The same clusters are shown again and again, to the same user and to others."""

_Square = tuple[int, int]
_RankedTown = tuple[TownRow, float]
"""A town and the factor by which its population extends its reach."""


class NearestTownIndex:
    """The towns of the gazetteer in squares of several widths, loaded on first use."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._levels: dict[int, dict[_Square, list[_RankedTown]]] = {}
        self.town_near = lru_cache(CACHE_SIZE)(self._town_near)

    def _town_near(self, point: Point, spread_miles: float) -> TownRow | None:
        """Return the town that names a group of places within `spread_miles` of `point`.

        The wider the group, the larger the town. None far from every town.
        """
        for level in range(_level_for_spread(spread_miles), COARSEST_LEVEL + 1):
            found = self._around(level, point)
            if found:
                return _most_prominent(found, point, spread_miles)
        return None

    def _around(self, level: int, point: Point) -> list[_RankedTown]:
        squares = self._level(level)
        row, column, turn = _square(level, point.lat, point.lon)
        return [
            town
            for down, right in product((-1, 0, 1), repeat=2)
            for town in squares.get((row + down, (column + right) % turn), ())
        ]

    def _level(self, level: int) -> dict[_Square, list[_RankedTown]]:
        if level not in self._levels:
            self._levels[level] = _largest_by_square(level, self._towns)
        return self._levels[level]

    @cached_property
    def _towns(self) -> list[_RankedTown]:
        """All towns, largest first."""
        towns = sorted(self._store.every_town(), key=lambda town: (-town.weight, town.id))
        return [(town, math.pow(max(town.weight, MIN_WEIGHT), POPULATION_EXPONENT)) for town in towns]


def _largest_by_square(level: int, towns: Iterable[_RankedTown]) -> dict[_Square, list[_RankedTown]]:
    squares: dict[_Square, list[_RankedTown]] = defaultdict(list)
    for town in towns:
        row, column, _ = _square(level, town[0].lat, town[0].lon)
        kept = squares[row, column]
        if len(kept) < TOWNS_PER_SQUARE:
            kept.append(town)
    return dict(squares)


def _most_prominent(towns: Iterable[_RankedTown], point: Point, spread_miles: float) -> TownRow | None:
    """Return the town with the least weighted distance (see `grid_index.weighted_distance`) from the group."""
    start = max(DISTANCE_OFFSET_MILES, spread_miles)
    near = ((flat_miles(point, town), town, reach) for town, reach in towns)
    miles, best, _ = min(near, key=lambda found: ((found[0] + start) / found[2], found[1].id))
    return best if miles <= MAX_STATE_DISTANCE_MILES + spread_miles else None


def _level_for_spread(spread_miles: float) -> int:
    """Return the level whose squares are as wide as the group's spread."""
    widths = spread_miles / (MILES_PER_DEGREE * FINEST_SQUARE_DEGREES)
    return min(max(math.ceil(math.log2(widths)), 0), COARSEST_LEVEL) if widths > 0 else 0


def _square(level: int, lat: float, lon: float) -> tuple[int, int, int]:
    """Return row and column of the square that holds a point, and the number of columns around the globe."""
    degrees = FINEST_SQUARE_DEGREES * 2**level
    turn = round(360 / degrees)
    return math.floor(lat / degrees), math.floor(lon / degrees) % turn, turn
