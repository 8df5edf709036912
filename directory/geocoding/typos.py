"""Fuzzy search: finds towns whose names differ from the text by a typo."""

import re
import threading
from bisect import bisect_left
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.geocoding.store import Store, TownRow

MAX_EDITS: Final = 3
LETTERS_PER_EDIT: Final = 4
"""A name of eight letters may have two typos; a lower ratio would match too many other towns."""
MIN_KEY_LENGTH: Final = 4
MIN_KEY_WITH_STATE: Final = 6
"""Within one state there are few names, so a name of this many letters may have one typo more."""
MAX_KEY_LENGTH: Final = 40
MAX_MATCHES: Final = 60


def max_edits(key: str) -> int:
    """Return how many letters of a name of this length may be wrong, missing, extra or transposed."""
    return max(1, min(MAX_EDITS, len(key) // LETTERS_PER_EDIT))


class FuzzyTownSearch:
    """A fuzzy index of all town names, loaded on first use."""

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
        """Return the towns with the fewest edits first, larger ones first among equals."""
        if not MIN_KEY_LENGTH <= len(key) <= MAX_KEY_LENGTH:
            return []
        self._read()
        matches = process.extract(
            key,
            self._keys.get(state, []),
            scorer=OSA.distance,
            score_cutoff=max_edits(key) + (state is not None and len(key) >= MIN_KEY_WITH_STATE),
            limit=MAX_MATCHES,
        )
        ranked = sorted(
            (slips, -weight, number) for match, slips, _ in matches for weight, number in self._bearers[state, match]
        )
        return self._store.towns([number for _, _, number in ranked[:limit]])

    def abbreviated(self, letters: str, state: str, limit: int) -> list[TownRow]:
        """Return the largest towns of the state whose names hold these letters in their order: "colospgs"."""
        if not MIN_KEY_LENGTH <= len(letters) <= MAX_KEY_LENGTH:
            return []
        self._read()
        keys = self._keys.get(state, [])
        first, last = bisect_left(keys, letters[0]), bisect_left(keys, letters[0] + "\x7f")
        held = re.compile(".*".join(letters))
        found = [key for key in keys[first:last] if held.match(key)]
        ranked = sorted((-weight, number) for key in found for weight, number in self._bearers[state, key])
        return self._store.towns([number for _, number in ranked[:limit]])
