"""Evaluates the filters of a search on a segment, as a bitmap of rows."""

from datetime import datetime

import numpy as np

from directory.search import filters
from directory.search.filter_types import NumberFilter
from directory.search.filters import Filters
from directory.search.segment import Bitmap, Segment, bitmap_of, pack
from directory.search.tokenizer import PREFIX_LENGTH


def match(segment: Segment, asked: Filters, now: datetime) -> Bitmap:
    """Return the rows that satisfy all filters at the time `now`."""
    words = segment.valid.copy()
    for name, value in asked.items():
        each = filters.declared(name)
        words &= segment.lasting(each.ends_with, now)
        if isinstance(each, NumberFilter):
            words &= pack(each.holds(segment.columns[f"number_{name}"], np.float32(value)))
        elif each.choices:
            words &= segment.facts[segment.fact_number[name, "1" if value is True else value]]
    for term in asked.words:
        words &= bitmap_of(segment.rows_with(term, prefix=len(term) >= PREFIX_LENGTH), len(segment))
    return words
