"""The population of the United States by place: every ZIP code with its share of its town, and towns without one."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from directory import resources
from directory.geocoding.grid_index import GridIndex
from directory.geocoding.store import Store, TownRow, ZipRow

BOROUGHS: Final = frozenset({"Manhattan", "Brooklyn", "Queens", "Bronx", "The Bronx", "Staten Island"})
"""The gazetteer counts their population twice: as boroughs and in New York."""

MAX_ZIPS: Final = 100_000
"""More than there can be."""


@dataclass(frozen=True, slots=True)
class PopulatedPlace:
    """A ZIP code area or a town; 95 % of its population live within `miles` of the point."""

    city: str
    state: str
    postal_code: str
    lat: float
    lon: float
    miles: float
    population: float


def gazetteer_file() -> Path:
    """The gazetteer that ships with the package."""
    return resources.folder("data") / "places.sqlite"


def populated_places(gazetteer: Path) -> tuple[PopulatedPlace, ...]:
    """All populated places of a gazetteer, always in the same order.

    Raises:
        NotFound: there is no such file, or it is not a gazetteer of this version.
    """
    with closing(Store(gazetteer)) as store:
        zips = sorted((row for row in store.zips_opening("", MAX_ZIPS) if row.town), key=lambda row: row.digits)
        towns = store.every_town()
    return (*_zip_areas(zips, towns), *_towns_without_zip(zips, towns))


def _zip_areas(zips: list[ZipRow], towns: list[TownRow]) -> Iterator[PopulatedPlace]:
    zips_of_town = Counter(row.town.id for row in zips if row.town)
    counted_twice = sum(town.weight for town in towns if town.state == "NY" and town.name in BOROUGHS)
    for row in zips:
        if row.town is None:
            continue
        is_new_york = (row.town.name, row.state) == ("New York", "NY")
        population = row.town.weight - (counted_twice if is_new_york else 0)
        share = max(population, 1) / zips_of_town[row.town.id]
        yield PopulatedPlace(row.name or row.town.name, row.state, row.digits, row.lat, row.lon, row.miles, share)


def _towns_without_zip(zips: list[ZipRow], towns: list[TownRow]) -> Iterator[PopulatedPlace]:
    """Each takes the nearest ZIP code of its state; a town far from any is left out."""
    with_zip = {row.town.id for row in zips if row.town}
    zips_of_state: dict[str, list[ZipRow]] = defaultdict(list)
    for row in zips:
        zips_of_state[row.state].append(row)
    index = {state: GridIndex(rows) for state, rows in zips_of_state.items()}
    for town in towns:
        found = index[town.state].at_least(town, 1) if town.id not in with_zip and town.state in index else []
        if found:
            yield PopulatedPlace(town.name, town.state, found[0][1].digits, town.lat, town.lon, town.miles, town.weight)
