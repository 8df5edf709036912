"""The places, filters and views that the search benchmarks ask for."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from functools import cache

from benchmarks.population import PopulatedPlace, gazetteer_file, populated_places

from directory.geography.box import Box
from directory.geography.point import Point
from directory.search.filters import Filters

SEED = 20261122

SELECTIVITIES = {
    "100 %": Filters(),
    "6 %": Filters(volume=20),
    "0.6 %": Filters(imaging="ct"),
    "0.03 %": Filters(bone="calcaneus"),
}
"""Filters by the share of locations that match; the peers answer the same ones."""

NEAREST_FILTERS = (Filters(), Filters(badge="1"), Filters(imaging="ct"), Filters(bone="calcaneus"))
ONE_FILTER = (
    Filters(badge="1"), Filters(imaging="any"), Filters(imaging="ct"), Filters(volume=10), Filters(sites=5),
    Filters(bone="calcaneus"), Filters(language="es"), Filters(accepting="1"), Filters(kind="clinic"),
    Filters(confirmed="1"),
)  # fmt: skip
ODD_VOLUME = (Filters(volume=17.5),)
"""No choice of the form, so that the index has no bitmap for it."""

TWO_COMMON = (
    Filters(kind="person", accepting="1"), Filters(kind="person", language="en"),
    Filters(language="en", accepting="1"),
)  # fmt: skip
ONE_WORD = tuple(
    Filters(q=word)
    # A common surname, a rare one, a common prefix, a part of practice names, a city.
    for word in ("amberbarrow", "yarrowydale", "ambe", "orthopedics", "springfield")
)
TWO_WORDS = tuple(Filters(q=words) for words in ("sports copper", "amberbarrow orthopedics", "pain spring"))

PIXELS = (1200, 800)
CLUSTER_ZOOMS = {"city": (10, 13), "state": (6, 8), "country": (3, 5)}
"""The smallest and the largest zoom of each kind of view."""

SMALL_TOWN = (200, 5_000)
"""Population."""


def origins(count: int) -> dict[str, list[Point]]:
    """Random points in the densest city, in a nearly empty state, and in small towns."""
    rng = random.Random(SEED)
    towns = [place for place in _places() if SMALL_TOWN[0] <= place.population <= SMALL_TOWN[1]]
    return {
        "Manhattan": [Point(rng.uniform(40.70, 40.82), rng.uniform(-74.01, -73.94)) for _ in range(count)],
        "Montana": [Point(rng.uniform(45.2, 48.8), rng.uniform(-114.0, -104.2)) for _ in range(count)],
        "small towns": [Point(town.lat, town.lon) for town in rng.choices(towns, k=count)],
    }


def mixed_origins(count: int) -> list[Point]:
    """Points of all three kinds in turn."""
    return [point for points in zip(*origins(-(-count // 3)).values(), strict=True) for point in points][:count]


def zip_codes(count: int) -> list[str]:
    """Different ZIP codes, drawn by population."""
    population: Counter[str] = Counter()
    for place in _places():
        population[place.postal_code] += max(1, int(place.population))
    rng = random.Random(SEED)
    # Weighted sampling without replacement (Efraimidis and Spirakis).
    return sorted(population, key=lambda code: -(rng.random() ** (1 / population[code])))[:count]


def views(points: Sequence[Point], kind: str) -> list[tuple[Box, int]]:
    """The map views around the points, with their zooms."""
    rng = random.Random(SEED)
    return [view(point, rng.randint(*CLUSTER_ZOOMS[kind])) for point in points]


def view(center: Point, zoom: int) -> tuple[Box, int]:
    """What a map window of `PIXELS` shows around a point."""
    width = min(359.9, PIXELS[0] / (512 * 2**zoom) * 360)
    height = width * PIXELS[1] / PIXELS[0] * math.cos(math.radians(center.lat))
    south, north = max(-85.0, center.lat - height / 2), min(85.0, center.lat + height / 2)
    west, east = ((center.lon + side * width / 2 + 540) % 360 - 180 for side in (-1, 1))
    return Box(south, west, north, east), zoom


@cache
def _places() -> tuple[PopulatedPlace, ...]:
    return populated_places(gazetteer_file())
