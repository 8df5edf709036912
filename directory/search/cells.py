"""Squares of the map as ranges of Morton codes, and the few ranges that cover a circle."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from directory.geography.box import box_around
from directory.geography.point import EARTH_RADIUS_MILES, Point

ZOOM = 24
"""How often the map is halved: a square is 2.4 m wide at the equator, finer than any address is known."""

SLACK_MILES = 0.001
"""How far a circle is widened before it is covered. Rounding moves an edge by less, even at the antipode,
where the haversine formula is at its worst (about 0.0001 miles); the distances themselves decide in the end."""

HALF_ROUND_MILES = math.pi * EARTH_RADIUS_MILES
"""The way to the antipode: no two points are farther apart."""

Range = tuple[int, int]
"""The first and the last code of a run, both included."""

EVERYWHERE: tuple[Range, ...] = ((0, (1 << 2 * ZOOM) - 1),)
"""All codes, which are one run."""

_SIDE = 1 << ZOOM
_SPREADS = (
    (8, 0x00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F),
    (2, 0x333333333333),
    (1, 0x555555555555),
)


def _spread(number: int) -> int:
    """The bits of a 24-bit number with a gap before each."""
    number = (number | number << 16) & 0x0000FF0000FFFF
    for shift, mask in _SPREADS:
        number = (number | number << shift) & mask
    return number


def morton(x: int, y: int) -> int:
    """One number of the bits of both, so that near squares mostly have near numbers."""
    return _spread(y) << 1 | _spread(x)


@dataclass(frozen=True, slots=True, order=True)
class Square:
    """A square of the Web-Mercator map, `2 ** zoom` to a side, counted from north-west.

    The top and bottom rows reach to the poles, which Mercator's map leaves out.
    """

    zoom: int
    x: int
    y: int

    @property
    def codes(self) -> Range:
        """Every code in the square, which is one run."""
        shift = 2 * (ZOOM - self.zoom)
        first = morton(self.x, self.y) << shift
        return first, first + (1 << shift) - 1

    @property
    def quarters(self) -> "tuple[Square, Square, Square, Square]":
        """The four squares of the next zoom."""
        zoom, x, y = self.zoom + 1, self.x * 2, self.y * 2
        return Square(zoom, x, y), Square(zoom, x + 1, y), Square(zoom, x, y + 1), Square(zoom, x + 1, y + 1)

    def nearest_miles(self, point: Point) -> float:
        """Great-circle miles from the point to the nearest place in the square, 0 inside it."""
        width = 360.0 / (1 << self.zoom)
        west = self.x * width - 180.0
        eastward = (point.lon - west) % 360.0
        beside = 0.0 if eastward <= width else min(eastward - width, 360.0 - eastward)
        south, north = edge_lat(self.zoom, self.y + 1), edge_lat(self.zoom, self.y)
        return _miles_to_meridian(point.lat, beside, south, north)

    def farthest_miles(self, point: Point) -> float:
        """Great-circle miles to the farthest place in the square: the one nearest to the antipode."""
        antipode = Point(-point.lat, point.lon - 180.0 if point.lon > 0 else point.lon + 180.0)
        return HALF_ROUND_MILES - self.nearest_miles(antipode)


def edge_lat(zoom: int, y: int) -> float:
    """The latitude of the upper edge of row `y`; the first and last edge are the poles."""
    rows = 1 << zoom
    if y in (0, rows):
        return 90.0 if y == 0 else -90.0
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / rows))))


def _miles_to_meridian(lat: float, beside: float, south: float, north: float) -> float:
    """Miles from latitude `lat` to the piece of a meridian `beside` degrees of longitude away.

    Along the meridian's great circle, cos(distance) = a · cos(θ - θ0): the nearest place is θ0 where the
    piece holds it, and one of its ends where it does not.
    """
    phi, aside = math.radians(lat), math.radians(beside)
    up, along = math.sin(phi), math.cos(phi) * math.cos(aside)
    foot = math.degrees(math.atan2(up, along))
    ends = (foot,) if south <= foot <= north else (south, north)
    half_aside = math.sin(aside / 2) ** 2 * math.cos(phi)
    chord = min(math.sin(math.radians(end - lat) / 2) ** 2 + half_aside * math.cos(math.radians(end)) for end in ends)
    return 2 * EARTH_RADIUS_MILES * math.asin(math.sqrt(min(1.0, max(0.0, chord))))


def _column_and_row(point: Point) -> tuple[float, float]:
    """Where the point lies on the map, in squares of the finest zoom; beyond Mercator's edge, on the edge."""
    lean = math.sin(math.radians(point.lat))
    column = (point.lon / 360.0 + 0.5) * _SIDE
    if abs(lean) >= 1.0:
        return column, 0.0 if lean > 0 else float(_SIDE)
    row = (0.5 - math.atanh(lean) / (2 * math.pi)) * _SIDE
    return column, min(max(row, 0.0), float(_SIDE))


def square_of(point: Point) -> Square:
    """The finest square that holds the point."""
    column, row = _column_and_row(point)
    return Square(ZOOM, min(int(column), _SIDE - 1), min(int(row), _SIDE - 1))


def code_of(point: Point) -> int:
    """The Morton code of the point's finest square, 48 bits."""
    square = square_of(point)
    return morton(square.x, square.y)


def blocks(point: Point, zooms: Iterable[int]) -> dict[int, list[int]]:
    """The prefixes of the two by two squares of each zoom whose middle is nearest to the point; fewer at zoom 0.

    A prefix is the part of a Morton code that all of a square share. Blocks of finer zooms lie within coarser ones.
    """
    column, row = _column_and_row(point)
    found: dict[int, list[int]] = {}
    for zoom in zooms:
        rows, size = 1 << zoom, float(1 << (ZOOM - zoom))
        left, top = math.floor(column / size - 0.5), math.floor(row / size - 0.5)
        top = min(max(top, 0), max(rows - 2, 0))
        columns = {_spread(left % rows), _spread((left + 1) % rows)}
        lines = {_spread(y) << 1 for y in range(top, min(top + 2, rows))}
        found[zoom] = [x | y for x in columns for y in lines]
    return found


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same codes in as few ranges as possible, in order."""
    runs: list[Range] = []
    for first, last in sorted(ranges):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return tuple(runs)


def without(ranges: Iterable[Range], holes: Iterable[Range]) -> tuple[Range, ...]:
    """The codes of the ranges that lie in none of the holes; both merged."""
    left: list[Range] = []
    gaps = tuple(holes)
    for first, last in ranges:
        start = first
        for low, high in gaps:
            if start <= high and low <= last:
                if start < low:
                    left.append((start, low - 1))
                start = high + 1
        if start <= last:
            left.append((start, last))
    return tuple(left)


def squares_around(centre: Point, miles: float) -> list[Square]:
    """The squares of one zoom, at most two by two, that hold the circle's box."""
    box = box_around(centre, miles)
    north_west, south_east = square_of(Point(box.north, box.west)), square_of(Point(box.south, box.east))
    # Past the antimeridian the columns are counted on, or a box nearly round the globe would look narrow.
    right = south_east.x + (_SIDE if box.west > box.east else 0)
    left, top, bottom = north_west.x, north_west.y, south_east.y
    zoom = ZOOM
    while right - left > 1 or bottom - top > 1:
        left, right, top, bottom, zoom = left >> 1, right >> 1, top >> 1, bottom >> 1, zoom - 1
    columns = {column % (1 << zoom) for column in range(left, right + 1)}
    return [Square(zoom, x, y) for x in columns for y in range(top, bottom + 1)]
