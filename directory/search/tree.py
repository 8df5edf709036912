"""The count pyramid of one key: squares of the map, how much lies in each, and when a square is worth quartering."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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


def prefix_of(code: int, zoom: int) -> int:
    """What a code shares with all others in its square of that zoom."""
    return code >> (2 * (ZOOM - zoom))


def path(key: int, code: int) -> list[int]:
    """The nodes of all squares that hold the code, from the whole map to the finest."""
    return [node_id(key, zoom, prefix_of(code, zoom)) for zoom in range(ZOOM + 1)]


def codes_under(zoom: int, prefix: int) -> tuple[int, int]:
    """The first and last code of a square."""
    shift = 2 * (ZOOM - zoom)
    return prefix << shift, ((prefix + 1) << shift) - 1


def micro(degrees: Numbers) -> Numbers:
    """Whole millionths of a degree, which add up the same in any order."""
    return np.rint(degrees * 1e6).astype(np.int64)


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
        """Add each of the parts to the node whose number `into` gives."""
        np.minimum.at(self.counts_until, into, parts.counts_until)
        np.minimum.at(self.facets_until, into, parts.facets_until)
        for name in ("locations", "lat", "lon", "facets"):
            np.add.at(getattr(self, name), into, getattr(parts, name))

    def scatter(self, out_of: Numbers, parts: "Sums") -> None:
        """Take each of the parts away; the ends stay as they are."""
        for name in ("locations", "lat", "lon", "facets"):
            np.subtract.at(getattr(self, name), out_of, getattr(parts, name))

    def taken(self, numbers: Numbers) -> "Sums":
        """Those of some numbers, in their order."""
        return Sums(*(getattr(self, column)[numbers] for column in Sums.__slots__))

    def row(self, number: int, node: int) -> dict[str, Any]:
        """The columns of one node."""
        return {
            "node": node,
            "locations": int(self.locations[number]),
            "lat_sum": int(self.lat[number]),
            "lon_sum": int(self.lon[number]),
            "counts_until": int(self.counts_until[number]),
            "facets_until": int(self.facets_until[number]),
            "facets": self.facets[number].astype(FACETS_TYPE).tobytes(),
        }


def sums(entries: Entries, key: int, starts: Numbers) -> Sums:
    """What each run of entries comes to; the runs begin at `starts`, the first at 0, and follow one another."""
    bounds = np.append(starts, len(entries))
    facets = np.zeros((len(starts), FACETS), np.int64)
    # Some runs at a time: a table of the facts of all entries would not fit into memory.
    for first in range(0, len(starts), 64):
        last = min(first + 64, len(starts))
        table = facet_table(entries[bounds[first] : bounds[last]])
        facets[first:last] = np.add.reduceat(table, bounds[first:last] - bounds[first], axis=0, dtype=np.int64)
    return Sums(
        np.diff(bounds),
        np.add.reduceat(micro(entries["lat"]), starts),
        np.add.reduceat(micro(entries["lon"]), starts),
        np.minimum.reduceat(ends(entries, key), starts),
        np.minimum.reduceat(facet_ends(entries), starts),
        facets,
    )


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


def nodes(entries: Entries, key: int, zoom: int = 0, prefix: int = 0) -> Iterator[dict[str, Any]]:
    """The columns of every node from one square down; nothing where there are no entries.

    Args:
        entries: all that lie in the square under the key, in the order of their codes.
        key: under which they are counted.
        zoom: of the square; the whole map if not given.
        prefix: of the square.
    """
    if not len(entries):
        return
    levels = _levels(entries["code"], zoom, prefix)
    leaf_starts = np.concatenate([level.starts[~level.crowded] for level in levels])
    order = np.argsort(leaf_starts)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    leaves = sums(entries, key, leaf_starts[order])
    below: tuple[_Level, Sums] | None = None
    seen = len(leaf_starts)
    for level in reversed(levels):
        total = Sums.nothing(len(level.starts))
        own = np.flatnonzero(~level.crowded)
        seen -= len(own)
        total.gather(own, leaves.taken(place[seen : seen + len(own)]))
        if below:
            total.gather(below[0].parents, below[1])
        for number, square in enumerate(level.prefixes.tolist()):
            yield total.row(number, node_id(key, level.zoom, square))
        below = level, total


def _levels(codes: Numbers, zoom: int, prefix: int) -> list[_Level]:
    zero = np.zeros(1, np.int64)
    levels = [_Level(zoom, np.array([prefix]), zero, np.array([len(codes)]), zero)]
    members = np.arange(len(codes))
    while levels[-1].crowded.any():
        above = levels[-1]
        members = members[np.repeat(above.crowded, above.counts)]
        squares = codes[members] >> (2 * (ZOOM - above.zoom - 1))
        firsts = np.append(0, np.flatnonzero(squares[1:] != squares[:-1]) + 1)
        parent_prefixes = above.prefixes[above.crowded]
        parents = np.flatnonzero(above.crowded)[np.searchsorted(parent_prefixes, squares[firsts] >> 2)]
        counts = np.diff(np.append(firsts, len(members)))
        levels.append(_Level(above.zoom + 1, squares[firsts], members[firsts], counts, parents))
    return levels
