"""What to say and offer when a text names no place that we know."""

import re
from collections.abc import Sequence
from typing import Final

from directory.geocoding.names import name_key, name_letters
from directory.geocoding.notation import has_code_abroad
from directory.geocoding.parser import (
    ParsedQuery,
    candidate_town_names,
    doubtful_town_names,
    names_after_street,
    parse_query,
)
from directory.geocoding.place_rows import area_place, row_point, zip_place
from directory.geocoding.results import Ambiguous, Unknown
from directory.geocoding.store import OTHER_NAME, Store, TownRow
from directory.geocoding.town_lookup import MAX_CANDIDATES, town_places
from directory.geocoding.typos import FuzzyTownSearch
from directory.geocoding.us_states import MILITARY_PREFIXES, STATES, similar_state
from directory.geography.point import miles_between

INPUT_HINT: Final = "Type a ZIP, or a city and its state, such as 80021 or Westminster, CO."
ONLY_US: Final = "We list only the United States."
MAX_COUNTRY_WORDS: Final = 3
MAX_JOINED_MILES: Final = 60.0
MIN_OPENING: Final = 4
MAX_OPENING: Final = 3
"""Towns whose names begin with a name of so many letters are offered for it."""
MIN_DOUBTFUL: Final = 10_000
"""The least people of a town that is offered only because a text ends with its name."""

_JOINED: Final = re.compile(r"\s*(?:[-/&+;]|\bor\b|\band\b)\s*", re.IGNORECASE)
_MILITARY: Final = re.compile(r"(?:[AFD]PO)(?:[ ,]+(?:A[AEP]|[A-Z]{2}))?", re.IGNORECASE)

_KIND_OF_TOWN: Final = re.compile(
    r"^(?:charter )?(?:township|borough) of "
    r"| (?:charter )?(?:township|twp|borough|boro|village|town|city|county|parish)$",
    re.IGNORECASE,
)


def abroad_result(store: Store, text: str, typed: str) -> Unknown | None:
    """Handle "Tijuana, Mexico", "Cancun" and "Toronto M5G 1X8": a country, a province or a large city abroad."""
    if has_code_abroad(typed):
        return Unknown(text, (), ONLY_US)
    words = typed.replace(",", " ").replace(".", "").split()
    for length in range(min(MAX_COUNTRY_WORDS, len(words)), 0, -1):
        place = store.find_abroad(name_key(" ".join(words[-length:])))
        if place and place.weight is None:
            first = name_key(typed.partition(",")[0] if "," in typed else " ".join(words[:-length]))
            return Unknown(text, town_places(store.towns_spelled(first) if first else []), ONLY_US)
    city = name_key(typed.partition(",")[0])
    return Unknown(text, (), ONLY_US) if store.find_abroad(city) and not store.towns_spelled(city) else None


def look_up_joined(store: Store, meanings: Sequence[ParsedQuery]) -> Ambiguous | None:
    """Ask which is meant of "Denver or Boulder" and "Raleigh-Durham": towns of one state, near each other."""
    written = next((written for written in meanings if written.state), meanings[-1])
    names = [name.strip() for name in _JOINED.split(written.parts[-1])] if written.parts else []
    if len(names) < 2 or written.is_address:
        return None
    pieces = [parse_query(name)[0] for name in names]
    if not all(piece.parts for piece in pieces):
        return None
    towns = [store.towns_spelled(name_key(piece.parts[-1]), piece.state or written.state) for piece in pieces]
    first = next((town for town in towns[0] if all(_near(town, others) for others in towns)), None)
    if first is None:
        return None
    nearest = [min(others, key=lambda other: _miles(first, other)) for others in towns]
    return Ambiguous(town_places(nearest), f"“{written.parts[-1]}” names more than one city. Which do you mean?")


def _miles(town: TownRow, other: TownRow) -> float:
    return miles_between(row_point(town), row_point(other))


def _near(town: TownRow, others: Sequence[TownRow]) -> bool:
    return any(_miles(town, other) <= MAX_JOINED_MILES for other in others)


def offer_similar(store: Store, text: str, written: ParsedQuery) -> Ambiguous | None:
    """Offer what may be meant: "Hamilton" for "Hamilton Township", a county, the end of an address."""
    if not written.parts or written.zip_code:
        return None
    name = written.parts[-1]
    shorter = _KIND_OF_TOWN.sub("", name)
    towns = _own_names(store, shorter, written.state) if shorter != name else []
    if not towns and written.state and any(char.isdigit() for char in name):
        towns = _first_spelled(store, doubtful_town_names(written), written.state)
    elif not towns and written.state and len(shorter) >= MIN_OPENING:
        towns = store.towns_opening(name_key(shorter), written.state, MAX_OPENING)
    areas = store.areas_spelled(name_key(f"{shorter} county"), written.state)
    places = (*town_places(towns), *map(area_place, areas))
    return Ambiguous(places[:MAX_CANDIDATES], f"We do not know “{text}”. Do you mean this?") if places else None


