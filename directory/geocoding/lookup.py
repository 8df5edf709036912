"""Looks up a place that a patient typed: found, ambiguous, or unknown with similar names."""

import re
from collections.abc import Sequence
from typing import Final

from directory.errors import FieldError, Invalid
from directory.geocoding import place_rows
from directory.geocoding.names import clean, name_key
from directory.geocoding.parser import (
    Coordinates,
    ParsedQuery,
    candidate_town_names,
    parse_coordinates,
    parse_query,
    split_leading_zip,
    trailing_words,
)
from directory.geocoding.place import Place
from directory.geocoding.regions import find_region
from directory.geocoding.results import Ambiguous, Found, LookupResult, Unknown
from directory.geocoding.store import Store, TownRow
from directory.geocoding.typos import FuzzyTownSearch
from directory.geocoding.us_states import MILITARY_PREFIXES, STATES, find_state, state_of_zip
from directory.geocoding.zip_lookup import look_up_zip
from directory.geography.point import miles_between

MAX_CANDIDATES: Final = 8
"""Places in one result, the best included; more do not help to choose."""
MIN_STATE_NAMESAKE_POPULATION: Final = 100_000
"""People who type "New York" or "Washington" mean the city; people who type "California" do not mean a village."""
BOROUGH_MILES: Final = 20.0
"""A part of a town lies within this distance of it: "Dorchester, Boston"."""

AMBIGUITY_RATIO: Final = 0.5
""""Portland" means the one in Oregon; if another town has at least half the population, as for Springfield, we ask."""

INPUT_HINT: Final = "Type a ZIP, or a city and its state, such as 80021 or Westminster, CO."


def place_at_point(store: Store, where: Coordinates) -> Place:
    """Return the place for coordinates, labeled with the town near it."""
    return place_rows.point_place(store, where)


def look_up(store: Store, typos: FuzzyTownSearch, text: str) -> LookupResult:
    """Look up the place that the text means.

    Raises:
        Invalid: the text cannot be a place.
    """
    one_line = clean(text)
    if not any(char.isalnum() for char in one_line):
        raise Invalid([FieldError("near", INPUT_HINT)])
    where = parse_coordinates(one_line)
    if where:
        return Found(place_at_point(store, where))
    return _zip_then_town(store, one_line) or _look_up_text(store, typos, one_line)


def _zip_then_town(store: Store, text: str) -> Found | None:
    """Handle "80021 Westminster", if ZIP code and town agree; otherwise the digits may be a house number."""
    split = split_leading_zip(text)
    if split is None:
        return None
    for written in parse_query(f"{split[1]} {split[0]}"):
        towns = _matching_towns(store, written) if len(written.parts) == 1 else []
        row = store.postal(split[0])
        town = place_rows.plausible_town(row, towns) if row else None
        if town and written.state in {None, town.state} and name_key(written.parts[0]) == name_key(town.name):
            return Found(place_rows.named_zip_place(split[0], row, town))
    return None


def _look_up_text(store: Store, typos: FuzzyTownSearch, text: str) -> LookupResult:
    meanings = parse_query(text)
    for written in meanings:
        answer = _look_up_query(store, written)
        if answer:
            return answer
    barest = min(meanings, key=lambda written: (written.state is None, sum(map(len, written.parts))))
    return _unknown_result(store, typos, text, barest)


def _look_up_query(store: Store, written: ParsedQuery) -> LookupResult | None:
    if written.zip_code:
        return look_up_zip(store, written, _matching_towns(store, written))
    if not written.parts:
        return None
    if written.state:
        return _look_up_in_state(store, written)
    if len(written.parts) > 1 and not written.is_address:
        return _look_up_part_of_town(store, written)
    return _look_up_name(store, written)


def _matching_towns(store: Store, written: ParsedQuery) -> list[TownRow]:
    """Return the towns that match the likeliest candidate name."""
    state = written.state
    if state is None and written.zip_code:
        state = state_of_zip(written.zip_code)
    for name in candidate_town_names(written):
        towns = store.towns_spelled(name_key(name), state)
        if towns:
            return towns
    if written.zip_code and not written.state and len(written.parts) == 1 and not written.is_address:
        return store.towns_spelled(name_key(written.parts[0]))
    return []


def _look_up_in_state(store: Store, written: ParsedQuery) -> LookupResult | None:
    """Look up a name with a state: one town, or several of the same name to choose from."""
    for name in candidate_town_names(written):
        towns = store.towns_spelled(name_key(name), written.state)
        region = find_region(name, written.state)
        if region and not _match_primary_name(towns, name):
            return Found(place_rows.region_place(region))
        if written.hint:
            towns = [town for town in towns if name_key(town.beside or "") == name_key(written.hint)] or towns
        if len(towns) == 1:
            return Found(place_rows.town_place(towns[0]))
        if towns:
            return Ambiguous(_town_places(towns), f"More than one town in {STATES[towns[0].state]} is called “{name}”.")
    return None


