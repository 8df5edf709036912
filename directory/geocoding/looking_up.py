"""Answers a patient's search for a place: found, asked back, or unknown with the nearest spellings."""

import re
from collections.abc import Sequence
from typing import Final

from directory.errors import Fault, Invalid
from directory.geocoding import placing
from directory.geocoding.answers import Ambiguous, Answer, Found, Unknown
from directory.geocoding.names import clean, key
from directory.geocoding.place import Place
from directory.geocoding.reading import Coordinates, Written, coordinates, readings, tails, town_names, zip_first
from directory.geocoding.regions import region_named
from directory.geocoding.store import Store, TownRow
from directory.geocoding.typos import Typos
from directory.geocoding.us_states import MILITARY_PREFIXES, STATES, state_named, state_of_zip
from directory.geocoding.zip_answers import by_zip
from directory.geography.point import miles_between

OFFERED: Final = 8
"""Places in one answer, the best included; more are no help to choose."""
CITY_OF_A_STATES_NAME: Final = 100_000
"""People who type "New York" or "Washington" mean the city; who types "California" means no village."""
BOROUGH_MILES: Final = 20.0
"""A part of a town lies this near to it: "Dorchester, Boston"."""

RIVAL: Final = 0.5
"""Who types "Portland" means the one in Oregon; with a namesake half as large or more, as with Springfield, we ask."""

WHAT_TO_TYPE: Final = "Type a ZIP, or a city and its state, such as 80021 or Westminster, CO."


def at_point(store: Store, where: Coordinates) -> Place:
    """The bare point, told by the town near it."""
    return placing.point_place(store, where)


def look_up(store: Store, typos: Typos, text: str) -> Answer:
    """What the text means.

    Raises:
        Invalid: it cannot be a place at all.
    """
    one_line = clean(text)
    if not any(char.isalnum() for char in one_line):
        raise Invalid([Fault("near", WHAT_TO_TYPE)])
    where = coordinates(one_line)
    if where:
        return Found(at_point(store, where))
    return _zip_then_town(store, one_line) or _by_words(store, typos, one_line)


def _zip_then_town(store: Store, text: str) -> Found | None:
    """For "80021 Westminster", where ZIP and town agree; else the digits may be a house number."""
    split = zip_first(text)
    if split is None:
        return None
    for written in readings(f"{split[1]} {split[0]}"):
        towns = _towns(store, written) if len(written.parts) == 1 else []
        row = store.postal(split[0])
        town = placing.plausible(row, towns) if row else None
        if town and written.state in {None, town.state} and key(written.parts[0]) == key(town.name):
            return Found(placing.named_zip_place(split[0], row, town))
    return None


def _by_words(store: Store, typos: Typos, text: str) -> Answer:
    meanings = readings(text)
    for written in meanings:
        answer = _meaning(store, written)
        if answer:
            return answer
    barest = min(meanings, key=lambda written: (written.state is None, sum(map(len, written.parts))))
    return _unknown(store, typos, text, barest)


def _meaning(store: Store, written: Written) -> Answer | None:
    if written.zip_code:
        return by_zip(store, written, _towns(store, written))
    if not written.parts:
        return None
    if written.state:
        return _in_state(store, written)
    if len(written.parts) > 1 and not written.is_address:
        return _part_of_town(store, written)
    return _name_alone(store, written)


def _towns(store: Store, written: Written) -> list[TownRow]:
    """The towns of the likeliest name that any town bears."""
    state = written.state
    if state is None and written.zip_code:
        state = state_of_zip(written.zip_code)
    for name in town_names(written):
        towns = store.towns_spelled(key(name), state)
        if towns:
            return towns
    if written.zip_code and not written.state and len(written.parts) == 1 and not written.is_address:
        return store.towns_spelled(key(written.parts[0]))
    return []


def _in_state(store: Store, written: Written) -> Answer | None:
    """Name and state: one town, or twins to choose from."""
    for name in town_names(written):
        towns = store.towns_spelled(key(name), written.state)
        region = region_named(name, written.state)
        if region and not _bear(towns, name):
            return Found(placing.region_place(region))
        if written.hint:
            towns = [town for town in towns if key(town.beside or "") == key(written.hint)] or towns
        if len(towns) == 1:
            return Found(placing.town_place(towns[0]))
        if towns:
            return Ambiguous(_places(towns), f"More than one town in {STATES[towns[0].state]} is called “{name}”.")
    return None


