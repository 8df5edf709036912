"""Geocodes the address of a practice by ZIP code and town, only within the state given."""

import re
from typing import Final

from directory.errors import Invalid
from directory.geocoding.names import clean, name_key
from directory.geocoding.place import Place
from directory.geocoding.place_rows import named_zip_place, plausible_town, town_place, zip_place
from directory.geocoding.store import OTHER_NAME, Store, TownRow
from directory.geocoding.us_states import STATES, find_state, state_of_zip

_ZIP: Final = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")


def _clean_or_empty(text: str | None) -> str:
    try:
        return clean(text or "")
    except Invalid:
        return ""


def _parse_zip(postal_code: str | None) -> str | None:
    found = _ZIP.fullmatch(re.sub(r"\s+", "", _clean_or_empty(postal_code)).rstrip("-"))
    return found[1] if found else None


def _only_town(towns: list[TownRow]) -> Place | None:
    """Return the town if it is the only one of that name; None if several share it, or it is not its own name."""
    return town_place(towns[0]) if len(towns) == 1 and towns[0].match != OTHER_NAME else None


def place_address(store: Store, city: str | None, state: str | None, postal_code: str | None) -> Place | None:
    """Return where the address is, or None if that would be a guess."""
    zip_code = _parse_zip(postal_code)
    zip_state = state_of_zip(zip_code) if zip_code else None
    written = _clean_or_empty(state)
    code = find_state(written) if written else zip_state
    if code is None:
        return None
    towns = store.towns_spelled(name_key(_clean_or_empty(city)), code)
    if zip_code is None or zip_state != code:
        return _only_town(towns)
    return _place_by_zip(store, zip_code, code, towns)


def find_contradiction(store: Store, city: str, state: str, postal_code: str) -> str:
    """Return a sentence if the ZIP code lies in another state than stated, or far from the city; otherwise nothing.

    What the gazetteer does not know contradicts nothing.
    """
    zip_code, code = _parse_zip(postal_code), find_state(_clean_or_empty(state))
    zip_state = state_of_zip(zip_code) if zip_code else None
    if zip_code is None or zip_state is None or code is None:
        return ""
    if zip_state != code:
        return f"ZIP code {zip_code} is in {STATES[zip_state]}, not in {STATES[code]}."
    row = store.postal(zip_code)
    towns = store.towns_spelled(name_key(_clean_or_empty(city)), code)
    if row is None or row.state != code or not towns or towns[0].match == OTHER_NAME or plausible_town(row, towns):
        return ""
    return f"ZIP code {zip_code} is not in {_clean_or_empty(city)}, {code}."


def _place_by_zip(store: Store, zip_code: str, state: str, towns: list[TownRow]) -> Place | None:
    row = store.postal(zip_code) or store.prefix(zip_code)
    if row is None or row.state != state:
        return _only_town(towns)
    town = plausible_town(row, towns)
    if town:
        return named_zip_place(zip_code, row, town)
    return zip_place(zip_code, row)
