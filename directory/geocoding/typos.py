"""Finds towns whose names are a slip of the finger away from what was typed."""

import threading
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.geocoding.store import Store, TownRow

MOST_SLIPS: Final = 3
LETTERS_PER_SLIP: Final = 4
"""A name of eight letters may have two slips in it; a shorter distance would offer every other town."""
SHORTEST_KEY: Final = 4
LONGEST_KEY: Final = 40
CONSIDERED: Final = 60


def slips_allowed(key: str) -> int:
    """How many letters may be wrong, missing, doubled or swapped in a name of this length."""
    return max(1, min(MOST_SLIPS, len(key) // LETTERS_PER_SLIP))


class Typos:
    """The names of all towns, read when the first slip is looked up."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._keys: dict[str | None, list[str]] = {}
        self._bearers: dict[tuple[str | None, str], list[tuple[int, int]]] = {}

    def _read(self) -> None:
        with self._lock:
            if self._keys:
                return
            keys: dict[str | None, dict[str, None]] = {None: {}}
            for key, state, number, weight in self._store.names():
                for where in (None, state):
                    keys.setdefault(where, {})[key] = None
                    self._bearers.setdefault((where, key), []).append((weight, number))
            self._keys = {where: list(found) for where, found in keys.items()}

    def near(self, key: str, state: str | None, limit: int) -> list[TownRow]:
        """The towns with the fewest slips first, the larger first among equals."""
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            return []
        self._read()
        matches = process.extract(
            key,
            self._keys.get(state, []),
            scorer=OSA.distance,
            score_cutoff=slips_allowed(key),
            limit=CONSIDERED,
        )
        ranked = sorted(
            (slips, -weight, number) for match, slips, _ in matches for weight, number in self._bearers[state, match]
        )
        return self._store.towns([number for _, _, number in ranked[:limit]])
