"""Autocomplete: suggests places for the text typed so far."""

from typing import Final

from directory.errors import Invalid
from directory.geocoding.names import clean, fold, name_key
from directory.geocoding.notation import NUMBER_THEN_WORD
from directory.geocoding.parser import parse_query
from directory.geocoding.place import Place
from directory.geocoding.place_rows import area_place, town_place, zip_place
from directory.geocoding.store import COUNTY, Store, TownRow
from directory.geocoding.us_states import states_with_prefix

ZIP_LENGTH: Final = 5
MIN_AREA_LETTERS: Final = 4
MAX_AREAS: Final = 2
"""Areas are suggested only from the fourth letter on, and few, so that towns come first."""


def _suggest_zips(store: Store, digits: str, limit: int) -> tuple[Place, ...]:
    return tuple(zip_place(row.digits, row) for row in store.zips_opening(digits, limit))


def _towns_in_matching_states(store: Store, text: str, limit: int) -> list[TownRow]:
    """Handle "spring, m": towns that begin with "spring", in states that begin with "m"."""
    name, _, opening = text.rpartition(",")
    towns = [
        town for state in states_with_prefix(opening) for town in store.towns_opening(name_key(name), state, limit)
    ]
    return sorted(towns, key=lambda town: (-town.weight, town.id))[:limit]


def _prefix_keys(text: str) -> list[str]:
    """Return the keys of the text as typed and with abbreviations expanded: "st" begins Stamford and St. Louis."""
    typed = "".join(char for char in fold(text) if char.isascii() and char.isalnum())
    return list(dict.fromkeys(letters for letters in (name_key(text), typed) if letters))


def suggest(store: Store, prefix: str, limit: int) -> tuple[Place, ...]:
    """Return at most `limit` places, largest first; none if the text cannot be a place or may be a street address."""
    try:
        text = clean(prefix)
    except Invalid:
        return ()
    if NUMBER_THEN_WORD.search(text):
        return ()
    digits = text.partition("-")[0].strip()
    if digits.isascii() and digits.isdigit():
        return _suggest_zips(store, digits, limit) if len(digits) <= ZIP_LENGTH else ()
    if not name_key(text):
        return ()
    if "," in text:
        towns = _towns_in_matching_states(store, text, limit)
        return tuple(town_place(town) for town in towns)
    return _suggest_by_name(store, text, limit)


def _suggest_by_name(store: Store, text: str, limit: int) -> tuple[Place, ...]:
    found: dict[int, TownRow] = {}
    for letters in _prefix_keys(text):
        found.update({town.id: town for town in store.towns_opening(letters, None, limit)})
    for written in parse_query(text)[:1]:
        if written.state and written.parts:
            exact = store.towns_opening(name_key(written.parts[-1]), written.state, limit)
            found.update({town.id: town for town in exact})
    if not found:
        found.update({town.id: town for town in store.towns_spelled(name_key(text))[:limit]})
    towns = sorted(found.values(), key=lambda town: (-town.weight, town.id))
    letters = name_key(text)
    areas = store.areas_opening(letters, MAX_AREAS) if len(letters) >= MIN_AREA_LETTERS else []
    listed, counties = ([area_place(area) for area in areas if (area.kind == COUNTY) is kind] for kind in (False, True))
    return (*listed, *map(town_place, towns[: limit - len(listed) - len(counties)]), *counties)
