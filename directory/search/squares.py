"""How far many squares of the map lie from a point, worked out at once."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES, Point
from directory.search.cells import HALF_ROUND_MILES, SLACK_MILES, ZOOM, Range, merged, squares_around
from directory.search.packing import Numbers

AnyNumbers = TypeVar("AnyNumbers", int, Numbers)

RIM = 10
"""Squares on the rim of a circle: more would read fewer locations around it and take longer to find."""

AT_ONCE = 3
"""Zooms that are looked at in one go: a pass over 256 squares takes hardly longer than one over four."""


@dataclass(frozen=True, slots=True)
class Squares:
    """Squares of one zoom by the prefixes of their codes; see `cells.Square`, which the tests hold this against."""

    zoom: int
    prefixes: Numbers

    @property
    def quarters(self) -> "Squares":
        """The four squares of the next zoom in each."""
        return self.pieces(1)

    def pieces(self, levels: int) -> "Squares":
        """The squares that each is split into when it is quartered so often, those of one square in a row."""
        many = 1 << 2 * levels
        return Squares(self.zoom + levels, (self.prefixes[:, None] * many + np.arange(many)).ravel())

    def lying(self, centre: Point, miles: float) -> "tuple[Squares, Squares]":
        """Those wholly inside a circle, and those on its rim."""
        near, inside = self.touched(centre, miles)
        return Squares(self.zoom, self.prefixes[inside]), Squares(self.zoom, self.prefixes[near & ~inside])

    def touched(self, centre: Point, miles: float) -> tuple[Numbers, Numbers]:
        """Whether each has a place in a circle, and whether it lies wholly inside."""
        nearest, beyond = self._chords(centre)
        near = nearest <= _chord(miles + SLACK_MILES)
        # A square lies inside where even its place nearest to the antipode is far enough from there.
        inside = near & (beyond >= _chord(HALF_ROUND_MILES - miles + SLACK_MILES)) & (miles >= SLACK_MILES)
        return near, inside

    def miles(self, centre: Point) -> tuple[Numbers, Numbers]:
        """Great-circle miles to the nearest and to the farthest place in each."""
        nearest, beyond = (_miles(chords) for chords in self._chords(centre))
        return nearest, HALF_ROUND_MILES - beyond

    def __len__(self) -> int:
        return len(self.prefixes)

    @property
    def codes(self) -> list[tuple[int, int]]:
        """The first and last code of each."""
        shift = 2 * (ZOOM - self.zoom)
        return [(prefix << shift, ((prefix + 1) << shift) - 1) for prefix in self.prefixes.tolist()]

    def _chords(self, point: Point) -> tuple[Numbers, Numbers]:
        """To the nearest place in each square from the point and from its antipode, as `cells.Square.nearest_miles`.

        What is given is the square of half the chord on a globe of radius 1: it grows with the miles, and needs no
        arc sine.
        """
        columns, rows = columns_and_rows(self.prefixes)
        width = 360.0 / (1 << self.zoom)
        # One row for the point and one for its antipode.
        phi = np.array([[math.radians(point.lat)], [-math.radians(point.lat)]])
        eastward = np.mod(np.array([[point.lon + 180.0], [point.lon]]) - columns * width, 360.0)
        beside = np.radians(np.where(eastward <= width, 0.0, np.minimum(eastward - width, 360.0 - eastward)))
        south, north = self._edges(rows + 1), self._edges(rows)
        lean, level = np.sin(phi), np.cos(phi)
        foot = np.arctan2(lean, level * np.cos(beside))
        half_aside = np.sin(beside / 2) ** 2 * level

        def chord(end: Numbers) -> Any:
            return np.sin((end - phi) / 2) ** 2 + half_aside * np.cos(end)

        holds = (south <= foot) & (foot <= north)
        nearest = np.where(holds, chord(foot), np.minimum(chord(south), chord(north)))
        return nearest[0], nearest[1]

    def _edges(self, rows: Numbers) -> Numbers:
        """The latitude of the upper edge of each row, in radians; the first and last edge are the poles."""
        many = 1 << self.zoom
        edges = np.arctan(np.sinh(np.pi * (1 - 2 * rows / many)))
        edges[rows == 0] = math.pi / 2
        edges[rows == many] = -math.pi / 2
        return edges


def _miles(chords: Numbers) -> Numbers:
    miles: Numbers = 2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.clip(chords, 0.0, 1.0)))
    return miles


def _chord(miles: float) -> float:
    """The square of half the chord between places so many miles apart, on a globe of radius 1."""
    half = miles / (2 * EARTH_RADIUS_MILES)
    return math.copysign(math.sin(min(abs(half), math.pi / 2)) ** 2, half)


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
        while 0 < len(rim) < RIM and rim.zoom < ZOOM:
            for inside, rest in _split(rim, centre, miles):
                inner.append(inside)
                rim = rest
                if len(rim) >= RIM:
                    break
        return cls(tuple(inner), rim)

    @property
    def ranges(self) -> tuple[Range, ...]:
        """All codes that may lie inside, in order."""
        return merged(codes for squares in (*self.inner, self.rim) for codes in squares.codes)


def _split(squares: Squares, centre: Point, miles: float) -> Iterator[tuple[Squares, Squares]]:
    """Of each of the next zooms, what lies inside the circle and not in a wider square inside, and what on its rim."""
    levels = min(AT_ONCE, ZOOM - squares.zoom)
    near, inside = squares.pieces(levels).touched(centre, miles)
    taken = np.zeros(len(squares), bool)
    for level in range(1, levels + 1):
        pieces = squares.pieces(level)
        some = len(pieces), -1
        touching, within = near.reshape(some).any(axis=1), inside.reshape(some).all(axis=1)
        taken = np.repeat(taken, 4)
        yield (
            Squares(pieces.zoom, pieces.prefixes[within & ~taken]),
            Squares(pieces.zoom, pieces.prefixes[touching & ~within]),
        )
        taken |= within


def columns_and_rows(prefixes: AnyNumbers) -> tuple[AnyNumbers, AnyNumbers]:
    """Which column and which row of its zoom each square is, from the west and from the north; of one or of many."""
    return _unwoven(prefixes), _unwoven(prefixes >> 1)


def _unwoven(prefixes: AnyNumbers) -> AnyNumbers:
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
