"""Looks up the name of a town, a state, or an area such as a county, with or without its state."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from directory.geocoding.names import name_key
from directory.geocoding.parser import ParsedQuery, candidate_town_names
from directory.geocoding.place import Place
from directory.geocoding.place_rows import area_place, row_point, town_label, town_place
from directory.geocoding.results import Ambiguous, Found, LookupResult
from directory.geocoding.store import OTHER_NAME, OTHER_SPELLING, OWN_NAME, QUARTER, AreaRow, Store, TownRow
from directory.geocoding.us_states import STATES, find_state
from directory.geography.point import miles_between

MAX_CANDIDATES: Final = 8
"""Places in one result, the best included; more do not help to choose."""
MIN_STATE_NAMESAKE_POPULATION: Final = 100_000
"""People who type "New York" or "Washington" mean the city; people who type "California" do not mean a village."""
SAME_PLACE_MILES: Final = 5.0
PART_MARGIN_MILES: Final = 8.0
"""A part of a town lies within the town's own miles plus these: "Dorchester, Boston"."""
MIN_DIVIDED_CITY: Final = 20_000
"""The least people of a city that is taken for the one of which an unknown part was named."""

AMBIGUITY_RATIO: Final = 0.5
""""Portland" means the one in Oregon; if another town has at least half the population, as for Springfield, we ask."""
SURE_RATIO: Final = 5
"""Within one state, a name means a town only if it has this many times the people of its namesakes."""
SURE_QUARTER_RATIO: Final = 50
"""Cities have quarters of the same names, of which only some are known."""
MAX_AREA_MILES: Final = 40.0
"""An area of a larger radius is too wide to search around, as a state is."""
WIDE_AREA_RINGS: Final = 2


def look_up_in_state(store: Store, written: ParsedQuery) -> LookupResult | None:
    """Look up a name with a state: one place, or several of the same name to choose from."""
    for name in candidate_town_names(written):
        answer = _name_in_state(store, written, name)
        if answer:
            return answer
    return None


def _name_in_state(store: Store, written: ParsedQuery, name: str) -> LookupResult | None:
    state, key = written.state or "", name_key(name)
    towns, areas = store.towns_spelled(key, state), store.areas_spelled(key, state)
    named: list[TownRow | AreaRow] = [*towns, *areas]
    hinted = [row for row in named if written.hint and _landmark(row) == name_key(written.hint)]
    if len({type(row) for row in hinted}) == len(hinted) > 0:
        return Found(_row_place(hinted[0]))
    townships = _other_townships(store, f"{key}township", state, towns)
    if townships and not areas and (not towns or SURE_RATIO * townships[0].weight > towns[0].weight):
        offered = [*towns, *townships]
        return Ambiguous(town_places(offered), f"Do you mean {' or '.join(map(town_label, offered[:2]))}?")
    if towns and towns[0].match == OTHER_NAME and not areas:
        return _other_name_result(store, towns, name, state)
    return _choose(store, towns, areas, name, f"More than one town in {STATES[state]} is called “{name}”.", SURE_RATIO)


def _landmark(row: TownRow | AreaRow) -> str:
    """Return the key of the town by which a label tells the row from its namesakes."""
    return name_key((row.town if isinstance(row, AreaRow) else row.beside) or "")


def _other_townships(store: Store, key: str, state: str, towns: Sequence[TownRow]) -> list[TownRow]:
    """Return the townships of that name that are none of the towns: Cranberry is not Cranberry Township."""
    return [
        township
        for township in store.towns_spelled(key, state)
        if township.match == OWN_NAME
        and all(miles_between(row_point(township), row_point(town)) > town.miles for town in towns)
    ]


def _other_name_result(store: Store, towns: Sequence[TownRow], name: str, state: str) -> Ambiguous:
    """Ask about a town that has the name only beside its own, and offer towns whose names begin with it."""
    longer = [town for town in store.towns_opening(name_key(name), state, MAX_CANDIDATES) if town not in towns]
    if len(towns) == 1 and not longer:
        return Ambiguous(town_places(towns), f"“{name}” is another name of {town_label(towns[0])}. Do you mean it?")
    return Ambiguous(
        town_places([*towns, *longer]), f"“{name}” can mean more than one place in {STATES[state]}. Which do you mean?"
    )


