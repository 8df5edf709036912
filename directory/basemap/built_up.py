"""Derives built-up land from the density of ZIP codes and from the sizes of towns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from directory.basemap.labels import Label
from directory.basemap.tiles import mercator, unproject
from directory.geography.point import EARTH_RADIUS_MILES, Point

BUILT_UP_DENSITY = 900.0
"""People per square mile from which a ZIP code is built up; arbitrary, about the edge of suburbs."""
DENSE_DENSITY = 4500.0
"""People per square mile from which a ZIP code is drawn darker; arbitrary, about the older parts of a city."""
TOWN_DENSITY = 3000.0
"""Assumed people per square mile of a town whose ZIP code is mostly open land."""
MAX_TOWN_POPULATION = 60_000
"""More people than that have ZIP codes of their own."""
REACH_RADII = 1.35
"""A ZIP code's land ends at this many radii of a circle of its size from its point, or halfway to the next point."""
SMOOTHING_MILES = 0.5
"""Gaps narrower than twice this are closed."""
EQUATOR_MILES = 2 * 3.141592653589793 * EARTH_RADIUS_MILES
SMOOTHING = SMOOTHING_MILES / EQUATOR_MILES / 0.77
"""In Mercator units at latitude 40."""

MIN_DEGREES2 = 1e-5
"""Smaller areas, of about 0.04 square miles, are left out."""
MIN_HOLE = (4 * SMOOTHING) ** 2
"""Smaller gaps are filled."""

Geometry = Any
"""A shapely geometry; shapely is installed at build time only."""


@dataclass(frozen=True, slots=True)
class ZipArea:
    """The point of a ZIP code, its people and its land."""

    point: Point
    population: int
    square_miles: float


@dataclass(frozen=True, slots=True)
class BuiltUpLand:
    """Polygons in degrees: all built-up land, and the dense parts of it."""

    all: list[Geometry]
    dense: list[Geometry]


def derive_built_up_land(zips: Sequence[ZipArea], towns: Sequence[Label], land: list[Geometry]) -> BuiltUpLand:
    """Return the built-up land; `land` is the land of the world as polygons, at whose shores it ends."""
    import numpy
    import shapely

    by_point = {area.point: area for area in zips if area.square_miles > 0}
    areas = list(by_point.values())
    density = numpy.array([area.population / area.square_miles for area in areas])
    around = _discs([area.point for area in areas], [area.square_miles * REACH_RADII**2 for area in areas])
    reach = shapely.intersection(around, _cells(list(by_point)))
    centers = _discs(
        [town.point for town in towns], [min(town.population, MAX_TOWN_POPULATION) / TOWN_DENSITY for town in towns]
    )
    return BuiltUpLand(
        all=_clip_to_land(_merge([*reach[density >= BUILT_UP_DENSITY], *centers]), land),
        dense=_clip_to_land(_merge(reach[density >= DENSE_DENSITY]), land),
    )


def _discs(points: Sequence[Point], square_miles: Sequence[float]) -> Any:
    """Return a circle of that size around each point, in Mercator units."""
    import numpy
    import shapely

    degrees = numpy.array([(point.lon, point.lat) for point in points]).reshape(-1, 2)
    radii = numpy.sqrt(numpy.array(square_miles) / numpy.pi) / EQUATOR_MILES / numpy.cos(numpy.radians(degrees[:, 1]))
    return shapely.buffer(shapely.points(mercator(degrees)), radii, quad_segs=4)


def _cells(points: Sequence[Point]) -> Any:
    """Return for each point the land that is nearer to it than to any other, in Mercator units."""
    import numpy
    import shapely

    places = shapely.MultiPoint(mercator(numpy.array([(point.lon, point.lat) for point in points]).reshape(-1, 2)))
    return numpy.array(shapely.get_parts(shapely.voronoi_polygons(places, ordered=True)))


def _merge(shapes: Any) -> Any:
    """Merge shapes in Mercator units, close narrow gaps, and return the parts in degrees with few points."""
    import shapely

    grown = shapely.union_all(shapely.buffer(shapes, SMOOTHING, quad_segs=2))
    parts = shapely.simplify(shapely.get_parts(grown), SMOOTHING / 4)  # all at once would take twenty seconds
    parts = shapely.simplify(shapely.buffer(parts, -1.6 * SMOOTHING, quad_segs=2), SMOOTHING / 10)
    parts = shapely.simplify(shapely.buffer(parts, 0.6 * SMOOTHING, quad_segs=2), SMOOTHING / 4)
    whole = [_without_small_holes(part) for part in shapely.get_parts(parts[~shapely.is_empty(parts)])]
    return shapely.transform(whole, unproject)


def _without_small_holes(polygon: Geometry) -> Geometry:
    import shapely

    holes = [ring for ring in polygon.interiors if shapely.Polygon(ring).area >= MIN_HOLE]
    return shapely.Polygon(polygon.exterior, holes) if len(holes) < len(polygon.interiors) else polygon


def _clip_to_land(parts: Any, land: list[Geometry]) -> list[Geometry]:
    """Return the polygons of `parts` that lie on land; shapes far from a shore are not cut, because that is slow."""
    import shapely

    continent = max(land, key=shapely.area)
    shapely.prepare(continent)
    inland = shapely.contains_properly(continent, parts)
    tree = shapely.STRtree(land)
    found = list(parts[inland])
    for part in parts[~inland]:
        near = shapely.clip_by_rect(tree.geometries.take(tree.query(part)), *part.bounds)
        ashore = shapely.intersection(part, shapely.union_all(near))
        found += [piece for piece in shapely.get_parts(ashore) if piece.geom_type == "Polygon"]
    return [piece for piece in found if piece.area >= MIN_DEGREES2]
