"""The distances on a static map: the searched circle, rings around a place, and the scale bar."""

import functools
import math
from dataclasses import dataclass

import numpy as np

from directory.basemap.outline import FloatArray, path_data
from directory.basemap.viewport import Viewport
from directory.geography import albers
from directory.geography.point import EARTH_RADIUS_MILES, Point, miles_between

RING_MILES = (5.0, 10.0, 25.0)
"""The same as in static/js/map-rings.js."""
MIN_RING_UNITS = 24.0
"""Smaller rings would lie under the pin in their middle."""
MAX_SCALE_UNITS = 100.0
CACHE_SIZE = 256
"""Circles cached by each worker: other filters and further pages show the same viewport."""
_SHEET_MIDDLE = Point(38.5, -96.0)


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle around a place, and its distance in words at its northernmost point."""

    path: str
    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A line as long as its label says."""

    units: float
    label: str


def rings_around(window: Viewport, middle: Point, circle_miles: float | None) -> tuple[Ring, ...]:
    """Return the rings that lie on the drawing and inside the searched circle, which is labeled too but has no path."""
    most = min(circle_miles or math.inf, min(window.width, window.height) / 2 / window.units_a_mile)
    wanted = [miles for miles in RING_MILES if miles < most and miles * window.units_a_mile >= MIN_RING_UNITS]
    rings = [_ring(window, middle, miles, circle_path(window, middle, miles)) for miles in wanted]
    return (*rings, _ring(window, middle, circle_miles, "")) if circle_miles else tuple(rings)


def _ring(window: Viewport, middle: Point, miles: float, path: str) -> Ring:
    x, y = window.place(middle)
    return Ring(path, f"{miles:g} mi", round(x, 1), round(y - miles * window.units_a_mile, 1))


def scale_bar(units_a_mile: float) -> ScaleBar:
    """Return the longest bar of a round number of miles that is at most MAX_SCALE_UNITS long."""
    most = MAX_SCALE_UNITS / units_a_mile
    power = 10.0 ** math.floor(math.log10(most))
    miles = power * next(step for step in (5, 3, 2, 1) if step * power <= most or step == 1)
    return ScaleBar(round(miles * units_a_mile, 1), f"{miles:g} mi")


@functools.cache
def country_scale_bar() -> ScaleBar:
    """Return the scale bar of the sheet of the whole country, measured in its middle."""
    east = Point(_SHEET_MIDDLE.lat, _SHEET_MIDDLE.lon + 1)
    (x, y), (other_x, other_y) = albers.project(_SHEET_MIDDLE) or (0, 0), albers.project(east) or (0, 0)
    return scale_bar(math.hypot(other_x - x, other_y - y) / miles_between(_SHEET_MIDDLE, east))


@functools.lru_cache(maxsize=CACHE_SIZE)
def circle_path(window: Viewport, origin: Point, miles: float) -> str:
    """Return SVG path data of a circle in a viewport."""
    x, y = window.place_degrees(*circle_points(origin, miles))
    return path_data([zip(x.tolist(), y.tolist(), strict=True)], closed=True)


def circle_points(centre: Point, miles: float, corners: int = 72) -> FloatArray:
    """Return longitudes and latitudes of a circle of that radius on the globe, as two rows (Snyder 5-5 and 5-6)."""
    angle, lat = miles / EARTH_RADIUS_MILES, math.radians(centre.lat)
    bearing = np.linspace(0.0, math.tau, corners, endpoint=False)
    sine = math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * np.cos(bearing)
    turned = np.arctan2(np.sin(bearing) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * sine)
    to_lon = (centre.lon + np.degrees(turned) + 180.0) % 360.0 - 180.0
    return np.stack([to_lon, np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))])