def _choose(
    store: Store, towns: Sequence[TownRow], areas: Sequence[AreaRow], name: str, sentence: str, ratio: float
) -> LookupResult | None:
    """Return the town or area that has enough more people than all others of its name, otherwise ask."""
    known = [town for town in towns if town.match != OTHER_NAME]
    others = [area for area in areas if not any(_is_same_place(area, town) for town in known)]
    rows: list[TownRow | AreaRow] = [*known, *others] or [*areas]
    ranked = sorted(rows, key=lambda row: -row.weight)
    if not ranked:
        return None
    places = tuple(_row_place(row) for row in ranked[:MAX_CANDIDATES])
    if len(ranked) > 1:
        needed = max(_ratio_for(row, ratio) for row in ranked[:2])
        if ranked[0].weight <= needed * ranked[1].weight:
            return Ambiguous(
                places, sentence if known else f"More than one place is called “{name}”. Which do you mean?"
            )
    best = ranked[0]
    if isinstance(best, AreaRow) and best.miles > MAX_AREA_MILES:
        return _wide_area_result(store, best, places[1:])
    respelled = isinstance(best, TownRow) and best.match == OTHER_SPELLING
    return Found(places[0], places[1:], f"Showing {places[0].label}." if respelled else "")


def _ratio_for(row: TownRow | AreaRow, ratio: float) -> float:
    if isinstance(row, TownRow):
        return ratio
    return SURE_QUARTER_RATIO if row.kind == QUARTER else SURE_RATIO


def _row_place(row: TownRow | AreaRow) -> Place:
    return area_place(row) if isinstance(row, AreaRow) else town_place(row)


def _is_same_place(area: AreaRow, town: TownRow) -> bool:
    """Return whether an area is a town of its name, and not a region in which the town is one of many."""
    near = miles_between(row_point(area), row_point(town)) <= max(SAME_PLACE_MILES, area.miles)
    return near and (area.miles <= 2 * town.miles or area.weight <= SURE_RATIO * town.weight)


def _wide_area_result(store: Store, area: AreaRow, others: Sequence[Place]) -> Ambiguous:
    around = store.towns_around(area.lat, area.lon, WIDE_AREA_RINGS)
    inside = [
        town
        for town in around
        if town.state == area.state and miles_between(row_point(area), row_point(town)) <= area.miles
    ]
    largest = sorted(inside, key=lambda town: -town.weight)[: MAX_CANDIDATES - 1 - len(others[:1])]
    middle = area_place(area)
    places = (replace(middle, label=f"{middle.label} (near {area.town})"), *town_places(largest), *others[:1])
    return Ambiguous(places, f"{area.name} is wide. Choose a city in it, or search around its middle.")


def town_places(towns: Sequence[TownRow]) -> tuple[Place, ...]:
    """Return the places for the towns, as many as may be offered."""
    return tuple(town_place(town) for town in towns[:MAX_CANDIDATES])


def look_up_name(store: Store, written: ParsedQuery) -> LookupResult | None:
    """Look up a name without a state: the place if it is far larger than its namesakes, otherwise all of them."""
    names = candidate_town_names(written)
    state = find_state(names[0])
    towns = store.towns_spelled(name_key(names[0]))
    if state and not (towns and towns[0].match == OWN_NAME and towns[0].weight >= MIN_STATE_NAMESAKE_POPULATION):
        return None if written.is_address else state_result(store, state, towns)
    for name in names[1:] if written.is_address and len(written.parts) == 1 else names[:1]:
        answer = _one_name(store, name)
        if answer:
            return answer
    return None


