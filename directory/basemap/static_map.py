"""The static map: the view model of an SVG that shows the search results without JavaScript."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from directory.basemap.background import Background, build_background
from directory.basemap.distance_marks import (
    Ring,
    ScaleBar,
    circle_path,
    circle_points,
    country_scale_bar,
    rings_around,
    scale_bar,
)
from directory.basemap.label_layout import MapLabel, choose_labels, choose_local_labels
from directory.basemap.outline import Outline, path_data
from directory.basemap.viewport import Viewport, viewport_around
from directory.geography import albers
from directory.geography.point import Point, miles_between

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
MAX_CITY_LABELS = 14
"""Cities named on the map of the whole country."""
PRACTICE_REACH_MILES = 11.0
"""A practice is shown with its surroundings: a ring of ten miles fits around it."""


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


@dataclass(frozen=True, slots=True)
class StaticMap:
    """The data of templates/macros/map.html; path strings are SVG path data, empty if there is nothing to draw."""

    width: float
    height: float
    is_whole_country: bool
    background: Background
    circle: str
    rings: tuple[Ring, ...]
    scale: ScaleBar
    here: tuple[float, float] | None
    towns: tuple[MapLabel, ...]
    airports: tuple[MapLabel, ...]
    pins: tuple[Pin, ...]
    off_the_map: tuple[Marker, ...]
    credits_line: str


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
    reach = max([within_miles or PRACTICE_REACH_MILES, *(miles_between(middle, point) for point in points)])
    if reach > MAX_LOCAL_MILES:
        return _country_map(outline, markers, origin, within_miles)
    return _local_map(outline, viewport_around(middle, reach), markers, origin, within_miles)


def _country_map(
    outline: Outline, markers: Sequence[Marker], origin: Point | None, within_miles: float | None
) -> StaticMap:
    spots = [(marker, albers.project(marker.point)) for marker in markers]
    ring = [Point(lat, lon) for lon, lat in circle_points(origin, within_miles).T] if origin and within_miles else []
    shown_ring = [spot for point in ring if (spot := albers.project(point)) is not None]
    pins = spread_pins([(marker, spot) for marker, spot in spots if spot], albers.WIDTH, albers.HEIGHT)
    cities = [MapLabel(name, x, y) for name, x, y in outline.sheet_cities]
    return StaticMap(
        width=albers.WIDTH,
        height=albers.HEIGHT,
        is_whole_country=True,
        background=Background(land=outline.sheet_land, state_lines=outline.sheet_lines),
        circle=path_data([shown_ring], closed=True) if ring and len(shown_ring) == len(ring) else "",
        rings=(),
        scale=country_scale_bar(),
        here=albers.project(origin) if origin else None,
        towns=choose_labels(cities, [(pin.x, pin.y) for pin in pins], MAX_CITY_LABELS, width=albers.WIDTH),
        airports=(),
        pins=pins,
        off_the_map=tuple(marker for marker, spot in spots if spot is None),
        credits_line=outline.credits_line,
    )


def _local_map(
    outline: Outline,
    window: Viewport,
    markers: Sequence[Marker],
    origin: Point | None,
    within_miles: float | None,
) -> StaticMap:
    pins = spread_pins([(marker, window.place(marker.point)) for marker in markers], window.width, window.height)
    middle = origin or (markers[0].point if len(markers) == 1 else None)
    rings = rings_around(window, middle, within_miles) if middle else ()
    scale = scale_bar(window.units_a_mile)
    bar = [(window.width - 10 - scale.units * part, window.height - 12) for part in (0.2, 0.8)]
    taken = [*((pin.x, pin.y) for pin in pins), *((ring.x, ring.y) for ring in rings), *bar]
    labels = choose_local_labels(outline, window, taken)
    return StaticMap(
        width=window.width,
        height=window.height,
        is_whole_country=False,
        background=build_background(
            outline, window, has_counties=window.half_height_miles <= COUNTY_LINES_WITHIN_MILES
        ),
        circle=circle_path(window, origin, within_miles) if origin and within_miles else "",
        rings=rings,
        scale=scale,
        here=window.place(origin) if origin else None,
        towns=labels.towns,
        airports=labels.airports,
        pins=pins,
        off_the_map=(),
        credits_line=outline.credits_line,
    )


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
