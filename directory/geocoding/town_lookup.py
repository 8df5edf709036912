"""Looks up the name of a town, a state, or an area such as a county, with or without its state."""

from collections.abc import Sequence
from typing import Final

from directory.geocoding.names import name_key
from directory.geocoding.parser import ParsedQuery, candidate_town_names
from directory.geocoding.place import Place
from directory.geocoding.place_rows import area_place, row_point, town_place
from directory.geocoding.results import Ambiguous, Found, LookupResult
from directory.geocoding.store import OTHER_NAME, OWN_NAME, QUARTER, AreaRow, Store, TownRow
from directory.geocoding.us_states import STATES, find_state
from directory.geography.point import miles_between

MAX_CANDIDATES: Final = 8
"""Places in one result, the best included; more do not help to choose."""
MIN_STATE_NAMESAKE_POPULATION: Final = 100_000
"""People who type "New York" or "Washington" mean the city; people who type "California" do not mean a village."""
SAME_PLACE_MILES: Final = 5.0
PART_MARGIN_MILES: Final = 8.0
"""A part of a town lies within the town's own miles plus these: "Dorchester, Boston"."""

AMBIGUITY_RATIO: Final = 0.5
""""Portland" means the one in Oregon; if another town has at least half the population, as for Springfield, we ask."""
SURE_RATIO: Final = 5
"""Within one state, a name means a town only if it has this many times the people of its namesakes."""


def look_up_in_state(store: Store, written: ParsedQuery) -> LookupResult | None:
    """Look up a name with a state: one place, or several of the same name to choose from."""
    for name in candidate_town_names(written):
        answer = _name_in_state(store, written, name)
        if answer:
            return answer
    return None


def _name_in_state(store: Store, written: ParsedQuery, name: str) -> LookupResult | None:
    state = written.state or ""
    towns, areas = store.towns_spelled(name_key(name), state), store.areas_spelled(name_key(name), state)
    if areas and (not towns or towns[0].match != OWN_NAME):
        return _areas_result(areas, name)
    if not towns:
        return None
    if towns[0].match == OTHER_NAME:
        return _other_name_result(store, towns, name, state)
    hinted = [town for town in towns if written.hint and name_key(town.beside or "") == name_key(written.hint)]
    if len(hinted) == 1:
        return Found(town_place(hinted[0]))
    places = [*town_places(towns), *_quarters(areas, towns)][:MAX_CANDIDATES]
    if len(places) == 1 or (len(places) == len(towns) and towns[0].weight >= SURE_RATIO * towns[1].weight):
        return Found(places[0], tuple(places[1:]))
    return Ambiguous(tuple(places), f"More than one town in {STATES[state]} is called “{name}”.")


def _other_name_result(store: Store, towns: Sequence[TownRow], name: str, state: str) -> Ambiguous:
    """Ask about a town that has the name only beside its own, and offer towns whose names begin with it."""
    longer = [town for town in store.towns_opening(name_key(name), state, MAX_CANDIDATES) if town not in towns]
    return Ambiguous(
        town_places([*towns, *longer]), f"“{name}” can mean more than one place in {STATES[state]}. Which do you mean?"
    )


def _areas_result(areas: Sequence[AreaRow], name: str) -> LookupResult:
    best, *others = (area_place(area) for area in areas[:MAX_CANDIDATES])
    if others and not areas[0].weight > SURE_RATIO * areas[1].weight:
        return Ambiguous((best, *others), f"More than one place is called “{name}”. Which do you mean?")
    return Found(best, tuple(others))


def _quarters(areas: Sequence[AreaRow], towns: Sequence[TownRow]) -> list[Place]:
    """Return the parts of cities of a name that are none of the towns and not far smaller than the largest."""
    return [
        area_place(area)
        for area in areas
        if area.kind == QUARTER
        and SURE_RATIO * area.weight > towns[0].weight
        and all(miles_between(row_point(area), row_point(town)) > SAME_PLACE_MILES for town in towns)
    ]


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
    if areas and (not towns or towns[0].match != OWN_NAME):
        return _areas_result(areas, name)
    if not towns:
        return None
    places = [*town_places(towns), *_quarters(areas, towns)][:MAX_CANDIDATES]
    if towns[0].match == OTHER_NAME:
        return Ambiguous(tuple(places), f"“{name}” is another name of {places[0].label}. Do you mean it?")
    abroad = store.find_abroad(name_key(name))
    if abroad and (abroad.weight or 0) > SURE_RATIO * towns[0].weight:
        return Ambiguous(
            tuple(places), f"We list only the United States. Do you mean one of these places called “{name}”?"
        )
    twins = len(towns) > 1 and towns[1].weight >= AMBIGUITY_RATIO * towns[0].weight
    if twins or len(places) > len(towns[:MAX_CANDIDATES]):
        return Ambiguous(tuple(places), f"More than one city is called “{name}”.")
    return Found(places[0], tuple(places[1:]))


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
    return _city_of_unknown_part(written, around)


def _miles_from_city(part: TownRow | AreaRow, cities: Sequence[TownRow | AreaRow]) -> float | None:
    """Return how far a part lies from the nearest of the cities that may hold it; None if none may."""
    near = [
        miles
        for city in cities
        if city.state == part.state
        and (miles := miles_between(row_point(part), row_point(city))) <= city.miles + PART_MARGIN_MILES
    ]
    return min(near, default=None)


def _city_of_unknown_part(written: ParsedQuery, around: Sequence[TownRow | AreaRow]) -> LookupResult:
    """Return the city named after a part that we do not know, and say so; ask if it may be another city."""
    cities = [city for city in around if isinstance(city, TownRow)]
    best, *others = town_places(cities)
    note = f"We do not know “{written.parts[-2]}” there, so this is all of {best.label}."
    if len(cities) > 1 and cities[1].weight >= AMBIGUITY_RATIO * cities[0].weight:
        return Ambiguous((best, *others), f"We do not know “{written.parts[-2]}”. Which city do you mean?")
    return Found(best, tuple(others), note)
