"""A flat map window around a point: projects coordinates to the drawing, and clips rings."""

import math
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from directory.basemap.outline import FloatArray
from directory.geography.point import EARTH_RADIUS_MILES, Point

WIDTH, HEIGHT = 480.0, 400.0
MARGIN = 26.0
"""Units kept free around the content, so that no pin is cut off."""
MIN_REACH_MILES = 4.0
"""A single address is shown with its surroundings, no closer than its precision allows."""
MILES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_MILES

Spot = tuple[float, float]
Degrees = TypeVar("Degrees", float, FloatArray)
"""One number, or an array of them."""
Row = TypeVar("Row", NDArray[np.bool_], NDArray[np.int_])


@dataclass(frozen=True, slots=True)
class Viewport:
    """An equirectangular window, true to scale along its middle; units run right and down from its northwest corner."""

    middle: Point
    units_a_mile: float
    width: float = WIDTH
    height: float = HEIGHT
    shrink: float = field(init=False, repr=False, compare=False)
    """The length of a degree of longitude relative to one of latitude; at least 0.01, even at a pole."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shrink", max(0.01, math.cos(math.radians(self.middle.lat))))

    @property
    def half_height_miles(self) -> float:
        """Miles from the middle to the upper edge."""
        return self.height / 2 / self.units_a_mile

    def place_degrees(self, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
        """Convert degrees to a position on the drawing, the shorter way around the globe."""
        a_degree, east = self.units_a_mile * MILES_PER_DEGREE, wrap_longitude(lon - self.middle.lon)
        return self.width / 2 + east * self.shrink * a_degree, self.height / 2 - (lat - self.middle.lat) * a_degree

    def place(self, point: Point) -> Spot:
        """Return the position of a point on the drawing."""
        return self.place_degrees(point.lon, point.lat)

    def holding(self, points: FloatArray) -> list[tuple[int, Spot]]:
        """Return index and position of the points (rows of longitudes and latitudes) inside the margin."""
        near = np.flatnonzero(np.abs(points[1] - self.middle.lat) <= self.half_height_miles / MILES_PER_DEGREE)
        x, y = self.place_degrees(*points[:, near])
        inside = (x >= MARGIN) & (x <= self.width - MARGIN) & (y >= MARGIN) & (y <= self.height - MARGIN)
        spots = zip(x[inside].tolist(), y[inside].tolist(), strict=True)
        return list(zip(near[inside].tolist(), spots, strict=True))


def viewport_around(middle: Point, reach_miles: float) -> Viewport:
    """Return the viewport that contains everything within `reach_miles`, inside the margin."""
    reach = max(reach_miles, MIN_REACH_MILES)
    return Viewport(middle, (min(WIDTH, HEIGHT) / 2 - MARGIN) / reach)


def wrap_longitude(east: Degrees) -> Degrees:
    """Normalize degrees east to -180..180."""
    return (east + 180.0) % 360.0 - 180.0


def clip_to_half_plane(spots: FloatArray, axis: int, limit: float, sign: float) -> FloatArray:
    """Return the part of a ring above a limit on one axis (sign 1) or below it (sign -1) (Sutherland and Hodgman)."""
    is_now = sign * (spots[:, axis] - limit)
    inside = is_now >= 0
    crosses = inside != _previous_of_each(inside)
    at, before = np.flatnonzero(crosses), _previous_of_each(np.arange(len(spots)))[crosses]
    part = is_now[before] / (is_now[before] - is_now[at])
    # Each point follows the crossing that leads to it, if there is one.
    cut = np.empty((len(spots), 2, 2))
    cut[at, 0] = spots[before] + part[:, np.newaxis] * (spots[at] - spots[before])
    cut[:, 1] = spots
    kept: FloatArray = cut[np.column_stack([crosses, inside])]
    return kept


def _previous_of_each(ring: Row) -> Row:
    """Shift a ring by one, so that each element is replaced by the one before it."""
    before: Row = np.concatenate([ring[-1:], ring[:-1]])
    return before
