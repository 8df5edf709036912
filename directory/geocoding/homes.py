"""Where people live, roughly: every ZIP with its share of its town, and every town that has no ZIP of its own."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from directory.geocoding.nearness import Neighbourhood
from directory.geocoding.store import Store, TownRow, ZipRow

BOROUGHS: Final = frozenset({"Manhattan", "Brooklyn", "Queens", "Bronx", "The Bronx", "Staten Island"})
"""The sources count their people twice: for themselves and for New York."""


@dataclass(frozen=True, slots=True)
class Home:
    """A part of the country: so many people, of whom 95 in 100 live within `miles` of its middle."""

    city: str
    state: str
    postal_code: str
    lat: float
    lon: float
    miles: float
    people: float


def homes(path: Path) -> tuple[Home, ...]:
    """All parts of the country in the gazetteer at `path`, always in the same order.

    Raises:
        NotFound: there is no such file, or it is not a gazetteer of this version.
    """
    store = Store(path)
    zips, towns = store.every_zip(), store.every_town()
    return (*_of_zips(zips, towns), *_of_other_towns(zips, towns))


def _of_zips(zips: list[ZipRow], towns: list[TownRow]) -> Iterator[Home]:
    shared_by = Counter(row.town.id for row in zips if row.town)
    twice = sum(town.weight for town in towns if town.state == "NY" and town.name in BOROUGHS)
    for row in zips:
        if row.town is None:
            continue
        people = row.town.weight - (twice if (row.town.name, row.state) == ("New York", "NY") else 0)
        share = max(people, 1) / shared_by[row.town.id]
        yield Home(row.name or row.town.name, row.state, row.digits, row.lat, row.lon, row.miles, share)


def _of_other_towns(zips: list[ZipRow], towns: list[TownRow]) -> Iterator[Home]:
    """Their letters carry the nearest ZIP of their state; a town far from any is left out."""
    settled = {row.town.id for row in zips if row.town}
    of_state: dict[str, list[ZipRow]] = defaultdict(list)
    for row in zips:
        of_state[row.state].append(row)
    around = {state: Neighbourhood(rows) for state, rows in of_state.items()}
    for town in towns:
        found = around[town.state].at_least(town, 1) if town.id not in settled and town.state in around else []
        if found:
            yield Home(town.name, town.state, found[0][1].digits, town.lat, town.lon, town.miles, town.weight)
