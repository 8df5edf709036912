"""How many listings match within a circle, exactly, and for how many of them each fact holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from directory.geography.point import Point, miles_between
from directory.search.cells import HALF_ROUND_MILES, ZOOM, Range, merged
from directory.search.keys import ANY, FACETS, ends_with
from directory.search.nearest import ROUNDING
from directory.search.packing import Entries, Numbers, facet_counts, in_ranges, miles_from
from directory.search.reading import Reader
from directory.search.squares import NO_SQUARES, Circle, Squares
from directory.search.tree import FACETS_TYPE, SPLIT, node_id

DENSE = 2 * SPLIT
"""A square with more locations has its quarters looked at; the locations of others are read."""


@dataclass(slots=True)
class Tally:
    """Listings counted: `listings` of them, and for how many each fact holds, by the fact's number."""

    listings: int
    facets: Numbers


def tally(reader: Reader, origin: Point, miles: float, *, facets: bool) -> Tally:
    """Count what matches within so many miles.

    One filter is counted by the squares of its pyramid, and so is a second one, if facets are not asked for; of
    more, all that stands under the rarest is read.
    """
    fact = counted_fact(reader, facets=facets)
    if fact is None:
        return _of_entries(reader, origin, miles)
    if fact == reader.key and not facets and miles >= HALF_ROUND_MILES and ends_with(fact) is None:
        return Tally(reader.listings, np.zeros(FACETS, np.int64))
    circle = Circle.of(origin, miles)
    look = _Look(reader, reader.key or ANY, fact, facets or fact != reader.key, origin, miles)
    look.at_squares(circle)
    unknown = merged(look.unknown)
    if unknown:
        entries = _inside(in_ranges(reader.entries(unknown), unknown), origin, miles)
        look.listings += len(entries)
        look.facets += facet_counts(entries, reader.scope.at)
    if reader.copies:
        _count_each_once(look, circle)
    return Tally(look.listings, look.facets)


def counted_fact(reader: Reader, *, facets: bool) -> int | None:
    """The number of the one fact that the pyramid of the reader's key has to count; None where that does not do."""
    key = reader.key
    asked = {condition.key for condition in reader.scope.conditions} - {key}
    exact = all(condition.exact for condition in reader.scope.conditions)
    if key is None or reader.others or not exact or len(asked) > (0 if facets else 1):
        return None
    return next(iter(asked), key)


def _of_entries(reader: Reader, origin: Point, miles: float) -> Tally:
    entries = _inside(reader.entries(reader.few(Circle.of(origin, miles).ranges)), origin, miles)
    first = np.unique(entries["listing"], return_index=True)[1]
    return Tally(len(first), facet_counts(entries[first], reader.scope.at))


def _inside(entries: Entries, origin: Point, miles: float) -> Entries:
    """Those in the circle; what is nearly on its edge is decided as the hits are."""
    far = miles_from(origin, entries)
    inside = far <= miles - ROUNDING
    for number in np.flatnonzero(np.abs(far - miles) < ROUNDING):
        place = Point(entries["lat"][number].item(), entries["lon"][number].item())
        inside[number] = miles_between(origin, place) <= miles
    return entries[inside]


@dataclass(slots=True)
class _Look:
    """A walk down the pyramid: what its squares count for sure, and the codes that are left to be read."""

    reader: Reader
    key: int
    fact: int
    by_facets: bool
    origin: Point
    miles: float
    listings: int = 0
    facets: Numbers = field(default_factory=lambda: np.zeros(FACETS, np.int64))
    unknown: list[Range] = field(default_factory=list)

    def at_squares(self, circle: Circle) -> None:
        """Look at the squares of the circle, then at the quarters of those that are dense and not counted yet."""
        inner, rim = list(circle.inner), circle.rim
        while len(rim) or any(map(len, inner)):
            nodes = self.reader.nodes(number for squares in (*inner, rim) for number in self._numbers(squares))
            inner = [self._dense(squares, nodes, whole=True).quarters for squares in inner if len(squares)]
            if dense := self._dense(rim, nodes, whole=False):
                inside, rim = dense.quarters.lying(self.origin, self.miles)
                inner.append(inside)
            else:
                rim = NO_SQUARES

    def _numbers(self, squares: Squares) -> list[int]:
        return [node_id(self.key, squares.zoom, prefix) for prefix in squares.prefixes.tolist()]

    def _dense(self, squares: Squares, nodes: Mapping[int, Any], *, whole: bool) -> Squares:
        """Count what lies wholly inside and note the codes of sparse squares; the rest is to be quartered."""
        dense = []
        for number, prefix, codes in zip(self._numbers(squares), squares.prefixes, squares.codes, strict=True):
            node = nodes.get(number)
            if whole and node is not None and self._is_fresh(node):
                self._count(node)
            elif node is not None and node.locations > DENSE and squares.zoom < ZOOM:
                dense.append(prefix)
            else:
                self.unknown.append(codes)
        return Squares(squares.zoom, np.array(dense, np.int64))

    def _is_fresh(self, node: Any) -> bool:
        """Whether nothing has ended of what is counted."""
        until = min(node.counts_until, node.facets_until) if self.by_facets else node.counts_until
        return bool(until >= self.reader.scope.at)

    def _count(self, node: Any) -> None:
        if self.by_facets:
            self.facets += np.frombuffer(node.facets, FACETS_TYPE)
        own = self.fact == self.key
        self.listings += node.locations if own else int(np.frombuffer(node.facets, FACETS_TYPE)[self.fact])


def _count_each_once(look: _Look, circle: Circle) -> None:
    """Take away what a listing with several locations in the circle was counted too often."""
    entries = _inside(look.reader.several(circle.ranges), look.origin, look.miles)
    again = np.ones(len(entries), bool)
    again[np.unique(entries["listing"], return_index=True)[1]] = False
    look.listings -= int(again.sum())
    look.facets -= facet_counts(entries[again], look.reader.scope.at)
