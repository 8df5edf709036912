"""The outline of the US that the server draws maps from: written by the build, read once at start."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from directory.basemap.census import Atlas, Ring
from directory.basemap.labels import Label
from directory.geography import albers
from directory.geography.point import Point

DEGREES = 1000
"""Coordinates are kept as whole thousandths of a degree, about 100 m."""
ABROAD_REACH_DEGREES = 6.0
SLIVER_DEGREES = 0.08
SIMPLER_DEGREES = 0.004
SIMPLER_UNITS = 0.35
LEAST_STEP = 0.6
"""Units between two points of a path: finer is not seen, and would make the page several times as large."""
SMALLEST_PLACE = 10_000
SMALLEST_LAKE_DEGREES2 = 0.002

Shape = tuple[tuple[float, float], ...]
Extent = tuple[float, float, float, float]
"""South, west, north, east."""


@dataclass(frozen=True, slots=True)
class Line:
    """A ring or an open line in degrees (longitude, latitude), with what it extends over."""

    points: Shape
    extent: Extent


@dataclass(frozen=True, slots=True)
class Town:
    """A place that a drawing may name."""

    name: str
    point: Point
    population: int


@dataclass(frozen=True, slots=True, eq=False)  # one is read at start, and its identity is quicker to compare
class Outline:
    """All that a drawing is made of; `sheet_…` are ready path data on the sheet of `geography.albers`."""

    sheet_land: str
    sheet_lines: str
    abroad: tuple[Line, ...]
    land: tuple[Line, ...]
    lakes: tuple[Line, ...]
    state_lines: tuple[Line, ...]
    county_lines: tuple[Line, ...]
    towns: tuple[Town, ...]


def read_outline(path: Path) -> Outline:
    """The outline that `write_outline` wrote.

    Raises:
        FileNotFoundError: the basemap was not built.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    parts = {
        name: tuple(_line(flat) for flat in raw[name])
        for name in ("abroad", "land", "lakes", "state_lines", "county_lines")
    }
    towns = tuple(Town(name, Point(lat / DEGREES, lon / DEGREES), count) for name, lat, lon, count in raw["towns"])
    return Outline(raw["sheet_land"], raw["sheet_lines"], **parts, towns=towns)


def _line(flat: Sequence[int]) -> Line:
    xs = [x / DEGREES for x in flat[0::2]]
    ys = [y / DEGREES for y in flat[1::2]]
    return Line(tuple(zip(xs, ys, strict=True)), (min(ys), min(xs), max(ys), max(xs)))


def write_outline(path: Path, atlas: Atlas, cities: Iterable[Label], *, land: list[Any], lakes: list[Any]) -> None:
    """Writes the outline as JSON; `land` and `lakes` are the world's, as shapely polygons."""
    from shapely import LineString, Polygon, make_valid

    states = [make_valid(Polygon(rings[0], rings[1:])) for state in atlas.states for rings in state.polygons]
    whole = _surroundings(states, land, lakes)
    content = {
        "sheet_land": _sheet_path(_rings(whole["country"]), closed=True),
        "sheet_lines": _sheet_path(atlas.state_lines, closed=False),
        "abroad": _flat(_rings(whole["abroad"])),
        "land": _flat(_rings(shape.simplify(SIMPLER_DEGREES) for shape in whole["country"])),
        "lakes": _flat(_rings(whole["lakes"])),
        "state_lines": _flat(_simpler(LineString(line)) for line in atlas.state_lines),
        "county_lines": _flat(_simpler(LineString(line)) for line in atlas.county_lines),
        "towns": [
            (city.name, round(city.point.lat * DEGREES), round(city.point.lon * DEGREES), city.population)
            for city in cities
            if city.population >= SMALLEST_PLACE
        ],
    }
    path.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")


def _surroundings(states: list[Any], land: list[Any], lakes: list[Any]) -> dict[str, list[Any]]:
    """What lies around the states: land abroad without the slivers that two surveys of one shore leave, and lakes."""
    import shapely

    country = shapely.union_all(states)
    shapely.prepare(reach := shapely.simplify(country, 0.1).buffer(ABROAD_REACH_DEGREES))
    around = shapely.union_all([shapely.intersection(part, reach) for part in land if reach.intersects(part)])
    rest = shapely.difference(around, country).buffer(-SLIVER_DEGREES)
    abroad = shapely.simplify(rest.buffer(SLIVER_DEGREES * 1.5, quad_segs=3), SIMPLER_DEGREES * 2)
    waters = [lake for lake in lakes if lake.area > SMALLEST_LAKE_DEGREES2 and reach.intersects(lake)]
    return {"country": [country], "abroad": [abroad], "lakes": list(shapely.simplify(waters, SIMPLER_DEGREES))}


def _rings(shapes: Iterable[Any]) -> Iterable[Ring]:
    """Outer rings and holes alike: the drawing fills by the even-odd rule."""
    from shapely import get_parts, get_rings

    for part in get_parts(get_parts(list(shapes))):
        for ring in get_rings(part):
            yield list(ring.coords)


def _simpler(line: Any) -> Ring:
    return list(line.simplify(SIMPLER_DEGREES).coords)


def _flat(lines: Iterable[Ring]) -> list[list[int]]:
    return [[round(value * DEGREES) for point in line for value in point[:2]] for line in lines]


def _sheet_path(lines: Iterable[Ring], *, closed: bool) -> str:
    from shapely import LineString

    parts = []
    for line in lines:
        spots = [spot for lon, lat in line if (spot := albers.project(Point(lat, lon))) is not None]
        if len(spots) < len(line):
            continue  # it lies where the sheet shows nothing
        simple = LineString(spots).simplify(SIMPLER_UNITS)
        if simple.length > 4 * SIMPLER_UNITS:
            parts.append(path_data(list(simple.coords), closed=closed))
    return "".join(parts)


def path_data(
    points: Sequence[tuple[float, float]],
    *,
    closed: bool,
    place: Callable[[float, float], tuple[float, float]] = lambda x, y: (x, y),
) -> str:
    """SVG path data to a tenth of a unit, without the points that lie less than a pixel's part from the one before."""
    kept: list[tuple[float, float]] = []
    for point in points:
        spot = place(*point)
        if not kept or max(abs(spot[0] - kept[-1][0]), abs(spot[1] - kept[-1][1])) >= LEAST_STEP:
            kept.append(spot)
    end = place(*points[-1])
    if not closed and kept[-1] != end:
        kept.append(end)
    return f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in kept)}{'Z' if closed else ''}"
