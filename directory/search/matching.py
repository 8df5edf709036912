"""What one segment contributes to a search: the matching rows, their number, facets, and the order by name."""

from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from directory.geography.point import Point
from directory.search import filters
from directory.search.builder import NAME_LENGTH
from directory.search.filter_types import NumberFilter
from directory.search.filters import Filters
from directory.search.morton import ZOOM
from directory.search.nearest import Nearby
from directory.search.segment import Array, Bitmap, Segment, bitmap_of, bits_of, count, pack, rows_of
from directory.search.tokenizer import PREFIX_LENGTH

WHOLE_NAME, WHOLE_WORDS, PREFIX = range(3)
"""The ranks of a match by name, best first."""


class Matches:
    """The rows of a segment that match.

    `words` satisfy the filters. `inside` are those within `within_miles` of `origin`, or all. `nearby` are `words` as
    seen from the origin.
    """

    def __init__(
        self,
        segment: Segment,
        asked: Filters,
        now: datetime,
        origin: Point | None = None,
        within_miles: float | None = None,
    ) -> None:
        self.segment, self.asked, self.now = segment, asked, now
        self.words = self.inside = match(segment, asked, now)
        if origin is not None:
            self.nearby = Nearby(segment, self.words, origin)
            if within_miles is not None:
                self.inside = self.nearby.inside(within_miles)

    @cached_property
    def listings(self) -> Bitmap:
        """One row of each listing inside."""
        return self.each_once(0)

    def each_once(self, zoom: int) -> Bitmap:
        """Return one row of each listing inside, in each square of the map at `zoom`; zoom 0 is the whole map."""
        segment = self.segment
        by_listing = all(filters.declared(name).field != "city" for name in self.asked.values)
        if by_listing and self.inside is self.words:  # then all locations of a listing match, or none
            return np.asarray(self.words & ~segment.repeats[zoom])
        rows = rows_of(self.inside & segment.multi_location)
        rows = rows[np.argsort(segment.listing[rows], kind="stable")]
        # Rows are in the order of codes, so the rows of a listing in one square are consecutive.
        listings, squares = segment.listing[rows], segment.code[rows] >> 2 * (ZOOM - zoom)
        again = np.flatnonzero((listings[1:] == listings[:-1]) & (squares[1:] == squares[:-1])) + 1
        return np.asarray(self.inside & ~bitmap_of(rows[again], len(segment)))

    def facets(self) -> Array:
        """Return how many of the listings inside have each fact, in the order of `filters.facts`."""
        words = self.listings
        places: Any = np.flatnonzero(words)
        if len(places) * 8 > len(words):
            places = slice(None)  # then faster
        ends = [each.ends_with for each in filters.FILTERS for _ in each.choices]
        lasting = {end: (words & self.segment.lasting(end, self.now))[places] for end in {*ends}}
        return np.array(
            [count(fact[places] & lasting[end]) for fact, end in zip(self.segment.facts, ends, strict=True)]
        )

    def by_name(self, wanted: int) -> list[tuple[int, bytes, int, int]]:
        """Return the first `wanted` listings by rank and name, each once, at its matching location with the lowest id.

        Returns:
            Rank, name, listing id and location id; they are in that order.
        """
        segment, rows = self.segment, rows_of(self.words)
        listings, names = segment.listing[rows], segment.name[rows]
        whole = np.ones(len(rows), bool)
        for term in self.asked.words:
            whole &= bits_of(bitmap_of(segment.rows_with(term, prefix=False), len(segment)), rows)
        # A listing ranks by its best location.
        ranks = np.where(np.isin(listings, listings[whole]), WHOLE_WORDS, PREFIX)
        ranks[names == " ".join(self.asked.words).encode()[:NAME_LENGTH]] = WHOLE_NAME
        order = np.lexsort((segment.location[rows], listings, names, ranks))
        # The locations of a listing have one name and one rank, so they are consecutive.
        order = order[np.diff(listings[order], prepend=-1) != 0][:wanted]
        columns = ranks[order], names[order], listings[order], segment.location[rows[order]]
        return [*zip(*(column.tolist() for column in columns), strict=True)]


def match(segment: Segment, asked: Filters, now: datetime) -> Bitmap:
    """Return the rows that satisfy all filters at the time `now`."""
    words = segment.valid.copy()
    for name, value in asked.values.items():
        each = filters.declared(name)
        words &= segment.lasting(each.ends_with, now)
        if isinstance(each, NumberFilter):
            words &= pack(each.holds(segment.columns[f"number_{name}"], np.float32(value)))
        elif each.choices:
            words &= segment.facts[filters.facts().index((name, value))]
    for term in asked.words:
        words &= bitmap_of(segment.rows_with(term, prefix=len(term) >= PREFIX_LENGTH), len(segment))
    return words
