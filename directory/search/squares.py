"""How far many squares of the map lie from a point, worked out at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES, Point
from directory.search.cells import HALF_ROUND_MILES, SLACK_MILES, ZOOM, Range, merged, squares_around
from directory.search.packing import Numbers

RIM = 10
"""Squares on the rim of a circle: more would read fewer locations around it and take longer to find."""


@dataclass(frozen=True, slots=True)
class Squares:
    """Squares of one zoom by the prefixes of their codes; see `cells.Square`, which the tests hold this against."""

    zoom: int
    prefixes: Numbers

    @property
    def quarters(self) -> "Squares":
        """The four squares of the next zoom in each."""
        return Squares(self.zoom + 1, (self.prefixes[:, None] * 4 + np.arange(4)).ravel())

    def lying(self, centre: Point, miles: float) -> "tuple[Squares, Squares]":
        """Those wholly inside a circle, and those on its rim."""
        near = self._nearest_miles(centre) <= miles + SLACK_MILES
        inside = near & (self._farthest_miles(centre) <= miles - SLACK_MILES)
        return Squares(self.zoom, self.prefixes[inside]), Squares(self.zoom, self.prefixes[near & ~inside])

    def __len__(self) -> int:
        return len(self.prefixes)

    @property
    def codes(self) -> list[tuple[int, int]]:
        """The first and last code of each."""
        shift = 2 * (ZOOM - self.zoom)
        return [(prefix << shift, ((prefix + 1) << shift) - 1) for prefix in self.prefixes.tolist()]

    def _nearest_miles(self, point: Point) -> Numbers:
        """As `cells.Square.nearest_miles`."""
        columns, rows = columns_and_rows(self.prefixes)
        width = 360.0 / (1 << self.zoom)
        eastward = np.mod(point.lon - (columns * width - 180.0), 360.0)
        beside = np.where(eastward <= width, 0.0, np.minimum(eastward - width, 360.0 - eastward))
        phi, aside = np.radians(point.lat), np.radians(beside)
        south, north = self._edge_lats(np.stack((rows + 1, rows)))
        foot = np.degrees(np.arctan2(np.sin(phi), np.cos(phi) * np.cos(aside)))
        half_aside = np.sin(aside / 2) ** 2 * np.cos(phi)

        def chord(end: Numbers) -> Any:
            return np.sin(np.radians(end - point.lat) / 2) ** 2 + half_aside * np.cos(np.radians(end))

        holds = (south <= foot) & (foot <= north)
        nearest = np.where(holds, chord(foot), np.minimum(chord(south), chord(north)))
        miles: Numbers = 2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.clip(nearest, 0.0, 1.0)))
        return miles

    def _farthest_miles(self, point: Point) -> Numbers:
        antipode = Point(-point.lat, point.lon - 180.0 if point.lon > 0 else point.lon + 180.0)
        miles: Numbers = HALF_ROUND_MILES - self._nearest_miles(antipode)
        return miles

    def _edge_lats(self, rows: Numbers) -> Numbers:
        """The latitude of the upper edge of each row; the first and last edge are the poles."""
        many = 1 << self.zoom
        lats = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * rows / many))))
        edges: Numbers = np.where(rows == 0, 90.0, np.where(rows == many, -90.0, lats))
        return edges


NO_SQUARES = Squares(0, np.zeros(0, np.int64))
WHOLE_MAP = Squares(0, np.zeros(1, np.int64))


@dataclass(frozen=True, slots=True)
class Circle:
    """The squares that make up a circle: those wholly inside it, of several zooms, and those on its rim.

    The circle that goes half round the globe holds the whole map.
    """

    inner: tuple[Squares, ...]
    rim: Squares

    @classmethod
    def of(cls, centre: Point, miles: float) -> "Circle":
        """The circle in few squares: split from coarse to fine until at least `RIM` of them are on the rim."""
        if miles >= HALF_ROUND_MILES:
            return cls((WHOLE_MAP,), NO_SQUARES)
        around = squares_around(centre, miles + SLACK_MILES)
        zoom = around[0].zoom
        rim = Squares(zoom, np.array([square.codes[0] >> 2 * (ZOOM - zoom) for square in around]))
        inner: list[Squares] = []
        while len(rim) < RIM and rim.zoom < ZOOM:
            inside, rim = rim.quarters.lying(centre, miles)
            inner.append(inside)
        return cls(tuple(inner), rim)

    @property
    def ranges(self) -> tuple[Range, ...]:
        """All codes that may lie inside, in order."""
        return merged(codes for squares in (*self.inner, self.rim) for codes in squares.codes)


def columns_and_rows(prefixes: Numbers) -> tuple[Numbers, Numbers]:
    """Which column and which row of its zoom each square is, from the west and from the north."""
    return _unwoven(prefixes), _unwoven(prefixes >> 1)


def _unwoven(prefixes: Numbers) -> Numbers:
    """Every second bit, from the last one on: the columns of Morton codes."""
    bits = prefixes & 0x5555555555555555
    for shift, mask in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        bits = (bits | bits >> shift) & mask
    return bits
