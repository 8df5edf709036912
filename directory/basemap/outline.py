"""The US outline from which the server draws static maps: written by the build, loaded once at startup."""

import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from directory.basemap.airports import INTERNATIONAL_ZOOM
from directory.basemap.census import Atlas, Ring
from directory.basemap.labels import LARGE_POPULATION, Label
from directory.basemap.roads import HIGHWAY, Road
from directory.geography import albers
from directory.geography.point import Point

UNITS_PER_DEGREE = 1000
"""Coordinates are stored as integers of a thousandth of a degree, about 100 m."""
ABROAD_REACH_DEGREES = 6.0
SLIVER_DEGREES = 0.08
SIMPLIFY_DEGREES = 0.004
SIMPLIFY_UNITS = 0.35
MIN_STEP = 0.6
"""Units between two points of a path: finer steps are invisible and would make the page several times as large."""
MIN_TOWN_POPULATION = 1_000
MIN_LAKE_DEGREES2 = 0.002
MIN_BUILT_UP_DEGREES2 = 0.0003
MAX_SHEET_CITIES = 60
"""Cities that the map of the whole country may name."""

LINE_LAYERS = ("abroad", "land", "built_up", "dense", "lakes", "county_lines", "roads", "state_lines")

FloatArray = NDArray[np.float64]
Extent = tuple[float, float, float, float]
"""South, west, north, east."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A ring or an open line in degrees, with its extent; `points` has one row for each point, longitude first."""

    points: FloatArray
    extent: Extent


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Lines of one kind; the columns of `extents` are their extents, for vectorized comparison."""

    lines: tuple[Line, ...]
    extents: FloatArray

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Layer":
        """Create a layer from lines."""
        made = tuple(lines)
        return cls(made, np.array([line.extent for line in made]).reshape(-1, 4).T)


@dataclass(frozen=True, slots=True, eq=False)
class PlaceNames:
    """Names and their points, the most important first; `points` is a row of longitudes and a row of latitudes."""

    names: tuple[str, ...]
    points: FloatArray
    large: int = 0
    """So many of the first are large cities or international airports."""


@dataclass(frozen=True, slots=True, eq=False)  # there is only one, and comparing by identity is faster
class Outline:
    """The data of static maps; `sheet_…` is for the sheet of `geography.albers`: path data, and named positions."""

    sheet_land: str
    sheet_lines: str
    sheet_cities: tuple[tuple[str, float, float], ...]
    credits_line: str
    abroad: Layer
    land: Layer
    built_up: Layer
    dense: Layer
    lakes: Layer
    county_lines: Layer
    roads: Layer
    state_lines: Layer
    towns: PlaceNames
    airports: PlaceNames


@dataclass(frozen=True, slots=True)
class OutlineShapes:
    """The shapes of the world from which an outline is made: shapely polygons in degrees, and roads."""

    land: list[Any]
    lakes: list[Any]
    built_up: list[Any]
    dense: list[Any]
    roads: list[Road]


def read_outline(path: Path) -> Outline:
    """Read the outline that `write_outline` wrote.

    Raises:
        FileNotFoundError: the basemap was not built.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Outline(
        raw["sheet_land"],
        raw["sheet_lines"],
        tuple((name, x, y) for name, x, y in raw["sheet_cities"]),
        raw["credits"],
        **{name: Layer.of(map(_parse_line, raw[name])) for name in LINE_LAYERS},
        towns=_parse_names(raw["towns"], raw["large_towns"]),
        airports=_parse_names(raw["airports"], raw["large_airports"]),
    )


def _parse_names(rows: Sequence[tuple[str, int, int]], large: int) -> PlaceNames:
    points = np.array([(lon, lat) for _, lat, lon in rows], float).reshape(-1, 2).T / UNITS_PER_DEGREE
    return PlaceNames(tuple(name for name, _, _ in rows), points, large)


def _parse_line(flat: Sequence[int]) -> Line:
    points = np.array(flat).reshape(-1, 2) / UNITS_PER_DEGREE
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Line(points, (south, west, north, east))


def write_outline(
    path: Path,
    atlas: Atlas,
    shapes: OutlineShapes,
    *,
    cities: Sequence[Label],
    airports: Sequence[Label],
    credits_line: str,
) -> None:
    """Write the outline as JSON."""
    from shapely import LineString, Polygon, make_valid

    states = [make_valid(Polygon(rings[0], rings[1:])) for state in atlas.states for rings in state.polygons]
    whole = _surroundings(states, shapes.land, shapes.lakes)
    towns = [city for city in cities if city.population >= MIN_TOWN_POPULATION]
    content = {
        "sheet_land": _sheet_path(_rings(whole["country"]), closed=True),
        "sheet_lines": _sheet_path(atlas.state_lines, closed=False),
        "sheet_cities": _sheet_cities(cities, whole["country"]),
        "credits": credits_line,
        "abroad": _flatten(_rings(whole["abroad"])),
        "land": _flatten(_rings(shape.simplify(SIMPLIFY_DEGREES) for shape in whole["country"])),
        "built_up": _flatten(_rings(_simplify_areas(shapes.built_up, MIN_BUILT_UP_DEGREES2))),
        "dense": _flatten(_rings(_simplify_areas(shapes.dense, MIN_BUILT_UP_DEGREES2))),
        "lakes": _flatten(_rings(whole["lakes"])),
        "county_lines": _flatten(_simplify(LineString(line)) for line in atlas.county_lines),
        "roads": _flatten(_merge_highways(shapes.roads)),
        "state_lines": _flatten(_simplify(LineString(line)) for line in atlas.state_lines),
        "towns": _name_rows(towns),
        "large_towns": sum(town.population >= LARGE_POPULATION for town in towns),
        "airports": _name_rows(airports),
        "large_airports": sum(airport.first_zoom == INTERNATIONAL_ZOOM for airport in airports),
    }
    path.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")


