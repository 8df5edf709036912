"""Looks up text that contains a ZIP code, and reports when the ZIP code and the town disagree."""

from collections.abc import Sequence
from typing import Final

from directory.geocoding.names import name_key
from directory.geocoding.parser import ParsedQuery, candidate_town_names
from directory.geocoding.place import Place
from directory.geocoding.place_rows import named_zip_place, plausible_town, town_place, zip_place
from directory.geocoding.results import Ambiguous, Found, LookupResult
from directory.geocoding.store import DOUBTFUL, OTHER_NAME, Store, TownRow, ZipRow
from directory.geocoding.us_states import STATES, find_state, state_of_zip

MAX_CANDIDATES: Final = 3
"""Towns offered besides the ZIP code."""


def look_up_zips(store: Store, zips: Sequence[str]) -> LookupResult | None:
    """Ask which of several ZIP codes is meant; None if none is known."""
    places = tuple(zip_place(row.digits, row) for zip_code in zips if (row := store.postal(zip_code)))
    if not places:
        return None
    count = "two" if len(zips) == 2 else f"{len(zips)}"
    named = " and ".join([", ".join(zips[:-1]), zips[-1]])
    if len(places) == 1:
        return Ambiguous(places, f"You typed {count} ZIPs, {named}. We know only {places[0].postal_code}.")
    return Ambiguous(places, f"You typed {count} ZIPs, {named}. Which do you mean?")


def look_up_zip(store: Store, written: ParsedQuery, towns: Sequence[TownRow]) -> LookupResult | None:
    """Return the ZIP code with the town typed, or both to choose from if they are far apart; None if unknown.

    `towns` have the name typed, in the state typed or, without one, in the ZIP code's state.
    """
    zip_code = written.zip_code or ""
    row = store.postal(zip_code) or store.prefix(zip_code)
    if row is not None and row.state != state_of_zip(zip_code):
        row = None
    if row is None:
        return Found(town_place(towns[0])) if len(towns) == 1 and written.state and towns[0].match < DOUBTFUL else None
    if written.state and written.state != row.state:
        sentence = f"ZIP {zip_code} is in {STATES[row.state]}, not in {STATES[written.state]}. Which do you mean?"
        return _ambiguous_result(zip_code, row, towns, sentence)
    if not written.state and written.parts and not plausible_town(row, towns):
        name = towns[0].name if towns and len(written.parts) == 1 and written.is_address else written.parts[-1]
        towns = store.towns_spelled(name_key(name)) or towns
        if not towns and (state := find_state(name)):
            sentence = f"ZIP {zip_code} is in {STATES[row.state]}, not in {STATES[state]}. Do you mean it?"
            return _ambiguous_result(zip_code, row, (), sentence)
    return _match_town(written, row, towns)


def _match_town(written: ParsedQuery, row: ZipRow, towns: Sequence[TownRow]) -> LookupResult:
    zip_code = written.zip_code or ""
    town = plausible_town(row, towns)
    if town:
        return Found(named_zip_place(zip_code, row, town))
    # What was not typed as a town's own name contradicts nothing.
    if towns and towns[0].match < OTHER_NAME:
        name = towns[0].name if written.is_address else candidate_town_names(written)[0]
        typed = f"{name}, {towns[0].state}" if written.state else name
        return _ambiguous_result(zip_code, row, towns, f"ZIP {zip_code} is not in {typed}. Which do you mean?")
    left_out = written.parts[-1] if written.state and written.parts and not written.is_address and not towns else ""
    note = f"We do not know “{left_out}”, so this is ZIP {zip_code}." if left_out else ""
    return Found(zip_place(zip_code, row), note=note)


def _ambiguous_result(zip_code: str, row: ZipRow, towns: Sequence[TownRow], sentence: str) -> Ambiguous:
    named = [town for town in towns if town.match < DOUBTFUL]
    places: list[Place] = [zip_place(zip_code, row), *(town_place(town) for town in named[:MAX_CANDIDATES])]
    return Ambiguous(tuple(places), sentence)