def _match_primary_name(towns: Sequence[TownRow], name: str) -> bool:
    """Return whether the towns matched by their primary name and not by an alternate one."""
    return bool(towns) and name_key(towns[0].name) == name_key(name)


def _town_places(towns: Sequence[TownRow]) -> tuple[Place, ...]:
    return tuple(place_rows.town_place(town) for town in towns[:MAX_CANDIDATES])


def _look_up_name(store: Store, written: ParsedQuery) -> LookupResult | None:
    """Look up a name without a state: the town if it is far larger than its namesakes, otherwise all of them."""
    names = candidate_town_names(written)
    state = find_state(names[0])
    towns = store.towns_spelled(name_key(names[0]))
    if state and not _outranks_state(towns, names[0]):
        return _state_result(store, state, towns)
    region = find_region(names[0])
    if region and not _match_primary_name(towns, names[0]):
        return Found(place_rows.region_place(region))
    # "12345 Broadway" ends in a street, though Virginia has a town of that name.
    if not towns or (written.is_address and len(written.parts) == 1):
        return None
    best, *others = _town_places(towns)
    if len(towns) > 1 and towns[1].weight >= AMBIGUITY_RATIO * towns[0].weight:
        return Ambiguous((best, *others), f"More than one city is called “{names[0]}”.")
    return Found(best, tuple(others))


def _outranks_state(towns: Sequence[TownRow], name: str) -> bool:
    return _match_primary_name(towns, name) and towns[0].weight >= MIN_STATE_NAMESAKE_POPULATION


def _state_result(store: Store, state: str, namesakes: Sequence[TownRow]) -> LookupResult:
    """Offer the largest towns of a state and the towns of its name; a state is too large to search around."""
    largest = store.largest_of(state, MAX_CANDIDATES)
    if state == "DC":
        return Found(place_rows.town_place(largest[0]))
    named = [town for town in namesakes if town not in largest][:2]
    offered = [*largest[: MAX_CANDIDATES - len(named)], *named]
    return Ambiguous(
        _town_places(offered), f"{STATES[state]} is too large to search around. Choose a city, or type a ZIP."
    )


def _look_up_part_of_town(store: Store, written: ParsedQuery) -> LookupResult | None:
    """Look up "Dorchester, Boston"; "London, England" does not match, because it is not in the United States."""
    inner = store.towns_spelled(name_key(written.parts[0]))
    outer = store.towns_spelled(name_key(written.parts[-1]))
    for town in inner:
        point = place_rows.row_point(town)
        if any(miles_between(point, place_rows.row_point(other)) <= BOROUGH_MILES for other in outer):
            return Found(place_rows.town_place(town))
    if inner or not outer:
        return None
    best, *others = _town_places(outer)
    return Found(best, tuple(others))


def _unknown_result(store: Store, typos: FuzzyTownSearch, text: str, written: ParsedQuery) -> Unknown:
    if written.zip_code and written.zip_code[:3] in MILITARY_PREFIXES:
        return Unknown(text, (), f"{written.zip_code} is a military post office, which lies on no map.")
    digits = re.sub(r"[^0-9]", "", text)
    if digits and not any(char.isalpha() for char in text):
        return _unknown_zip(store, text, digits)
    names = candidate_town_names(written)
    if not names:
        return Unknown(text, (), f"We do not know “{text}”. {INPUT_HINT}")
    namesakes = store.towns_spelled(name_key(written.parts[0])) if len(written.parts) > 1 else []
    if namesakes and not written.state and not written.is_address:
        sentence = f"We know places in the United States only, and “{written.parts[-1]}” is none of its states."
        return Unknown(text, _town_places(namesakes), sentence)
    offered = _towns_with_typos(typos, written, names[0]) or _towns_elsewhere(store, names)
    return Unknown(text, _town_places(offered), f"We do not know “{text}”. {INPUT_HINT}")


def _towns_with_typos(typos: FuzzyTownSearch, written: ParsedQuery, name: str) -> list[TownRow]:
    near = typos.near(name_key(name), written.state, MAX_CANDIDATES)
    if not near and written.is_address:
        near = typos.near(name_key(name.rsplit(maxsplit=1)[-1]), written.state, MAX_CANDIDATES)
    return near


def _towns_elsewhere(store: Store, names: Sequence[str]) -> list[TownRow]:
    """Return towns of that name in other states, or of a name that ends the text."""
    return next(
        (towns for name in [*names, *trailing_words(names[0])] if (towns := store.towns_spelled(name_key(name)))), []
    )


def _unknown_zip(store: Store, text: str, digits: str) -> Unknown:
    """Handle digits that are no known ZIP code; four digits may be one whose leading 0 a spreadsheet removed."""
    row = store.postal(digits.zfill(5)) if len(digits) == 4 else None
    offered = (place_rows.zip_place(row.digits, row),) if row else ()
    return Unknown(text, offered, f"We do not know the ZIP “{text}”. A ZIP has five digits, such as 80021.")