def _one_name(store: Store, name: str) -> LookupResult | None:
    towns, areas = store.towns_spelled(name_key(name)), store.areas_spelled(name_key(name))
    if towns and towns[0].match == OTHER_NAME and not areas:
        return Ambiguous(town_places(towns), f"“{name}” is another name of {town_label(towns[0])}. Do you mean it?")
    abroad = store.find_abroad(name_key(name))
    if towns and abroad and (abroad.weight is None or abroad.weight > SURE_RATIO * towns[0].weight):
        return Ambiguous(
            town_places(towns), f"We list only the United States. Do you mean one of these places called “{name}”?"
        )
    larger = [
        town
        for town in store.towns_spelled(name_key(name), match=OTHER_SPELLING)
        if towns and towns[0].match == OWN_NAME and AMBIGUITY_RATIO * town.weight > towns[0].weight
    ]
    if larger and not areas:
        sentence = f"“{name}” may be another spelling of {town_label(larger[0])}. Which do you mean?"
        return Ambiguous(town_places([*larger, *towns]), sentence)
    return _choose(store, towns, areas, name, f"More than one city is called “{name}”.", 1 / AMBIGUITY_RATIO)


def state_result(store: Store, state: str, namesakes: Sequence[TownRow]) -> LookupResult:
    """Offer the largest towns of a state and the towns of its name; a state is too large to search around."""
    largest = store.largest_of(state, MAX_CANDIDATES)
    if state == "DC":
        return Found(town_place(largest[0]))
    named = [town for town in namesakes if town not in largest][:2]
    offered = [*largest[: MAX_CANDIDATES - len(named)], *named]
    return Ambiguous(
        town_places(offered), f"{STATES[state]} is too large to search around. Choose a city, or type a ZIP."
    )


def look_up_part_of_town(store: Store, written: ParsedQuery) -> LookupResult | None:
    """Look up "Dorchester, Boston"; "London, England" does not match, because it is not in the United States."""
    inner, outer = (name_key(part) for part in (written.parts[-2], written.parts[-1]))
    around: list[TownRow | AreaRow] = [
        town for town in store.towns_spelled(outer, written.state) if town.match != OTHER_NAME
    ]
    around += store.areas_spelled(outer, written.state)
    quarters = [area for area in store.areas_spelled(inner, written.state) if area.kind == QUARTER]
    for rows in (quarters, store.towns_spelled(inner, written.state)):
        near = [(miles, row) for row in rows if (miles := _miles_from_city(row, around)) is not None]
        if near:
            row = min(near, key=lambda found: found[0])[1]
            return Found(area_place(row) if isinstance(row, AreaRow) else town_place(row))
    if written.state or store.find_abroad(outer) or not around or isinstance(around[0], AreaRow):
        return None
    return _city_of_unknown_part(store, written, around)


def _miles_from_city(part: TownRow | AreaRow, cities: Sequence[TownRow | AreaRow]) -> float | None:
    """Return how far a part lies from the nearest of the cities that may hold it; None if none may."""
    near = [
        miles
        for city in cities
        if city.state == part.state
        and (miles := miles_between(row_point(part), row_point(city))) <= city.miles + PART_MARGIN_MILES
    ]
    return min(near, default=None)


def _city_of_unknown_part(store: Store, written: ParsedQuery, around: Sequence[TownRow | AreaRow]) -> LookupResult:
    """Return the city named after a part that we do not know, and say so; ask if it may be another city."""
    cities = [city for city in around if isinstance(city, TownRow)]
    part = written.parts[-2]
    named = [town for town in store.towns_spelled(name_key(part)) if town.match == OWN_NAME]
    if named and SURE_RATIO * named[0].weight > cities[0].weight:
        places = (*town_places(named[:2]), *town_places(cities))[:MAX_CANDIDATES]
        return Ambiguous(places, f"“{part}” and “{written.parts[-1]}” may each be a city. Which do you mean?")
    best, *others = town_places(cities)
    twins = len(cities) > 1 and cities[1].weight >= AMBIGUITY_RATIO * cities[0].weight
    if twins or cities[0].weight < MIN_DIVIDED_CITY:
        return Ambiguous((best, *others), f"We do not know “{part}”. Which city do you mean?")
    return Found(best, tuple(others), f"We do not know “{part}” there, so this is all of {best.label}.")
