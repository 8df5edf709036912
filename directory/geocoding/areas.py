"""Named areas: counties from the Census, and regions, islands, bases and quarters from `areas.csv`."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from directory.geocoding.grid_index import MIN_TOWN_MILES, flat_miles
from directory.geocoding.names import name_key
from directory.geocoding.post_offices import SECOND_TOWN_MILES, delivery_area
from directory.geocoding.sources import Town
from directory.geocoding.store import COUNTY, QUARTER
from directory.geocoding.town_extent import WeightedTown
from directory.geocoding.us_states import COUNTRY_STATES
from directory.geocoding.zip_sources import ZipPoint

AREAS_FILE: Final = Path(__file__).with_name("areas.csv")
MIN_QUARTER_MILES: Final = 2.5
SAME_PLACE_MILES: Final = 5.0

_COUNTY_WORDS: Final = ("County", "Parish", "Borough", "Census Area", "Municipality", "Municipio", "Island", "District")
_INDEPENDENT_CITY: Final = " city"


@dataclass(frozen=True, slots=True)
class Area:
    """An area: its center in degrees, the radius in miles that covers most of its people, and a town in it."""

    kind: str
    name: str
    also: tuple[str, ...]
    state: str
    town: str
    lat: float
    lon: float
    miles: float
    population: int = 0

    def name_keys(self) -> list[str]:
        """Return the keys of all its names."""
        return sorted({name_key(name) for name in (self.name, *self.also)})


def read_areas(points: Sequence[ZipPoint], file: Path = AREAS_FILE) -> list[Area]:
    """Return the areas listed by hand; those listed by ZIP codes that none of the points has are left out."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [area for row in csv.DictReader(lines) if (area := _parse_area(row, points))]


def _parse_area(row: Mapping[str, str], points: Sequence[ZipPoint]) -> Area | None:
    names = row["kind"], row["name"], tuple(filter(None, row["also"].split("|"))), row["state"], row["town"]
    if not row["zips"]:
        area = Area(*names, float(row["lat"]), float(row["lon"]), float(row["miles"]))
        near = (point for point in points if point.population and flat_miles(area, point) <= area.miles)
        return replace(area, population=sum(point.population for point in near))
    listed = tuple(row["zips"].split())
    zips = [point for point in points if point.zip_code.startswith(listed)]
    return _area_of_zips(names, zips) if zips else None


def _area_of_zips(names: tuple[str, str, tuple[str, ...], str, str], zips: Sequence[ZipPoint]) -> Area:
    there = delivery_area(zips)
    least = MIN_QUARTER_MILES if names[0] == QUARTER else MIN_TOWN_MILES
    miles = round(max(least, there.radius), 1)
    return Area(*names, round(there.lat, 5), round(there.lon, 5), miles, there.population)


def without_listed(towns: Sequence[WeightedTown], listed: Sequence[Area]) -> list[WeightedTown]:
    """Remove the towns that only a post office names and that lie elsewhere than the area listed with their name."""
    areas: dict[tuple[str, str], list[Area]] = defaultdict(list)
    for area in listed:
        for key in area.name_keys():
            areas[area.state, key].append(area)
    return [
        one
        for one in towns
        if one.town.geoname > 0
        or all(
            not SAME_PLACE_MILES < flat_miles(one, area) <= SECOND_TOWN_MILES
            for area in areas.get((one.town.state, name_key(one.town.name)), ())
        )
    ]


def counties(points: Iterable[ZipPoint], homes: Mapping[str, Town]) -> Iterator[Area]:
    """Yield the counties and parishes; independent cities are towns already, and the islands are listed by hand."""
    grouped: dict[tuple[str, str], list[ZipPoint]] = defaultdict(list)
    for point in points:
        if point.county and point.zip_code in homes:
            grouped[point.state, point.county].append(point)
    for (state, name), zips in sorted(grouped.items()):
        if name.endswith(_INDEPENDENT_CITY) or state in COUNTRY_STATES - {"PR"}:
            continue
        towns = Counter[str]()
        for point in zips:
            towns[homes[point.zip_code].name] += point.population
        names = (COUNTY, name, _other_names(name), state, towns.most_common(1)[0][0])
        yield _area_of_zips(names, zips)


def _other_names(county: str) -> tuple[str, ...]:
    """Return "Orleans County" for Orleans Parish and "Dade County" for Miami-Dade; people also write it that way."""
    bare = next((county.removesuffix(f" {word}") for word in _COUNTY_WORDS if county.endswith(f" {word}")), county)
    joined = bare.rpartition("-")
    others = (f"{bare} County", *((f"{joined[2]} County", f"{bare} Borough") if joined[0] else ()))
    return tuple(other for other in others if other != county)
