"""The embedded geocoder, which has geopy's interface and makes no network requests."""

import functools
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt
from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderQueryError, GeocoderServiceError
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location

from directory.errors import Invalid, NotFound
from directory.geocoding import addresses, browse, lookup, place_rows, suggestions
from directory.geocoding.names import clean
from directory.geocoding.nearest_town import NearestTownIndex
from directory.geocoding.parser import parse_coordinates
from directory.geocoding.place import Place
from directory.geocoding.results import Ambiguous, Found, LookupResult, Unknown
from directory.geocoding.store import Store
from directory.geocoding.typos import FuzzyTownSearch
from directory.geocoding.us_states import STATES
from directory.geography.point import Point

__all__ = ["Ambiguous", "Found", "Gazetteer", "LookupResult", "Unknown", "open_gazetteer"]

MAX_SUGGESTIONS: Final = 8


class OfflineAdapter(BaseSyncAdapter):  # type: ignore[misc] # geopy has no types
    """A geopy adapter that refuses all network requests: patients' searches never leave the server."""

    def __init__(self, *, proxies: object, ssl_context: object) -> None:
        super().__init__(proxies=None, ssl_context=None)

    def get_json(self, url: str, *, timeout: object, headers: object) -> NoReturn:
        """Refuse the request.

        Raises:
            GeocoderServiceError: always.
        """
        raise GeocoderServiceError("The gazetteer asks nobody: it has no way to the network.")

    get_text = get_json


class Gazetteer(Geocoder):  # type: ignore[misc] # geopy has no types
    """A geopy geocoder over the file that `places build` writes. Thread-safe; close it after use.

    Raises:
        NotFound: the file does not exist, or another version wrote it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(proxies=None, ssl_context=None, adapter_factory=OfflineAdapter)
        self._path = path
        self._store = Store(path)
        self._typos = FuzzyTownSearch(self._store)
        self._vicinity = NearestTownIndex(self._store)

    def close(self) -> None:
        """Close the file; no thread may use the gazetteer afterwards."""
        self._store.close()

    def look_up(self, text: str, *, coordinates: bool = True) -> LookupResult:
        """Look up the place that a user typed: a ZIP code, a town, an address or, with `coordinates`, "lat,lon".

        Raises:
            Invalid: blank, too long, not text, or coordinates out of range; the error's field is "near".
        """
        return lookup.look_up(self._store, self._typos, text, coordinates=coordinates)

    def suggest(self, prefix: str, limit: int = MAX_SUGGESTIONS) -> tuple[Place, ...]:
        """Return places whose names begin with the prefix, largest first."""
        return suggestions.suggest(self._store, prefix, min(limit, MAX_SUGGESTIONS))

    def place_address(
        self, line1: str | None, city: str | None, state: str | None, postal_code: str | None
    ) -> Place | None:
        """Locate a practice by its ZIP code or its town, whichever is more precise; None rather than a guess.

        The result is always in the state given. The street is ignored, because the gazetteer has no streets.
        """
        return addresses.place_address(self._store, city, state, postal_code)

    def find_contradiction(self, city: str, state: str, postal_code: str) -> str:
        """Return a sentence if the ZIP code and the city or state of an address contradict; otherwise nothing."""
        return addresses.find_contradiction(self._store, city, state, postal_code)

    def state_at(self, point: Point) -> str | None:
        """Return the state (two-letter code) of the nearest ZIP code; None far from all of them, as at sea."""
        return place_rows.state_at(self._store, point)

    def town_near(self, point: Point, spread_miles: float = 0.0) -> Place | None:
        """Return the town that names a group of places around a point; the wider its spread, the larger the town.

        None far from every town. Takes some microseconds: the file is read only the first time.
        """
        town = self._vicinity.town_near(point, spread_miles)
        return place_rows.town_place(town) if town else None

    def all_towns(self) -> tuple[Place, ...]:
        """Return all towns, by state, largest first; the result is cached for the process."""
        return _all_towns(self._path, self._path.stat().st_mtime_ns)

    def town_points(self) -> npt.NDArray[np.float64]:
        """Return latitude and longitude (degrees) of all towns, a row each, in the order of `all_towns`; cached."""
        return _town_points(self._path, self._path.stat().st_mtime_ns)

    def town_slugs(self) -> tuple[str, ...]:
        """Return the slugs of all towns in the order of `all_towns`; cached for the process."""
        return _town_slugs(self._path, self._path.stat().st_mtime_ns)

    def towns(self, state: str) -> tuple[Place, ...]:
        """Return all towns of a state (two-letter code), largest first; none for an unknown state."""
        return browse.towns_in_state(self._store, state)

    def town(self, state: str, slug: str) -> Place | None:
        """Return the town with a slug ("winston-salem"), in any spelling of its name; None if there is none."""
        return browse.town_by_slug(self._store, state, slug)

    def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: object = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """Geocode in geopy's interface: None if unknown or, with `exactly_one`, ambiguous.

        Raises:
            GeocoderQueryError: the text cannot be a place.
        """
        try:
            answer = self.look_up(query)
        except Invalid as refusal:
            raise GeocoderQueryError(refusal.sentence) from refusal
        if isinstance(answer, Unknown) or (exactly_one and isinstance(answer, Ambiguous)):
            return None
        places = (answer.place, *answer.others) if isinstance(answer, Found) else answer.candidates
        return _location(places[0]) if exactly_one else [_location(place) for place in places]

    def reverse(
        self, query: object, *, exactly_one: bool = True, timeout: object = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """Return the town near a point; None outside the US and at sea.

        Raises:
            GeocoderQueryError: the query is not a valid point.
        """
        try:
            where = parse_coordinates(clean(self._coerce_point_to_string(query)))
        except Invalid as refusal:
            raise GeocoderQueryError(refusal.sentence) from refusal
        except ValueError:
            where = None
        if where is None:
            raise GeocoderQueryError("A point is written as latitude, longitude.")
        place = lookup.place_at_point(self._store, where)
        if place.state is None:
            return None
        return _location(place) if exactly_one else [_location(place)]


def _location(place: Place) -> Location:
    raw: dict[str, Any] = asdict(place)
    return Location(place.label, (place.point.lat, place.point.lon), raw)


@functools.lru_cache(maxsize=2)
def _all_towns(path: Path, _changed: int) -> tuple[Place, ...]:
    """Read all towns; `_changed`, the file's modification time, invalidates the cache."""
    with closing(Store(path)) as store:
        return tuple(town for state in STATES for town in browse.towns_in_state(store, state))


@functools.lru_cache(maxsize=2)
def _town_slugs(path: Path, changed: int) -> tuple[str, ...]:
    return tuple(browse.town_slug(town) for town in _all_towns(path, changed))


@functools.lru_cache(maxsize=2)
def _town_points(path: Path, _changed: int) -> npt.NDArray[np.float64]:
    with closing(Store(path)) as store:
        largest = (store.largest_of(state, browse.MAX_TOWNS_PER_STATE) for state in STATES)
        return np.array([(town.lat, town.lon) for towns in largest for town in towns]).reshape(-1, 2)


def open_gazetteer(*paths: Path) -> Gazetteer:
    """Open the gazetteer at the first of these paths that exists: the operator's own, then the one shipped.

    Raises:
        NotFound: none exists.
    """
    for path in paths:
        if path.is_file():
            return Gazetteer(path)
    raise NotFound("There is no gazetteer. Run: bma-directory places build.")
