"""Looks up a place that a patient typed: found, ambiguous, or unknown with similar names."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from directory.errors import FieldError, Invalid
from directory.geocoding import notation, place_rows
from directory.geocoding.names import clean, name_key
from directory.geocoding.parser import (
    Coordinates,
    ParsedQuery,
    candidate_town_names,
    doubtful_town_names,
    parse_coordinates,
    parse_query,
    split_leading_zip,
)
from directory.geocoding.place import Place
from directory.geocoding.results import Ambiguous, Found, LookupResult, Unknown
from directory.geocoding.store import DOUBTFUL, Store, TownRow
from directory.geocoding.town_lookup import (
    look_up_in_state,
    look_up_name,
    look_up_part_of_town,
    state_result,
)
from directory.geocoding.typos import FuzzyTownSearch
from directory.geocoding.unknown import INPUT_HINT, abroad_result, look_up_joined, offer_similar, unknown_result
from directory.geocoding.us_states import state_of_zip
from directory.geocoding.zip_lookup import look_up_zip, look_up_zips

MAX_PARTS_AT_HOME: Final = 2
"""Parts between commas of an address without a state: "12 Main St, Lebanon" may be at home, with a city it is not."""
_DECIMAL: Final = re.compile(r"[0-9]\.[0-9]")
NEAR_ME_HINT: Final = "To search around where you are, press “Near me”. Or type a ZIP or a city."


def place_at_point(store: Store, where: Coordinates) -> Place:
    """Return the place for coordinates, labeled with the town near it."""
    return place_rows.point_place(store, where)


def look_up(store: Store, typos: FuzzyTownSearch, text: str, *, coordinates: bool = True) -> LookupResult:
    """Look up the place that the text means. "lat,lon" is a place only with `coordinates`.

    Raises:
        Invalid: the text cannot be a place.
    """
    one_line = clean(text)
    if not any(char.isalnum() for char in one_line):
        raise Invalid([FieldError("near", INPUT_HINT)])
    typed = notation.rewrite(one_line)
    several = look_up_zips(store, notation.several_zips(typed))
    if several:
        return _offer_single(one_line, several)
    where = _parse_point(one_line, allowed=coordinates)
    if where:
        return Found(place_at_point(store, where))
    return _look_up_phrase(store, one_line, typed) or _look_up_words(store, typos, one_line, typed)


def _parse_point(text: str, *, allowed: bool) -> Coordinates | None:
    try:
        where = parse_coordinates(text)
    except Invalid:
        if allowed:
            raise
    else:
        if where is None or allowed:
            return where
    raise Invalid([FieldError("near", INPUT_HINT)])


def _look_up_phrase(store: Store, text: str, typed: str) -> LookupResult | None:
    """Handle "near me" and "New York State"."""
    if notation.asks_for_position(typed):
        return Unknown(text, (), NEAR_ME_HINT)
    state = notation.state_itself(typed)
    return state_result(store, state, ()) if state else None


def _look_up_words(store: Store, typos: FuzzyTownSearch, one_line: str, typed: str) -> LookupResult:
    answer = _zip_then_town(store, typed) or _look_up_text(store, typos, one_line, typed)
    if isinstance(answer, Found) and notation.has_letters_for_digits(one_line):
        return replace(answer, note=f"Showing {answer.place.label}.")
    return _offer_single(one_line, answer)


def _offer_single(text: str, answer: LookupResult) -> LookupResult:
    """Turn a question with one choice into an offer."""
    if isinstance(answer, Ambiguous) and len(answer.candidates) == 1:
        return Unknown(text, answer.candidates, answer.sentence)
    return answer


def is_private(text: str) -> bool:
    """Return whether the text holds a street address or a point, which tell where somebody lives."""
    try:
        typed = notation.rewrite(clean(text))
    except Invalid:
        return False
    if notation.several_zips(typed):
        return False
    if not any(char.isalpha() for char in typed):
        return bool(_DECIMAL.search(typed))
    numbered = any(written.is_address for written in parse_query(typed)) and notation.NUMBER_THEN_WORD.search(typed)
    return bool(numbered) or notation.names_street(typed)


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


def _look_up_text(store: Store, typos: FuzzyTownSearch, text: str, typed: str) -> LookupResult:
    plain = parse_query(typed)
    outside = abroad_result(store, text, typed)
    if outside and plain[0].is_address and len(plain[0].parts) > MAX_PARTS_AT_HOME and not plain[0].state:
        return outside
    for written in plain:
        answer = _look_up_query(store, written)
        if answer:
            return answer
    if outside:
        return outside
    simpler = [written for bare in notation.simpler_texts(typed) for written in parse_query(bare)]
    barest = min([*plain, *simpler], key=lambda written: (written.state is None, sum(map(len, written.parts))))
    return (
        _look_up_simpler(store, typed, simpler)
        or look_up_joined(store, plain)
        or offer_similar(store, text, barest)
        or unknown_result(store, typos, text, barest)
    )


def _look_up_simpler(store: Store, typed: str, meanings: Sequence[ParsedQuery]) -> LookupResult | None:
    """Look up the text without words around the name, and say which place is meant."""
    state = notation.state_of_part(typed)
    if state:
        return state_result(store, state, ())
    answer = next((answer for written in meanings if (answer := _look_up_query(store, written))), None)
    if isinstance(answer, Found):
        return replace(answer, note=answer.note or f"Showing {answer.place.label}.")
    return answer


def _look_up_query(store: Store, written: ParsedQuery) -> LookupResult | None:
    if written.zip_code:
        return look_up_zip(store, written, _matching_towns(store, written))
    if not written.parts:
        return None
    if len(written.parts) > 1 and not written.is_address:
        part = look_up_part_of_town(store, written)
        if part or not written.state:
            return part
    return look_up_in_state(store, written) if written.state else look_up_name(store, written)


def _matching_towns(store: Store, written: ParsedQuery) -> list[TownRow]:
    """Return the towns that match the likeliest candidate name; the ZIP code decides whether one is meant."""
    state = written.state or state_of_zip(written.zip_code or "")
    names = candidate_town_names(written)
    for name in [*names, *(doubtful_town_names(written) if len(written.parts) == 1 else ())]:
        towns = store.towns_spelled(name_key(name), state)
        if towns:
            return [replace(town, match=town.match if name in names else DOUBTFUL) for town in towns]
    if not written.state and len(written.parts) == 1 and not written.is_address:
        return store.towns_spelled(name_key(written.parts[0]))
    return []
