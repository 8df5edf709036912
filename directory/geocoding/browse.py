"""The towns of a state for browsing, and their slugs in URLs."""

from typing import Final

from directory.geocoding import place_rows
from directory.geocoding.names import MAX_TEXT_LENGTH, name_key, name_words
from directory.geocoding.place import Place
from directory.geocoding.store import Store

MAX_TOWNS_PER_STATE: Final = 5_000
"""Of a state; arbitrary, several times the towns of the state that has the most."""

_TWIN_SEPARATOR: Final = "-near-"
"""Between a town and the larger one beside it, by which two of one name are told apart."""


def towns_in_state(store: Store, state: str) -> tuple[Place, ...]:
    """All towns of a state by its two letters, the largest first; none where there is no such state."""
    return tuple(place_rows.town_place(town) for town in store.largest_of(state, MAX_TOWNS_PER_STATE))


def town_by_slug(store: Store, state: str, slug: str) -> Place | None:
    """The town of that name in an address, or the only one that is also spelled so; None where there is none."""
    if len(slug) > MAX_TEXT_LENGTH:
        return None
    towns = [
        place_rows.town_place(town) for town in store.towns_spelled(name_key(slug.partition(_TWIN_SEPARATOR)[0]), state)
    ]
    return next((town for town in towns if town_slug(town) == slug), towns[0] if len(towns) == 1 else None)


def town_slug(town: Place) -> str:
    """The name of a town in an address, of which no other town of its state has the same."""
    return "-".join(name_words(town.label.replace(f", {town.state}", "", 1)))
