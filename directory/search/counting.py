"""How many listings match within a circle, as far as is worth counting, and for how many of them each fact holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from directory.geography.point import Point, miles_between
from directory.search.candidates import ROUNDING
from directory.search.cells import EVERYWHERE, HALF_ROUND_MILES, ZOOM, Range, merged
from directory.search.keys import ANY, COPIES, FACETS, SEVERAL, ends_with
from directory.search.packing import Entries, Numbers, facet_counts, in_ranges, listings_among, miles_from
from directory.search.reading import Reader
from directory.search.squares import NO_SQUARES, Circle, Squares
from directory.search.statements import ALL
from directory.search.tree import FACETS_TYPE, SPLIT, node_id

MOST = 1000
"""Up to so many a count is exact whatever is asked: nobody weighs 1,200 against 1,300."""

DENSE = 2 * SPLIT
"""A square with more locations has its quarters looked at; the locations of others are read."""

WORTH_READING = 150_000
"""Locations that are all read, if need be, to count what no square counts."""

READ = 320
"""Tiles that are read of more: some 60,000 locations."""

RESCUED = 640
"""Tiles that are read under the keys of facts of which too few were met among those."""

MANY_COPIES = 6000
"""Locations of listings with several that are read to count each listing once; of more, only where it matters."""


class Count(NamedTuple):
    """How many listings; at least so many if not `complete`, because they were too many to count."""

    listings: int
    complete: bool = True


@dataclass(slots=True)
class Tally:
    """Listings counted: `listings` of them, and for how many each fact holds, by the fact's number.

    Not `complete` where there was too much to read: then what is below `MOST` may be more, and so may `listings`.
    """

    listings: int
    facets: Numbers
    complete: bool = True

    @property
    def count(self) -> Count:
        """How many, without the facets."""
        return Count(self.listings, self.complete)


def tally(reader: Reader, origin: Point, miles: float, *, facets: bool) -> Tally:
    """Count what matches within so many miles.

    One filter is counted by the squares of its pyramid, and so is a second one, if facets are not asked for; of
    more, what stands under the rarest is read, as far as it need be.
    """
    fact = counted_fact(reader, facets=facets)
    if fact is None:
        return _of_entries(reader, origin, miles, facets=facets)
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
    if miles >= HALF_ROUND_MILES and not unknown and reader.copies > MANY_COPIES and fact == reader.key:
        return _of_whole_map(look)
    if reader.copies:
        _count_each_once(look, circle)
    return Tally(look.listings, look.facets)


def counted_fact(reader: Reader, *, facets: bool) -> int | None:
    """The number of the one fact that the pyramid of the reader's key has to count; None where that does not do."""
    key = reader.key
    asked = {condition.key for condition in reader.scope.conditions} - {key}
    exact = all(condition.exact for condition in reader.scope.conditions)
    if key is None or reader.others or reader.spelt or not exact or len(asked) > (0 if facets else 1):
        return None
    return next(iter(asked), key)


def _of_entries(reader: Reader, origin: Point, miles: float, *, facets: bool) -> Tally:
    """Count what is read: all of it, or so much that hardly any count is still below `MOST`."""
    ranges = reader.few(Circle.of(origin, miles).ranges)
    entries, whole = reader.some(ranges, READ if reader.driver.total > WORTH_READING else ALL)
    counted = _each_listing_once(_inside(entries, origin, miles), reader.scope.at)
    counted.complete = whole
    if whole or not facets:
        return counted
    if counted_fact(reader, facets=False) is not None:
        counted.listings = tally(reader, origin, miles, facets=False).listings
    elif counted.listings < MOST:
        return counted
    scarce = np.flatnonzero(counted.facets < np.minimum(_at_most(reader), MOST)).tolist()
    for number, (found, all_of_it) in reader.under(
        [] if reader.others or reader.spelt else scarce, ranges, RESCUED
    ).items():
        if all_of_it:
            there = _inside(found, origin, miles)
            counted.facets[number] = len(there) - len(_repeated(there))
            scarce.remove(number)
    counted.complete = not scarce
    return counted


def _at_most(reader: Reader) -> Numbers:
    """As many as each fact can hold for: as many as it and any one filter hold for on the whole map."""
    rows = reader.nodes(node_id(condition.key, 0, 0) for condition in reader.scope.conditions)
    facets = [np.frombuffer(row.facets, FACETS_TYPE) for row in rows.values()]
    most: Numbers = np.min([np.full(FACETS, MOST), *facets], axis=0)
    return most


def _each_listing_once(entries: Entries, at: int) -> Tally:
    """Count the listings that have a location among the entries."""
    again = entries[_repeated(entries)]
    return Tally(len(entries) - len(again), facet_counts(entries, at) - facet_counts(again, at))


def _repeated(entries: Entries) -> Numbers:
    """The numbers of the entries of which the listing has one before them."""
    several = np.flatnonzero(entries["facts"] & np.uint64(1 << SEVERAL))
    listings = entries["listing"][several]
    order = np.argsort(listings, kind="stable")
    again: Numbers = several[order[1:][listings[order[1:]] == listings[order[:-1]]]]
    return again


def _inside(entries: Entries, origin: Point, miles: float) -> Entries:
    """Those in the circle; what is nearly on its edge is decided as the hits are."""
    if miles >= HALF_ROUND_MILES:
        return entries
    far = miles_from(origin, entries)
    inside = far <= miles - ROUNDING
    for number in np.flatnonzero(np.abs(far - miles) < ROUNDING):
        place = Point(entries["lat"][number].item(), entries["lon"][number].item())
        inside[number] = miles_between(origin, place) <= miles
    return entries if inside.all() else entries[inside]


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
    again = entries[_repeated(entries)]
    look.listings -= len(again)
    look.facets -= facet_counts(again, look.reader.scope.at)


def _of_whole_map(look: _Look) -> Tally:
    """The same for all there are under one key, of which too many belong to listings with several to read them.

    All locations of a listing hold the same facts, so that those that are not its first were counted too often. Of
    each fact there are no more of them than in the whole index; where that leaves `MOST`, it is enough.
    """
    reader, facets = look.reader, look.facets
    again = {number: row.locations - row.listings for number, row in reader.totals(range(FACETS)).items()}
    scarce = [number for number, more in again.items() if more and 0 < facets[number] < MOST + more]
    for key, (there, _) in reader.under([number + COPIES for number in scarce], EVERYWHERE).items():
        facets[key - COPIES] -= len(there) - listings_among(there)
    return Tally(reader.listings, facets)