def _bear(towns: Sequence[TownRow], name: str) -> bool:
    """Whether the towns were found by their own name, and not by another that they are known under."""
    return bool(towns) and key(towns[0].name) == key(name)


def _places(towns: Sequence[TownRow]) -> tuple[Place, ...]:
    return tuple(placing.town_place(town) for town in towns[:OFFERED])


def _name_alone(store: Store, written: Written) -> Answer | None:
    """A name without a state: the town far larger than its namesakes, or all of them to choose from."""
    names = town_names(written)
    state = state_named(names[0])
    towns = store.towns_spelled(key(names[0]))
    if state and not _outshines_its_state(towns, names[0]):
        return _whole_state(store, state, towns)
    region = region_named(names[0])
    if region and not _bear(towns, names[0]):
        return Found(placing.region_place(region))
    # The tail of "12345 Broadway" is a street, though Virginia has a town of that name.
    if not towns or (written.is_address and len(written.parts) == 1):
        return None
    best, *others = _places(towns)
    if len(towns) > 1 and towns[1].weight >= RIVAL * towns[0].weight:
        return Ambiguous((best, *others), f"More than one city is called “{names[0]}”.")
    return Found(best, tuple(others))


def _outshines_its_state(towns: Sequence[TownRow], name: str) -> bool:
    return _bear(towns, name) and towns[0].weight >= CITY_OF_A_STATES_NAME


def _whole_state(store: Store, state: str, namesakes: Sequence[TownRow]) -> Answer:
    """A state is too large to search around: its largest towns, and the towns of its name."""
    largest = store.largest_of(state, OFFERED)
    if state == "DC":
        return Found(placing.town_place(largest[0]))
    named = [town for town in namesakes if town not in largest][:2]
    offered = [*largest[: OFFERED - len(named)], *named]
    return Ambiguous(_places(offered), f"{STATES[state]} is too large to search around. Choose a city, or type a ZIP.")


def _part_of_town(store: Store, written: Written) -> Answer | None:
    """As in "Dorchester, Boston"; but "London, England" is nowhere in the United States."""
    inner = store.towns_spelled(key(written.parts[0]))
    outer = store.towns_spelled(key(written.parts[-1]))
    for town in inner:
        point = placing.point_of(town)
        if any(miles_between(point, placing.point_of(other)) <= BOROUGH_MILES for other in outer):
            return Found(placing.town_place(town))
    if inner or not outer:
        return None
    best, *others = _places(outer)
    return Found(best, tuple(others))


def _unknown(store: Store, typos: Typos, text: str, written: Written) -> Unknown:
    if written.zip_code and written.zip_code[:3] in MILITARY_PREFIXES:
        return Unknown(text, (), f"{written.zip_code} is a military post office, which lies on no map.")
    digits = re.sub(r"[^0-9]", "", text)
    if digits and not any(char.isalpha() for char in text):
        return _unknown_digits(store, text, digits)
    names = town_names(written)
    if not names:
        return Unknown(text, (), f"We do not know “{text}”. {WHAT_TO_TYPE}")
    namesakes = store.towns_spelled(key(written.parts[0])) if len(written.parts) > 1 else []
    if namesakes and not written.state and not written.is_address:
        sentence = f"We know places in the United States only, and “{written.parts[-1]}” is none of its states."
        return Unknown(text, _places(namesakes), sentence)
    offered = _slips(typos, written, names[0]) or _at_the_end(store, names)
    return Unknown(text, _places(offered), f"We do not know “{text}”. {WHAT_TO_TYPE}")


def _slips(typos: Typos, written: Written, name: str) -> list[TownRow]:
    near = typos.near(key(name), written.state, OFFERED)
    if not near and written.is_address:
        near = typos.near(key(name.rsplit(maxsplit=1)[-1]), written.state, OFFERED)
    return near


def _at_the_end(store: Store, names: Sequence[str]) -> list[TownRow]:
    """Towns of that name in other states, or of the name that ends what was written."""
    return next((towns for name in [*names, *tails(names[0])] if (towns := store.towns_spelled(key(name)))), [])


def _unknown_digits(store: Store, text: str, digits: str) -> Unknown:
    """Four digits may be a ZIP whose first 0 a spreadsheet ate."""
    row = store.postal(digits.zfill(5)) if len(digits) == 4 else None
    offered = (placing.zip_place(row.digits, row),) if row else ()
    return Unknown(text, offered, f"We do not know the ZIP “{text}”. A ZIP has five digits, such as 80021.")
