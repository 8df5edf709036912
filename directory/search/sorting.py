"""Sorts more locations than fit into memory: by key, and under each key by place."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from directory.search.packing import ENTRY, Entries, Filed, Numbers

AT_ONCE = 500_000
"""Locations, or pairs of a key and a location, that are in memory at a time; arbitrary, some ten megabytes."""

_KEY_SHIFT = np.uint64(32)
_NUMBER = np.uint64(2**32 - 1)


class Run:
    """The locations under one key, by code and then by id; each is read when it is needed."""

    def __init__(self, entries: Entries, pairs: Numbers) -> None:
        self._entries = entries
        self._numbers = pairs & _NUMBER

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, part: slice) -> Entries:
        found: Entries = self._entries[self._numbers[part]]
        return found

    @property
    def codes(self) -> Numbers:
        """The codes of all of them."""
        codes: Numbers = self._entries["code"][self._numbers]
        return codes


class Sorter:
    """Locations on their way into tiles: kept in files of a folder as they come, and given back key by key.

    The locations are sorted by place once, so that under each key their numbers need only be in order. The files are
    mapped, and the system keeps as much of them in memory as there is room; 30 bytes a location always are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken = 0

    def take(self, entries: Entries, keys: Sequence[bytes]) -> None:
        """Put each entry under its keys, which are packed as `KEYS_TYPE`."""
        filed = Filed.of(entries, keys)
        pairs = filed.keys.astype(np.uint64) << _KEY_SHIFT | (filed.numbers + self._taken).astype(np.uint64)
        self._taken += len(entries)
        for name, some in (("entries", entries), ("pairs", pairs)):
            with (self._folder / name).open("ab") as file:
                file.write(some.tobytes())

    def runs(self) -> Iterator[tuple[int, Run]]:
        """Each key with its locations, once and after all were taken."""
        if not self._taken:
            return
        entries, places = self._by_place()
        pairs: Numbers = np.memmap(self._folder / "pairs", np.uint64, "r+").view(np.ndarray)
        for start in range(0, len(pairs), AT_ONCE):
            some = pairs[start : start + AT_ONCE]
            some[:] = some & ~_NUMBER | places[some & _NUMBER]
        del places
        pairs.sort()
        start = 0
        while start < len(pairs):
            end = int(np.searchsorted(pairs, pairs[start] | _NUMBER, side="right"))
            yield int(pairs[start] >> _KEY_SHIFT), Run(entries, pairs[start:end])
            start = end

    def _by_place(self) -> tuple[Entries, Numbers]:
        """All locations in the order of their codes and ids, and where each of them came to be."""
        taken: Entries = np.memmap(self._folder / "entries", ENTRY, "r").view(np.ndarray)
        order = np.lexsort((taken["location"], taken["code"]))
        with (self._folder / "sorted").open("wb") as file:
            for start in range(0, len(order), AT_ONCE):
                file.write(taken[order[start : start + AT_ONCE]].tobytes())
        places = np.empty(len(order), np.uint64)
        places[order] = np.arange(len(order))
        (self._folder / "entries").unlink()
        return np.memmap(self._folder / "sorted", ENTRY, "r").view(np.ndarray), places
