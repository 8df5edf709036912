"""Assigns ZIP codes to towns, and estimates the population and radius of towns."""

import math
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from directory.geocoding.grid_index import GridIndex, flat_miles, weighted_distance
from directory.geocoding.names import name_key, name_words
from directory.geocoding.sources import Town
from directory.geocoding.zip_sources import ZipPoint

NEIGHBORHOOD_WEIGHT: Final = 5_000
"""The weight of a neighborhood to which GeoNames gives the population of the surrounding city."""
COPY_REACH_MILES: Final = 15.0
INSIDE_SHARE: Final = 4
"""The weight of a town inside a city is its population divided by this: most people there write the city's name."""
CITY_MILES_PER_ROOT: Final = 1 / 300
"""With this factor Chicago, population 2.7 million, extends five miles in every direction."""
_QUALIFIERS: Final = frozenset(
    "north south east west new old upper lower heights terrace junction center downtown hills park".split()
)

MIN_FAME: Final = 10
MIN_TOWN_SHARE: Final = 0.4
MAX_TOWN_SHARE: Final = 5.0
"""A ZIP code has the name of a town in it, not of the city, if the town has many names and this share of its people."""

MIN_ZIP_MILES: Final = 1.5
MAX_ZIP_MILES: Final = 40.0
"""On islands and in the wilderness the next ZIP code is far away, but people live close together."""
ZIP_SPACING_SHARE: Final = 0.9
"""95% of real addresses are nearer to their ZIP code's point than this share of the distance to the third next one."""
SPACING_RANK: Final = 3

TOWNSHIP_SHARE: Final = 5
"""A township with more than one in so many of the people of a town of its name may be meant instead of the town."""
DUPLICATE_MILES: Final = 5.0
"""Two towns of the same name closer than this are duplicates."""
MIN_LANDMARK_POPULATION: Final = 20_000
"""The least population of a town used to distinguish towns of the same name."""


@dataclass(frozen=True, slots=True)
class WeightedTown:
    """A town with its weight, an adjusted population, and the radius in miles of the area of its ZIP codes."""

    town: Town
    weight: int
    radius: float = 0.0

    @property
    def lat(self) -> float:
        """Degrees north."""
        return self.town.lat

    @property
    def lon(self) -> float:
        """Degrees east."""
        return self.town.lon


def _is_copy(town: Town, other: Town) -> bool:
    """Return whether `town` is a part of `other` listed with a population that is not its own."""
    if other.fame <= town.fame or other.state != town.state:
        return False
    if town.population == other.population:
        return True
    mine, theirs = name_words(town.name), name_words(other.name)
    kernel = [word for word in mine if word not in _QUALIFIERS]
    return len(kernel) < len(mine) and kernel == theirs and 4 * town.population > other.population


def _is_inside(town: Town, other: Town, miles: float) -> bool:
    """Return whether `town`, known by few names, lies within a much larger city."""
    much_larger = other.state == town.state and other.population > 3 * town.population
    return town.fame <= 2 and much_larger and miles <= math.sqrt(other.population) * CITY_MILES_PER_ROOT


def weigh_towns(towns: Sequence[Town]) -> list[WeightedTown]:
    """Compute the weight of each town, so that West Raleigh does not outrank West Palm Beach.

    GeoNames gives some neighborhoods the population of a whole census division: New South Memphis has more people
    than Memphis. Such a neighborhood has few alternate names and lies near the city whose population it duplicates.
    """
    around = GridIndex(towns)
    weighed = []
    for town in towns:
        weight = max(town.population, 1)
        if weight > NEIGHBORHOOD_WEIGHT and town.fame <= 8:
            near = [(miles, other) for miles, other in around.within(town, 1) if miles <= COPY_REACH_MILES]
            if any(_is_copy(town, other) for _, other in near):
                weight = NEIGHBORHOOD_WEIGHT
            elif any(_is_inside(town, other, miles) for miles, other in near):
                weight //= INSIDE_SHARE
        weighed.append(WeightedTown(town, weight))
    return weighed


def zip_uncertainty_miles(points: Sequence[ZipPoint]) -> dict[str, float]:
    """Map each ZIP code to the uncertainty of its point in miles, from the distances to neighboring ZIP codes.

    Only ZIP codes with an area count as neighbors: post-office boxes would make the uncertainty too small.
    """
    around = GridIndex(point for point in points if point.mapped)
    found = {}
    for point in points:
        others = [miles for miles, other in around.at_least(point, SPACING_RANK + 1) if other is not point]
        spacing = others[SPACING_RANK - 1] if len(others) >= SPACING_RANK else MIN_ZIP_MILES
        found[point.zip_code] = round(min(MAX_ZIP_MILES, max(MIN_ZIP_MILES, ZIP_SPACING_SHARE * spacing)), 1)
    return found