def _own_names(store: Store, name: str, state: str | None) -> list[TownRow]:
    return [town for town in store.towns_spelled(name_key(name), state) if town.match != OTHER_NAME]


def _first_spelled(store: Store, names: Sequence[str], state: str | None) -> list[TownRow]:
    return next((towns for name in names if (towns := store.towns_spelled(name_key(name), state))), [])


def unknown_result(store: Store, typos: FuzzyTownSearch, text: str, written: ParsedQuery) -> Unknown:
    """Return the sentence that fits, with towns of similar names, those of the same state first."""
    if _is_military(text, written):
        return Unknown(text, (), f"{written.zip_code or text} is a military post office, which lies on no map.")
    if any(char.isdigit() for char in text) and not any(char.isalpha() for char in text):
        return _unknown_zip(store, text, text)
    names = candidate_town_names(written)
    if names and names[0].isdigit() and written.state:
        return _unknown_zip(store, text, names[0], written.state)
    if not names:
        return Unknown(text, (), f"We do not know “{text}”. {INPUT_HINT}")
    state = None if written.state else similar_state(written.parts[-1])
    if state:
        return _misspelled_state(store, text, written, state)
    return _similar_towns(store, typos, text, written)


def _misspelled_state(store: Store, text: str, written: ParsedQuery, state: str) -> Unknown:
    known = store.towns_spelled(name_key(written.parts[-2]), state) if len(written.parts) > 1 else []
    offered = town_places(known or store.largest_of(state, MAX_CANDIDATES))
    return Unknown(text, offered, f"We do not know “{written.parts[-1]}”. Do you mean {STATES[state]}?")


def _similar_towns(store: Store, typos: FuzzyTownSearch, text: str, written: ParsedQuery) -> Unknown:
    namesakes = store.towns_spelled(name_key(written.parts[0])) if len(written.parts) > 1 else []
    if namesakes and not written.state and not written.is_address:
        return Unknown(text, town_places(namesakes), f"{ONLY_US} “{written.parts[-1]}” is none of its states.")
    names = candidate_town_names(written)
    elsewhere = _first_spelled(store, names, None) or [
        town for town in _first_spelled(store, _last_names(written), None) if town.weight >= MIN_DOUBTFUL
    ]
    if not (elsewhere and written.is_address and not written.state):
        similar = _towns_with_typos(typos, written, names[0])
        elsewhere = list(dict.fromkeys([*similar, *elsewhere]))
    return Unknown(text, town_places(elsewhere), f"We do not know “{text}”. {INPUT_HINT}")


def _last_names(written: ParsedQuery) -> list[str]:
    """Return the last words of the text; in "1 Fairview Ave N Seattle" the direction may belong to the street."""
    after = names_after_street(written.parts[-1]) if written.is_address and not written.state else []
    split = (name.partition(" ") for name in after)
    return [*doubtful_town_names(written), *(rest for first, _, rest in split if rest and len(first.strip(".")) == 1)]


def _is_military(text: str, written: ParsedQuery) -> bool:
    in_range = written.zip_code is not None and written.zip_code[:3] in MILITARY_PREFIXES
    return in_range or bool(_MILITARY.fullmatch(text.strip(" .")))


def _towns_with_typos(typos: FuzzyTownSearch, written: ParsedQuery, name: str) -> list[TownRow]:
    names = [name, *names_after_street(name), *doubtful_town_names(written)] if written.is_address else [name]
    for one in names:
        near = typos.near(name_key(one), written.state, MAX_CANDIDATES)
        if near:
            return near
    return typos.abbreviated(name_letters(name), written.state, MAX_CANDIDATES) if written.state else []


def _unknown_zip(store: Store, text: str, typed: str, state: str | None = None) -> Unknown:
    """Handle digits that are no known ZIP code: a leading 0 may be missing, a space too many, or a digit."""
    digits = re.sub(r"[^0-9]", "", typed)
    row = store.postal(digits.zfill(5) if len(digits) == 4 else digits[:5])
    offered = (zip_place(row.digits, row),) if row and state in {None, row.state} else ()
    return Unknown(text, offered, f"We do not know the ZIP “{text}”. A ZIP has five digits, such as 80021.")
