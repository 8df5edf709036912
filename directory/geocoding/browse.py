"""The towns of a state for browsing, and their slugs in URLs."""

from typing import Final

from directory.geocoding import place_rows
from directory.geocoding.names import MAX_TEXT_LENGTH, name_key, name_words
from directory.geocoding.place import Place
from directory.geocoding.store import Store

MAX_TOWNS_PER_STATE: Final = 5_000
"""The most towns listed for one state; arbitrary, several times the towns of the state with the most."""

_TWIN_SEPARATOR: Final = "-near-"
"""In a slug, separates a town from the larger town near it, to distinguish towns of the same name."""


def towns_in_state(store: Store, state: str) -> tuple[Place, ...]:
    """Return all towns of a state (two-letter code), largest first; none for an unknown state."""
    return tuple(place_rows.town_place(town) for town in store.largest_of(state, MAX_TOWNS_PER_STATE))


def town_by_slug(store: Store, state: str, slug: str) -> Place | None:
    """Return the town with that slug, or the only town with that spelling; None if there is none."""
    if len(slug) > MAX_TEXT_LENGTH:
        return None
    towns = [
        place_rows.town_place(town) for town in store.towns_spelled(name_key(slug.partition(_TWIN_SEPARATOR)[0]), state)
    ]
    return next((town for town in towns if town_slug(town) == slug), towns[0] if len(towns) == 1 else None)


def town_slug(town: Place) -> str:
    """Return the slug of a town, unique in its state."""
    return "-".join(name_words(town.label.replace(f", {town.state}", "", 1)))
