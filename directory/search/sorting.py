"""Sorts more locations than fit into memory by key and place, through files."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from directory.search.keys import COPIES, WORDS
from directory.search.packing import ENTRY, KEYS_TYPE, Entries, Numbers
from directory.search.tree import nodes

HEAPS = 32
"""Files over which the words are spread, so that each fits into memory; arbitrary. A fact has a file of its own."""

_STORED = np.dtype([("key", KEYS_TYPE), ("entry", ENTRY)])


class Sorter:
    """Locations on their way into tiles: spread over the files of a folder by their keys, then sorted file by file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, entries: Entries, keys: Iterable[Numbers]) -> None:
        """Put each entry under its keys."""
        each = list(keys)
        stored = np.empty(sum(map(len, each)), _STORED)
        stored["key"] = np.concatenate([np.zeros(0, KEYS_TYPE), *each])
        stored["entry"] = np.repeat(entries, [len(some) for some in each])
        heaps = np.where(stored["key"] < WORDS, stored["key"], WORDS + stored["key"] % HEAPS)
        order = np.argsort(heaps, kind="stable")
        stored, heaps = stored[order], heaps[order]
        bounds = [0, *(np.flatnonzero(heaps[1:] != heaps[:-1]) + 1).tolist(), len(heaps)]
        for first, last in itertools.pairwise(bounds):
            if last > first:
                with (self._folder / str(heaps[first])).open("ab") as heap:
                    heap.write(stored[first:last].tobytes())

    def runs(self) -> Iterator[tuple[int, Entries, Iterable[dict[str, Any]]]]:
        """Each key with its entries in the order of their codes, and the nodes that count them; one file in memory."""
        for path in sorted(self._folder.iterdir(), key=lambda path: int(path.name)):
            stored = np.fromfile(path, _STORED)
            path.unlink()
            entry = stored["entry"]
            stored = stored[np.lexsort((entry["location"], entry["code"], stored["key"]))]
            keys, firsts = np.unique(stored["key"], return_index=True)
            lasts = [*firsts[1:].tolist(), len(stored)]
            for key, first, last in zip(keys.tolist(), firsts.tolist(), lasts, strict=True):
                run = np.ascontiguousarray(stored["entry"][first:last])
                yield key, run, nodes(run, key) if key < COPIES else ()
