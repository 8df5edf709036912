"""The count pyramid of one key: squares of the map, how much lies in each, and when a square is worth quartering."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from directory.search.cells import ZOOM
from directory.search.keys import ENDLESS, FACETS
from directory.search.packing import Entries, Numbers, ends, facet_ends, facet_table

SPLIT = 256
"""A square with more locations has its quarters counted, too; about as many as a tile holds."""

_PREFIX_BITS = 2 * ZOOM
_ZOOM_BITS = 5
FACETS_TYPE = np.dtype("<u4")
"""How the counts of a node's facts are stored."""


def node_id(key: int, zoom: int, prefix: int) -> int:
    """The number of a square under a key: `prefix` is the part of a Morton code that all of the square share."""
    return (key << (_PREFIX_BITS + _ZOOM_BITS)) | (zoom << _PREFIX_BITS) | prefix


def square_of_node(node: int) -> tuple[int, int, int]:
    """The key, the zoom and the prefix of a node."""
    zoom = node >> _PREFIX_BITS & ((1 << _ZOOM_BITS) - 1)
    return node >> (_PREFIX_BITS + _ZOOM_BITS), zoom, node & ((1 << _PREFIX_BITS) - 1)


def paths(keys: Numbers, codes: Numbers) -> Numbers:
    """The nodes of all squares that hold each code under its key, a row each: from the whole map to the finest."""
    zooms = np.arange(ZOOM + 1)
    prefixes = codes[:, None] >> (2 * (ZOOM - zooms))
    found: Numbers = keys.astype(np.int64)[:, None] << (_PREFIX_BITS + _ZOOM_BITS) | zooms << _PREFIX_BITS | prefixes
    return found


def in_order(keys: Numbers, codes: Numbers) -> Numbers:
    """One number for each key and code, greater where the key is, or the code under one key."""
    places: Numbers = keys.astype(np.int64) << _PREFIX_BITS | codes
    return places


def bounds_of(nodes: Numbers) -> tuple[Numbers, Numbers]:
    """The first place of each node in the order of `in_order`, and the first one past it."""
    keys, zooms = nodes >> (_PREFIX_BITS + _ZOOM_BITS), nodes >> _PREFIX_BITS & ((1 << _ZOOM_BITS) - 1)
    prefixes, shift = nodes & ((1 << _PREFIX_BITS) - 1), 2 * (ZOOM - zooms)
    starts = in_order(keys, prefixes << shift)
    return starts, starts + (1 << shift)


def codes_under(zoom: int, prefix: int) -> tuple[int, int]:
    """The first and last code of a square."""
    shift = 2 * (ZOOM - zoom)
    return prefix << shift, ((prefix + 1) << shift) - 1


def micro(degrees: Numbers) -> Numbers:
    """Whole millionths of a degree, which add up the same in any order."""
    return np.rint(degrees * 1e6).astype(np.int64)


class Node(NamedTuple):
    """The row of a square under a key, but for the generation; see `tables.search_nodes`."""

    node: int
    locations: int
    lat_sum: int
    lon_sum: int
    counts_until: int
    facets_until: int
    facets: bytes


@dataclass(frozen=True, slots=True)
class Sums:
    """What is stored of some nodes, one array a column; `facets` has a row of `FACETS` counts for each."""

    locations: Numbers
    lat: Numbers
    lon: Numbers
    counts_until: Numbers
    facets_until: Numbers
    facets: Numbers

    @classmethod
    def nothing(cls, many: int) -> "Sums":
        """Of squares that hold nothing."""
        locations, lat, lon = (np.zeros(many, np.int64) for _ in range(3))
        counts_until, facets_until = (np.full(many, ENDLESS, np.int64) for _ in range(2))
        return cls(locations, lat, lon, counts_until, facets_until, np.zeros((many, FACETS), np.int64))

    def gather(self, into: Numbers, parts: "Sums") -> None:
        """Add each of the parts to the node whose number `into` gives, in ascending order."""
        if len(into):
            starts = np.append(0, np.flatnonzero(into[1:] != into[:-1]) + 1)
            for name in Sums.__slots__:
                add, own = _ADD[name], getattr(self, name)
                own[into[starts]] = add(own[into[starts]], add.reduceat(getattr(parts, name), starts, dtype=own.dtype))

    def taken(self, numbers: Numbers) -> "Sums":
        """Those of some numbers, in their order."""
        return Sums(*(getattr(self, column)[numbers] for column in Sums.__slots__))

    def rows(self, numbers: Numbers) -> Iterator[Node]:
        """All nodes as they are stored; `numbers` are their ids."""
        facets, size = self.facets.astype(FACETS_TYPE).tobytes(), FACETS * FACETS_TYPE.itemsize
        return map(
            Node,
            numbers.tolist(),
            self.locations.tolist(),
            self.lat.tolist(),
            self.lon.tolist(),
            self.counts_until.tolist(),
            self.facets_until.tolist(),
            (facets[start : start + size] for start in range(0, len(facets), size)),
        )