def assign_towns_to_zips(points: Sequence[ZipPoint], towns: Sequence[WeightedTown]) -> dict[str, Town]:
    """Map each ZIP code to the town of its post office's name, else the town likeliest to be used in its addresses."""
    by_state: dict[str, list[WeightedTown]] = defaultdict(list)
    by_name: dict[tuple[str, str], list[WeightedTown]] = defaultdict(list)
    for weighed in towns:
        by_state[weighed.town.state].append(weighed)
        by_name[weighed.town.state, name_key(weighed.town.name)].append(weighed)
    around = {state: GridIndex(there) for state, there in by_state.items()}
    found = {}
    for point in points:
        if point.state not in around:
            continue
        named = by_name.get((point.state, name_key(point.name or "")))
        if named:
            found[point.zip_code] = min(named, key=lambda town: flat_miles(point, town)).town
            continue
        near = around[point.state].at_least(point, 1)
        if near:
            best = min(near, key=lambda pair: (weighted_distance(pair[0], pair[1].weight), pair[1].town.geoname))
            found[point.zip_code] = best[1].town
    return found


def towns_inside_zips(
    points: Sequence[ZipPoint], homes: Mapping[str, Town], towns: Sequence[WeightedTown]
) -> dict[str, Town]:
    """Map ZIP codes of a city outside them to the well-known town inside: 97222 is Milwaukie, not Portland."""
    around = GridIndex(one.town for one in towns if one.town.fame >= MIN_FAME)
    found = {}
    for point in points:
        home = homes.get(point.zip_code)
        if home is None or not point.population or flat_miles(point, home) <= 2 * point.radius_miles + 2:
            continue
        share = MIN_TOWN_SHARE * point.population, MAX_TOWN_SHARE * point.population
        inside = [
            (miles, town)
            for miles, town in around.within(point, 1)
            if miles <= point.radius_miles
            and town.state == point.state
            and share[0] <= town.population <= min(share[1], home.population)
        ]
        if inside:
            found[point.zip_code] = min(inside, key=lambda pair: (pair[0], pair[1].geoname))[1]
    return found


def landmarks_of_twins(
    towns: Sequence[WeightedTown], quarters: Container[tuple[str, str]] = frozenset()
) -> dict[int, str]:
    """Map the id of each town that shares name and state with another to the name of a larger town near it.

    `quarters` are the states and name keys of parts of cities, which share names with towns too.
    """
    same: dict[tuple[str, str], list[WeightedTown]] = defaultdict(list)
    for weighed in towns:
        same[weighed.town.state, "".join(name_words(weighed.town.name))].append(weighed)
    around = GridIndex(towns)
    beside: dict[int, str] = {}
    for key, alike in same.items():
        townships = same.get((key[0], f"{key[1]}township"), ())
        if len(alike) > 1 or key in quarters or _has_larger_township(alike, townships):
            beside.update(_choose_landmarks(alike, around))
    return beside


def _has_larger_township(towns: Sequence[WeightedTown], townships: Sequence[WeightedTown]) -> bool:
    """Return whether another place is the township of that name: Cranberry is not Cranberry Township."""
    return any(
        flat_miles(town, township) > DUPLICATE_MILES and TOWNSHIP_SHARE * township.weight > town.weight
        for town in towns
        for township in townships
    )


def _choose_landmarks(alike: Sequence[WeightedTown], around: GridIndex[WeightedTown]) -> dict[int, str]:
    taken: set[str] = set()
    chosen: dict[int, str] = {}
    for twin in sorted(alike, key=lambda weighed: (-weighed.weight, weighed.town.geoname)):
        known = [
            other.town.name
            for _, other in around.at_least(twin, 60)
            if other.town.state == twin.town.state
            and other.weight >= MIN_LANDMARK_POPULATION
            and name_words(other.town.name) != name_words(twin.town.name)
        ]
        anything = [
            other.town.name
            for _, other in around.at_least(twin, 60)
            if other.town.state == twin.town.state and name_words(other.town.name) != name_words(twin.town.name)
        ]
        name = next((name for name in [*known, *anything] if name not in taken), None)
        if name:
            taken.add(name)
            chosen[twin.town.geoname] = name
    return chosen
