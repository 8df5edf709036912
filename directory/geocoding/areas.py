"""Named areas: counties from the Census, and regions, islands, bases and quarters from `areas.csv`."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from directory.geocoding.names import name_key
from directory.geocoding.post_offices import delivery_area
from directory.geocoding.sources import Town
from directory.geocoding.store import COUNTY
from directory.geocoding.us_states import COUNTRY_STATES
from directory.geocoding.zip_sources import ZipPoint

AREAS_FILE: Final = Path(__file__).with_name("areas.csv")
MIN_AREA_MILES: Final = 2.5

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
        return Area(*names, float(row["lat"]), float(row["lon"]), float(row["miles"]))
    listed = tuple(row["zips"].split())
    zips = [point for point in points if point.zip_code.startswith(listed)]
    return _area_of_zips(names, zips) if zips else None


def _area_of_zips(names: tuple[str, str, tuple[str, ...], str, str], zips: Sequence[ZipPoint]) -> Area:
    there = delivery_area(zips)
    miles = round(max(MIN_AREA_MILES, there.radius), 1)
    return Area(*names, round(there.lat, 5), round(there.lon, 5), miles, there.population)


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
    """Return "Orleans County" for Orleans Parish; people also write it that way."""
    bare = next((county.removesuffix(f" {word}") for word in _COUNTY_WORDS if county.endswith(f" {word}")), county)
    return () if county == f"{bare} County" else (f"{bare} County",)