_ADD = {name: np.minimum if name.endswith("until") else np.add for name in Sums.__slots__}
"""How the columns of several nodes come to that of one."""


class Sliced(Protocol):
    """Entries, of which some are asked for at a time."""

    def __getitem__(self, part: slice, /) -> Entries:
        """Those of a run of places."""


def sums(entries: Sliced, key: int, bounds: Numbers) -> Sums:
    """What each run of entries comes to: from each of the bounds to the next one, of which the first is 0."""
    total = Sums.nothing(len(bounds) - 1)
    # Some runs at a time: all entries, and a table of all their facts, would not fit into memory.
    for first in range(0, len(bounds) - 1, 64):
        last = min(first + 64, len(bounds) - 1)
        some = entries[bounds[first] : bounds[last]]
        starts = bounds[first:last] - bounds[first]
        total.locations[first:last] = np.diff(bounds[first : last + 1])
        total.lat[first:last] = np.add.reduceat(micro(some["lat"]), starts)
        total.lon[first:last] = np.add.reduceat(micro(some["lon"]), starts)
        total.counts_until[first:last] = np.minimum.reduceat(ends(some, key), starts)
        total.facets_until[first:last] = np.minimum.reduceat(facet_ends(some), starts)
        total.facets[first:last] = np.add.reduceat(facet_table(some), starts, axis=0, dtype=np.int64)
    return total


@dataclass(frozen=True, slots=True)
class _Level:
    """The squares of one zoom: where the entries of each begin, how many they are, and in which square they lie."""

    zoom: int
    prefixes: Numbers
    starts: Numbers
    counts: Numbers
    parents: Numbers

    @property
    def crowded(self) -> Numbers:
        """Which of them are quartered."""
        return self.counts > SPLIT if self.zoom < ZOOM else np.zeros(len(self.counts), bool)


def nodes(codes: Numbers, entries: Sliced, key: int, zoom: int = 0, prefix: int = 0) -> Iterator[Node]:
    """Every node from one square down; nothing where there are no entries.

    Args:
        codes: of the entries, in their order.
        entries: all that lie in the square under the key, in the order of their codes.
        key: under which they are counted.
        zoom: of the square; the whole map if not given.
        prefix: of the square.
    """
    if not len(codes):
        return
    levels = _levels(codes, zoom, prefix)
    leaf_starts = np.concatenate([level.starts[~level.crowded] for level in levels])
    order = np.argsort(leaf_starts)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    leaves = sums(entries, key, np.append(leaf_starts[order], len(codes)))
    below: tuple[_Level, Sums] | None = None
    seen = len(leaf_starts)
    for level in reversed(levels):
        total = Sums.nothing(len(level.starts))
        own = np.flatnonzero(~level.crowded)
        seen -= len(own)
        total.gather(own, leaves.taken(place[seen : seen + len(own)]))
        if below:
            total.gather(below[0].parents, below[1])
        yield from total.rows(node_id(key, level.zoom, 0) | level.prefixes)
        below = level, total


def _levels(codes: Numbers, zoom: int, prefix: int) -> list[_Level]:
    zero = np.zeros(1, np.int64)
    levels = [_Level(zoom, np.array([prefix]), zero, np.array([len(codes)]), zero)]
    while levels[-1].crowded.any():
        above = levels[-1]
        parents = np.repeat(np.flatnonzero(above.crowded), 4)
        quarters = above.prefixes[parents] * 4 + np.tile(np.arange(4), len(parents) // 4)
        shift = 2 * (ZOOM - above.zoom - 1)
        starts, lasts = np.searchsorted(codes, quarters << shift), np.searchsorted(codes, quarters + 1 << shift)
        held = lasts > starts
        levels.append(_Level(above.zoom + 1, quarters[held], starts[held], (lasts - starts)[held], parents[held]))
    return levels
