"""Derives towns from the names that post offices give to ZIP codes, where GeoNames lists no town of that name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from directory.geocoding.grid_index import Located, flat_miles
from directory.geocoding.names import name_key
from directory.geocoding.sources import Town
from directory.geocoding.town_extent import WeightedTown
from directory.geocoding.zip_sources import ZipPoint

CHAIN_MILES: Final = 12.0
"""ZIP codes of one name belong together if a chain of steps of at most this length connects them."""
RADIUS_FACTOR: Final = 1.3
RADIUS_MARGIN_MILES: Final = 5.0
"""A town within this many radii of a ZIP code's area plus these miles is the town that the ZIP code names."""
SECOND_TOWN_SHARE: Final = 0.25
"""Other ZIP codes of a town's name are a second town only if they have more than this share of its people."""
SECOND_TOWN_MILES: Final = 25.0
"""Nearer than this, they are far deliveries of the same town."""
RADIUS_SHARE: Final = 0.9
"""The radius of a town covers this share of its people."""

_DISPLAYED: Final = (("Jbsa ", ""), ("Ft ", "Fort "), (" Afb", " Air Force Base"), ("St ", "St. "))


@dataclass(frozen=True, slots=True)
class DeliveryArea:
    """ZIP codes near each other with one name: their center by population, and the radius that covers most people."""

    zips: tuple[ZipPoint, ...]
    lat: float
    lon: float
    population: int
    radius: float


@dataclass(frozen=True, slots=True)
class _Center:
    lat: float
    lon: float


def delivery_area(zips: Sequence[ZipPoint]) -> DeliveryArea:
    """Return the area of these ZIP codes; those without people count only if none has any."""
    peopled = [point for point in zips if point.population] or list(zips)
    weights = [max(point.population, 1) for point in peopled]
    total = sum(weights)
    center = _Center(
        sum(weight * point.lat for weight, point in zip(weights, peopled, strict=True)) / total,
        sum(weight * point.lon for weight, point in zip(weights, peopled, strict=True)) / total,
    )
    radius = covering_radius(center, peopled, weights)
    return DeliveryArea(tuple(zips), center.lat, center.lon, sum(point.population for point in zips), radius)


def covering_radius(center: Located, zips: Sequence[ZipPoint], weights: Sequence[int]) -> float:
    """Return the distance from the center that covers 90% of the people, each ZIP code with its whole area."""
    reached, enough = 0, RADIUS_SHARE * sum(weights)
    for miles, weight in sorted(
        (flat_miles(center, point) + point.radius_miles, weight) for point, weight in zip(zips, weights, strict=True)
    ):
        reached += weight
        if reached >= enough:
            return miles
    return 0.0


def _chains(zips: Iterable[ZipPoint]) -> list[list[ZipPoint]]:
    chains: list[list[ZipPoint]] = []
    for point in zips:
        linked = [chain for chain in chains if any(flat_miles(point, other) <= CHAIN_MILES for other in chain)]
        chains = [chain for chain in chains if chain not in linked]
        chains.append([point, *(other for chain in linked for other in chain)])
    return chains


def _is_in(town: Located, area: DeliveryArea) -> bool:
    return any(
        flat_miles(point, town) <= RADIUS_FACTOR * point.radius_miles + RADIUS_MARGIN_MILES for point in area.zips
    )


def _new_town(area: DeliveryArea) -> WeightedTown:
    first = min(area.zips, key=lambda point: point.zip_code)
    name = first.name or ""
    for written, shown in _DISPLAYED:
        name = name.replace(written, shown)
    town = Town(-int(first.zip_code), name, first.state, area.lat, area.lon, area.population, (), 0)
    return WeightedTown(town, max(area.population, 1), area.radius)


def add_post_offices(points: Sequence[ZipPoint], towns: Sequence[WeightedTown]) -> list[WeightedTown]:
    """Return the towns, those with ZIP codes with their radius, and the post offices that none of them is."""
    listed: dict[tuple[str, str], list[WeightedTown]] = defaultdict(list)
    for town in towns:
        listed[town.town.state, name_key(town.town.name)].append(town)
    named: dict[tuple[str, str], list[ZipPoint]] = defaultdict(list)
    for point in points:
        if point.name:
            named[point.state, name_key(point.name)].append(point)
    for key, zips in named.items():
        listed[key] = _join(listed[key], [delivery_area(chain) for chain in _chains(zips)])
    return sorted((town for alike in listed.values() for town in alike), key=lambda one: one.town.geoname)


def _join(towns: Sequence[WeightedTown], areas: Sequence[DeliveryArea]) -> list[WeightedTown]:
    """Match the towns of one name with the areas of that name; an area without a town becomes one."""
    joined, matched, unmatched = list(towns), [], []
    people = 0
    for area in areas:
        inside = [number for number, town in enumerate(joined) if _is_in(town, area)]
        if not inside:
            unmatched.append(area)
            continue
        main = max(inside, key=lambda number: joined[number].weight)
        matched.append(joined[main])
        people = max(people, joined[main].weight, area.population)
        joined[main] = replace(joined[main], radius=max(joined[main].radius, _radius_from(joined[main], area)))
    people = people or max(area.population for area in areas)
    largest = max(unmatched, key=lambda area: area.population, default=None)
    further = [
        area
        for area in unmatched
        if (area.population > SECOND_TOWN_SHARE * people and not _is_beside(area, matched))
        or (area is largest and len(unmatched) == len(areas))
    ]
    return [*joined, *map(_new_town, further)]


def _is_beside(area: DeliveryArea, towns: Sequence[WeightedTown]) -> bool:
    return any(flat_miles(area, town) <= SECOND_TOWN_MILES for town in towns)


def _radius_from(town: WeightedTown, area: DeliveryArea) -> float:
    peopled = [point for point in area.zips if point.population]
    return covering_radius(town, peopled, [point.population for point in peopled])
