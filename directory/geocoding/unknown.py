"""What to say and offer when a text names no place that we know."""

import re
from collections.abc import Sequence
from typing import Final

from directory.geocoding.names import name_key
from directory.geocoding.parser import ParsedQuery, candidate_town_names, doubtful_town_names
from directory.geocoding.place_rows import area_place, zip_place
from directory.geocoding.results import Ambiguous, Unknown
from directory.geocoding.store import Store, TownRow
from directory.geocoding.town_lookup import MAX_CANDIDATES, town_places
from directory.geocoding.typos import FuzzyTownSearch
from directory.geocoding.us_states import MILITARY_PREFIXES

INPUT_HINT: Final = "Type a ZIP, or a city and its state, such as 80021 or Westminster, CO."
ONLY_US: Final = "We list only the United States."
MAX_COUNTRY_WORDS: Final = 3

_KIND_OF_TOWN: Final = re.compile(
    r"^(?:charter )?(?:township|borough) of | (?:charter )?(?:township|twp|borough|boro|village|town|city)$",
    re.IGNORECASE,
)


def abroad_result(store: Store, text: str, typed: str) -> Unknown | None:
    """Handle "Tijuana, Mexico" and "London UK": the text ends in a country, or in a province of Canada."""
    words = typed.replace(",", " ").replace(".", "").split()
    for length in range(min(MAX_COUNTRY_WORDS, len(words)), 0, -1):
        place = store.find_abroad(name_key(" ".join(words[-length:])))
        if place and place.weight is None:
            first = name_key(typed.partition(",")[0] if "," in typed else " ".join(words[:-length]))
            return Unknown(text, town_places(store.towns_spelled(first) if first else []), ONLY_US)
    return None


def offer_similar(store: Store, text: str, written: ParsedQuery) -> Ambiguous | None:
    """Offer what may be meant in the state: "Hamilton" for "Hamilton Township", a county, the end of an address."""
    if not written.state or not written.parts or written.zip_code:
        return None
    name = written.parts[-1]
    shorter = _KIND_OF_TOWN.sub("", name)
    towns = store.towns_spelled(name_key(shorter), written.state) if shorter != name else []
    if not towns and any(char.isdigit() for char in name):
        towns = _first_spelled(store, doubtful_town_names(written), written.state)
    areas = store.areas_spelled(name_key(f"{name} county"), written.state)
    places = (*town_places(towns), *map(area_place, areas))
    return Ambiguous(places[:MAX_CANDIDATES], f"We do not know “{text}”. Do you mean this?") if places else None


def _first_spelled(store: Store, names: Sequence[str], state: str | None) -> list[TownRow]:
    return next((towns for name in names if (towns := store.towns_spelled(name_key(name), state))), [])


def unknown_result(store: Store, typos: FuzzyTownSearch, text: str, written: ParsedQuery) -> Unknown:
    """Return the sentence that fits, with towns of similar names, those of the same state first."""
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
        return Unknown(text, town_places(namesakes), f"{ONLY_US} “{written.parts[-1]}” is none of its states.")
    offered = _towns_with_typos(typos, written, names[0])
    elsewhere = _first_spelled(store, [*names, *doubtful_town_names(written)], None)
    offered += [town for town in elsewhere if town not in offered]
    return Unknown(text, town_places(offered), f"We do not know “{text}”. {INPUT_HINT}")


def _towns_with_typos(typos: FuzzyTownSearch, written: ParsedQuery, name: str) -> list[TownRow]:
    near = typos.near(name_key(name), written.state, MAX_CANDIDATES)
    if not near and written.is_address:
        near = typos.near(name_key(name.rsplit(maxsplit=1)[-1]), written.state, MAX_CANDIDATES)
    return near


def _unknown_zip(store: Store, text: str, digits: str) -> Unknown:
    """Handle digits that are no known ZIP code; four digits may be one whose leading 0 a spreadsheet removed."""
    row = store.postal(digits.zfill(5)) if len(digits) == 4 else None
    offered = (zip_place(row.digits, row),) if row else ()
    return Unknown(text, offered, f"We do not know the ZIP “{text}”. A ZIP has five digits, such as 80021.")
