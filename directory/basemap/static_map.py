"""The static map: the view model of an SVG that shows the search results without JavaScript."""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from directory.basemap.background import build_background
from directory.basemap.outline import FloatArray, Outline, path_data
from directory.basemap.viewport import Viewport, viewport_around
from directory.geography import albers
from directory.geography.point import EARTH_RADIUS_MILES, Point, miles_between

MAX_LOCAL_MILES = 550.0
"""Beyond this half-width a flat projection is misleading, and the whole country is drawn instead."""
COUNTY_LINES_WITHIN_MILES = 250.0
"""In wider viewports county lines would be too dense."""
PIN_GAP = 26.0
"""Units between the centers of two pins, so that each can be read and clicked."""
_PIN_OFFSETS = [(0.0, 0.0)] + [
    (math.cos(turn / ring * math.pi / 3) * PIN_GAP * ring, math.sin(turn / ring * math.pi / 3) * PIN_GAP * ring)
    for ring in range(1, 12)
    for turn in range(6 * ring)
]
"""Offsets of a pin from its location: none, then rings of alternatives, nearest first."""
CACHE_SIZE = 256
"""Circles and town lists cached by each worker: other filters and further pages show the same viewport."""
MAX_TOWN_LABELS = 9
LETTER_WIDTH, LINE_HEIGHT = 5.6, 12.0
"""Approximate width and height of a letter in a town's name, in units."""


@dataclass(frozen=True, slots=True)
class Marker:
    """One search result for the map; `anchor` is the id of its card."""

    number: int
    point: Point
    name: str
    badge: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Pin:
    """A marker on the drawing: its position and its true location, which differ where pins would overlap."""

    marker: Marker
    x: float
    y: float
    spot_x: float
    spot_y: float

    @property
    def is_moved(self) -> bool:
        """Whether a line must connect the pin to its true location."""
        return math.hypot(self.x - self.spot_x, self.y - self.spot_y) > 2.0


