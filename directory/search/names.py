"""Ranks a search by name: the whole name first, then whole words, then prefixes."""

from typing import NamedTuple

import numpy as np

from directory.search.segment import Bitmap, Segment, bitmap_of, bits_of, rows_of

WHOLE_NAME, WHOLE_WORDS, PREFIX = range(3)
"""The ranks of a match, best first."""


class Named(NamedTuple):
    """A listing found by name; ordered by rank, then by name, then by listing id."""

    rank: int
    name: bytes
    listing_id: int
    location_id: int


def by_name(segment: Segment, words: Bitmap, terms: tuple[str, ...], wanted: int) -> list[Named]:
    """Return the first `wanted` matching listings, each once, at its matching location with the lowest id."""
    rows = rows_of(words)
    listings, places = segment.listing[rows], segment.columns["name_place"][rows]
    whole = np.ones(len(rows), bool)
    for term in terms:
        whole &= bits_of(bitmap_of(segment.rows_with(term, prefix=False), len(segment)), rows)
    # A listing ranks by its best location.
    ranks = np.where(np.isin(listings, listings[whole]), WHOLE_WORDS, PREFIX)
    first, last = segment.names.span(" ".join(terms), prefix=False)
    ranks[(first <= places) & (places < last)] = WHOLE_NAME
    order = np.lexsort((segment.location[rows], listings, places, ranks))
    # The locations of a listing have one name and one rank, so they are consecutive.
    order = order[np.diff(listings[order], prepend=-1) != 0][:wanted]
    return [
        Named(int(ranks[at]), segment.names[places[at]], int(listings[at]), int(segment.location[rows[at]]))
        for at in order.tolist()
    ]
