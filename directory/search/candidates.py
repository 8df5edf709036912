"""Locations that may be among the nearest: in the order of their miles, and asked for their words only when wanted."""

import numpy as np

from directory.geography.point import Point
from directory.search.packing import Entries, miles_from
from directory.search.query import After
from directory.search.reading import LOOKED_UP, Reader
from directory.search.statements import ALL

ROUNDING = 1e-6
"""Miles by which arrays and single numbers may differ: far more than they do."""


class Candidates:
    """What was read around a place, of which `wanted` listings are looked for.

    Whether a location holds all words that are asked for is looked up one after the other. Where that would be, or
    turns out to be, more work than to read under those words as well, these are read.
    """

    def __init__(self, reader: Reader, origin: Point, entries: Entries, wanted: int) -> None:
        self.reader, self.origin = reader, origin
        self._entries, self._miles = entries, miles_from(origin, entries)
        self._start = 0
        self._lookups = reader.lookups_expected(wanted)
        self._may_be_read = bool(reader.others)
        self._are_worded = not reader.others and not reader.spelt

    def keep(self, radius: float, after: After | None) -> None:
        """Drop those that lie beyond the radius or were gone past, and put the others in order."""
        inside = self._miles <= radius + ROUNDING
        if after:
            inside &= self._miles >= after.miles - ROUNDING
        order = np.flatnonzero(inside)[np.argsort(self._miles[inside], kind="stable")]
        self._entries, self._miles = self._entries[order], self._miles[order]
        if self._may_be_read and self._lookups > LOOKED_UP < len(order):
            self._read_words(self._lookups)

    def any_within(self, miles: float) -> bool:
        """Whether any that is left is so near."""
        return self._start < len(self._miles) and bool(self._miles[self._start] <= miles + ROUNDING)

    def taken(self, many: int) -> Entries:
        """Those of the next so many that hold all words."""
        worth_looking_up = max(LOOKED_UP, 2 * self._lookups) - self._start
        if self._may_be_read and worth_looking_up <= 0:
            self._read_words(ALL)
        elif self._may_be_read:
            many = min(many, worth_looking_up)
        some = self._entries[self._start : self._start + many]
        self._start += many
        return some if self._are_worded else self.reader.worded(some)

    def _read_words(self, most: int) -> None:
        """Ask all that are left for their words at once, unless that takes more than so many tiles."""
        rest, whole = self.reader.narrowed(self._entries[self._start :], most)
        if whole:
            self._entries, self._miles = rest, miles_from(self.origin, rest)
            self._start, self._may_be_read = 0, False
            self._are_worded = not self.reader.spelt
