"""Evaluates the filters of a search on a segment, as a bitmap of rows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from directory.search import filters
from directory.search.filter_types import Filter, NumberFilter
from directory.search.filters import Filters
from directory.search.segment import Array, Bitmap, Segment, bitmap_of, pack
from directory.search.tokenizer import PREFIX_LENGTH


class SegmentReader:
    """A segment without the listings that changed since; those are in another segment."""

    def __init__(self, segment: Segment, changed: Sequence[int] = ()) -> None:
        self.segment = segment
        self.valid: Bitmap = segment.valid
        if len(changed):
            rows = segment.rows_of_listings(np.array(changed, np.int64))
            self.valid = segment.valid & ~bitmap_of(rows, len(segment))
        self._lasting: dict[str, tuple[int, Bitmap]] = {}

    def lasting(self, column: str | None, moment: int) -> Bitmap:
        """Return the rows whose time in `column` has not passed at `moment`; all valid rows if `column` is None."""
        if column is None:
            return self.valid
        rows = self.segment.lasting(column, moment)
        known = self._lasting.get(column)
        if known is None or known[0] != len(rows):
            known = self._lasting[column] = (len(rows), bitmap_of(rows, len(self.segment)))
        return known[1]

    def match(self, asked: Filters, moment: int) -> Bitmap:
        """Return the rows that satisfy all filters at a moment (microseconds since 1970)."""
        words = self.valid.copy()
        for name, value in asked.items():
            each = filters.declared(name)
            if name != "q":
                words &= self._holds(each, value)
                if each.ends_with:
                    words &= self.lasting(each.ends_with, moment)
        for term in asked.words:
            words &= bitmap_of(self.rows_with(term), len(self.segment))
        return words

    def _holds(self, each: Filter, value: Any) -> Bitmap:
        """Return the rows that satisfy a filter, regardless of when they expire."""
        fact = (each.name, "1" if value is True else f"{Decimal(str(value)):f}" if _is_number(value) else str(value))
        number = self.segment.fact_number.get(fact)
        if number is not None:
            return self.segment.facts[number]  # type: ignore[no-any-return]  # rows of an Any array
        if isinstance(each, NumberFilter):
            return pack(each.holds(self.segment.columns[f"number_{each.name}"], np.float32(value)))
        return np.zeros_like(self.valid)

    def rows_with(self, term: str, *, whole: bool = False) -> Array:
        """Return the rows that contain a word; from `PREFIX_LENGTH` letters on, it also matches as a prefix."""
        prefix = len(term) >= PREFIX_LENGTH and not whole
        return self.segment.postings(*self.segment.words.span(term, prefix=prefix))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