def _name_rows(named: Iterable[Label]) -> list[tuple[str, int, int]]:
    return [
        (label.name, round(label.point.lat * UNITS_PER_DEGREE), round(label.point.lon * UNITS_PER_DEGREE))
        for label in named
    ]


def _sheet_cities(cities: Iterable[Label], country: list[Any]) -> list[tuple[str, float, float]]:
    """Return names and positions on the sheet of the largest cities of the country."""
    import shapely

    shapely.prepare(country[0])
    inside = (city for city in cities if shapely.contains_xy(country[0], city.point.lon, city.point.lat))
    placed = ((city.name, spot) for city in inside if (spot := albers.project(city.point)) is not None)
    return [(name, round(x, 1), round(y, 1)) for name, (x, y) in itertools.islice(placed, MAX_SHEET_CITIES)]


def _merge_highways(roads: Iterable[Road]) -> Iterable[Ring]:
    """Join the stretches of highways end to end, so that simplifying them saves more."""
    import shapely

    lines = shapely.MultiLineString([road.line for road in roads if road.kind == HIGHWAY])
    return [list(line.coords) for line in shapely.get_parts(shapely.line_merge(lines).simplify(SIMPLIFY_DEGREES))]


def _simplify_areas(areas: Iterable[Any], least: float) -> list[Any]:
    import shapely

    return list(shapely.simplify([area for area in areas if area.area >= least], SIMPLIFY_DEGREES))


def _surroundings(states: list[Any], land: list[Any], lakes: list[Any]) -> dict[str, list[Any]]:
    """Return the states, the land around them without slivers where two surveys of a shore differ, and the lakes."""
    import shapely

    country = shapely.union_all(states)
    shapely.prepare(reach := shapely.simplify(country, 0.1).buffer(ABROAD_REACH_DEGREES))
    around = shapely.union_all([shapely.intersection(part, reach) for part in land if reach.intersects(part)])
    rest = shapely.difference(around, country).buffer(-SLIVER_DEGREES)
    abroad = shapely.simplify(rest.buffer(SLIVER_DEGREES * 1.5, quad_segs=3), SIMPLIFY_DEGREES * 2)
    waters = _simplify_areas((lake for lake in lakes if reach.intersects(lake)), MIN_LAKE_DEGREES2)
    return {"country": [country], "abroad": [abroad], "lakes": waters}


def _rings(shapes: Iterable[Any]) -> Iterable[Ring]:
    """Yield outer rings and holes alike, because the drawing uses the even-odd fill rule."""
    from shapely import get_parts, get_rings

    for part in get_parts(get_parts(list(shapes))):
        for ring in get_rings(part):
            yield list(ring.coords)


def _simplify(line: Any) -> Ring:
    return list(line.simplify(SIMPLIFY_DEGREES).coords)


def _flatten(lines: Iterable[Ring]) -> list[list[int]]:
    return [[round(value * UNITS_PER_DEGREE) for point in line for value in point[:2]] for line in lines]


def _sheet_path(lines: Iterable[Ring], *, closed: bool) -> str:
    from shapely import LineString

    parts = []
    for line in lines:
        spots = [spot for lon, lat in line if (spot := albers.project(Point(lat, lon))) is not None]
        if len(spots) < len(line):
            continue  # the sheet does not cover all of it
        simple = LineString(spots).simplify(SIMPLIFY_UNITS)
        if simple.length > 4 * SIMPLIFY_UNITS:
            parts.append(list(simple.coords))
    return path_data(parts, closed=closed)


def path_data(lines: Iterable[Iterable[tuple[float, float]]], *, closed: bool) -> str:
    """Return SVG path data to a tenth of a unit, without points less than MIN_STEP from the one before."""
    shape, numbers = [], list[float]()
    for line in lines:
        before, was_x, was_y, x, y = len(numbers), math.inf, math.inf, math.inf, math.inf
        for x, y in line:
            if not -MIN_STEP < x - was_x < MIN_STEP or not -MIN_STEP < y - was_y < MIN_STEP:
                numbers += (x, y)
                was_x, was_y = x, y
        if not closed and (was_x, was_y) != (x, y):
            numbers += (x, y)
        shape.append("L".join(["%.1f %.1f"] * ((len(numbers) - before) // 2)))
    # Formatting all numbers in one step is three times as fast as one by one.
    end = "Z" if closed else ""
    return "".join(f"M{line}{end}" for line in shape) % tuple(numbers)