class TownLabel(NamedTuple):
    """A town's name; the dot is at (x, y) and the text begins to its right."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class StaticMap:
    """The data of templates/macros/map.html; path strings are SVG path data, empty if there is nothing to draw.

    `transform` is the SVG transform of the paths from `abroad` to `state_lines`.
    """

    width: float
    height: float
    is_whole_country: bool
    transform: str
    abroad: str
    land: str
    lakes: str
    county_lines: str
    state_lines: str
    circle: str
    here: tuple[float, float] | None
    towns: tuple[TownLabel, ...]
    pins: tuple[Pin, ...]
    off_the_map: tuple[Marker, ...]


def build_static_map(
    outline: Outline, markers: Sequence[Marker], *, origin: Point | None = None, within_miles: float | None = None
) -> StaticMap:
    """Return a map of the surroundings of a search or of a provider's locations; without either, of the whole country.

    If `within_miles` is None (any distance), the viewport contains the markers and there is no circle.
    """
    points = [marker.point for marker in markers]
    middle = origin or (points[0] if points else None)
    if middle is None:
        return _country_map(outline, markers, None, None)
    reach = max([within_miles or 0.0, *(miles_between(middle, point) for point in points)])
    if reach > MAX_LOCAL_MILES:
        return _country_map(outline, markers, origin, within_miles)
    return _local_map(outline, viewport_around(middle, reach), markers, origin, within_miles)


def _country_map(
    outline: Outline, markers: Sequence[Marker], origin: Point | None, within_miles: float | None
) -> StaticMap:
    spots = [(marker, albers.project(marker.point)) for marker in markers]
    ring = [Point(lat, lon) for lon, lat in _circle_points(origin, within_miles).T] if origin and within_miles else []
    shown_ring = [spot for point in ring if (spot := albers.project(point)) is not None]
    return StaticMap(
        width=albers.WIDTH,
        height=albers.HEIGHT,
        is_whole_country=True,
        transform="",
        abroad="",
        land=outline.sheet_land,
        lakes="",
        county_lines="",
        state_lines=outline.sheet_lines,
        circle=path_data([shown_ring], closed=True) if ring and len(shown_ring) == len(ring) else "",
        here=albers.project(origin) if origin else None,
        towns=(),
        pins=spread_pins([(marker, spot) for marker, spot in spots if spot], albers.WIDTH, albers.HEIGHT),
        off_the_map=tuple(marker for marker, spot in spots if spot is None),
    )


@functools.lru_cache(maxsize=CACHE_SIZE)
def _circle_path(window: Viewport, origin: Point, miles: float) -> str:
    x, y = window.place_degrees(*_circle_points(origin, miles))
    return path_data([zip(x.tolist(), y.tolist(), strict=True)], closed=True)


def _local_map(
    outline: Outline,
    window: Viewport,
    markers: Sequence[Marker],
    origin: Point | None,
    within_miles: float | None,
) -> StaticMap:
    pins = spread_pins([(marker, window.place(marker.point)) for marker in markers], window.width, window.height)
    has_counties = window.half_height_miles <= COUNTY_LINES_WITHIN_MILES
    behind = build_background(outline, window, has_counties=has_counties)
    return StaticMap(
        width=window.width,
        height=window.height,
        is_whole_country=False,
        transform=behind.transform,
        abroad=behind.abroad,
        land=behind.land,
        lakes=behind.lakes,
        county_lines=behind.county_lines,
        state_lines=behind.state_lines,
        circle=_circle_path(window, origin, within_miles) if origin and within_miles else "",
        here=window.place(origin) if origin else None,
        towns=_choose_labels(_labels_in_viewport(outline, window), [(pin.x, pin.y) for pin in pins]),
        pins=pins,
        off_the_map=(),
    )


def _circle_points(centre: Point, miles: float, corners: int = 72) -> FloatArray:
    """Return longitudes and latitudes of a circle of that radius on the globe, as two rows (Snyder 5-5 and 5-6)."""
    angle, lat = miles / EARTH_RADIUS_MILES, math.radians(centre.lat)
    bearing = np.linspace(0.0, math.tau, corners, endpoint=False)
    sine = math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * np.cos(bearing)
    turned = np.arctan2(np.sin(bearing) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * sine)
    to_lon = (centre.lon + np.degrees(turned) + 180.0) % 360.0 - 180.0
    return np.stack([to_lon, np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))])


def spread_pins(spots: Sequence[tuple[Marker, tuple[float, float]]], width: float, height: float) -> tuple[Pin, ...]:
    """Place pins without overlap: earlier ones stay in place, later ones move to the nearest free position."""
    pins: list[Pin] = []
    taken: list[tuple[float, float]] = []
    for marker, spot in spots:
        around = (place for place in _candidate_positions(*spot, width, height) if _is_free(place, taken))
        x, y = (round(number, 1) for number in next(around, spot))
        taken.append((x, y))
        pins.append(Pin(marker, x, y, round(spot[0], 1), round(spot[1], 1)))
    return tuple(pins)


def _is_free(place: tuple[float, float], taken: Sequence[tuple[float, float]]) -> bool:
    for other in taken:  # noqa: SIM110  all() with a generator takes twice as long, and this runs hundreds of times per page
        if math.dist(place, other) < PIN_GAP:
            return False
    return True


def _candidate_positions(x: float, y: float, width: float, height: float) -> Iterator[tuple[float, float]]:
    """Yield the location itself, then rings of positions around it, where the whole pin is on the sheet."""
    margin = PIN_GAP / 2
    for right, down in _PIN_OFFSETS:
        if margin <= x + right <= width - margin and margin <= y + down <= height - margin:
            yield x + right, y + down


@functools.lru_cache(maxsize=CACHE_SIZE)
def _labels_in_viewport(outline: Outline, window: Viewport) -> tuple[TownLabel, ...]:
    """Return every town in the viewport whose name is not cut off, largest first."""
    found = window.holding(outline.town_points)
    names = (TownLabel(outline.towns[number].name, round(x, 1), round(y, 1)) for number, (x, y) in found)
    return tuple(name for name in names if _label_right_edge(name) <= window.width - 4)


def _choose_labels(named: Sequence[TownLabel], taken: Sequence[tuple[float, float]]) -> tuple[TownLabel, ...]:
    """Choose the largest towns whose names neither overlap each other nor lie under a pin."""
    chosen: list[TownLabel] = []
    for name in named:
        if len(chosen) == MAX_TOWN_LABELS:
            break
        if _label_fits(name, chosen, taken):
            chosen.append(name)
    return tuple(chosen)


def _label_right_edge(name: TownLabel) -> float:
    """Return the x coordinate where the text ends."""
    return name.x + LETTER_WIDTH * len(name.name) + 8


def _label_fits(name: TownLabel, chosen: Sequence[TownLabel], taken: Sequence[tuple[float, float]]) -> bool:
    right = _label_right_edge(name)
    for other in chosen:
        if abs(name.y - other.y) < LINE_HEIGHT + 4 and name.x < _label_right_edge(other) and other.x < right:
            return False
    half = PIN_GAP / 2 + 2
    return not any(name.x - half < x < right + half and abs(y - name.y) < half + LINE_HEIGHT / 2 for x, y in taken)
