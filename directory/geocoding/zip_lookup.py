"""Looks up text that contains a ZIP code, and reports when the ZIP code and the town disagree."""

from collections.abc import Sequence

from directory.geocoding.parser import ParsedQuery
from directory.geocoding.place import Place
from directory.geocoding.place_rows import named_zip_place, plausible_town, town_label, town_place, zip_place
from directory.geocoding.results import Ambiguous, Found, LookupResult
from directory.geocoding.store import Store, TownRow, ZipRow
from directory.geocoding.us_states import STATES, state_of_zip

MAX_CANDIDATES = 3
"""Towns offered besides the ZIP code."""


def look_up_zip(store: Store, written: ParsedQuery, towns: Sequence[TownRow]) -> LookupResult | None:
    """Return the ZIP code with the town typed, or both to choose from if they are far apart; None if unknown.

    `towns` have the name typed, in the state typed or, without one, in the ZIP code's state.
    """
    zip_code = written.zip_code or ""
    row = store.postal(zip_code) or store.prefix(zip_code)
    if row is not None and row.state != state_of_zip(zip_code):
        row = None
    if row is None:
        return Found(town_place(towns[0])) if len(towns) == 1 and written.state else None
    if written.state and written.state != row.state:
        sentence = f"ZIP {zip_code} is in {STATES[row.state]}, not in {STATES[written.state]}. Which do you mean?"
        return _ambiguous_result(zip_code, row, towns or store.largest_of(written.state, MAX_CANDIDATES), sentence)
    return _match_town(written, row, towns)


def _match_town(written: ParsedQuery, row: ZipRow, towns: Sequence[TownRow]) -> LookupResult:
    zip_code = written.zip_code or ""
    town = plausible_town(row, towns)
    if town:
        return Found(named_zip_place(zip_code, row, town))
    if towns and not written.is_address:
        return _ambiguous_result(
            zip_code, row, towns, f"ZIP {zip_code} is not in {town_label(towns[0])}. Which do you mean?"
        )
    return Found(zip_place(zip_code, row))


def _ambiguous_result(zip_code: str, row: ZipRow, towns: Sequence[TownRow], sentence: str) -> Ambiguous:
    places: list[Place] = [zip_place(zip_code, row), *(town_place(town) for town in towns[:MAX_CANDIDATES])]
    return Ambiguous(tuple(places), sentence)
