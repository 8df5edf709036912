"""Ranks a search by name: the whole name first, then whole words, then prefixes."""

from dataclasses import dataclass

import numpy as np

from directory.search.matcher import SegmentReader
from directory.search.segment import Bitmap, bitmap_of, bits_of, rows_of

WHOLE_NAME, WHOLE_WORDS, PREFIX = range(3)
"""The ranks of a match, best first."""


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A listing found by name; ordered by rank, then by name, then by listing id."""

    rank: int
    name: bytes
    listing_id: int
    location_id: int


def by_name(reader: SegmentReader, words: Bitmap, terms: tuple[str, ...], wanted: int) -> list[Named]:
    """Return the first `wanted` matching listings, each once, at its best-ranked matching location, then lowest id."""
    segment = reader.segment
    rows = rows_of(words)
    places = segment.columns["name_place"][rows]
    ranks = np.full(len(rows), PREFIX)
    whole = np.ones(len(rows), bool)
    for term in terms:
        whole &= bits_of(bitmap_of(reader.rows_with(term, whole=True), len(segment)), rows)
    # A listing ranks by its best location.
    ranks[np.isin(segment.listing[rows], segment.listing[rows[whole]])] = WHOLE_WORDS
    first, last = segment.names.span(" ".join(terms), prefix=False)
    ranks[(first <= places) & (places < last)] = WHOLE_NAME
    # Equal names have different positions: the order below keeps them together.
    order = np.lexsort((segment.location[rows], places, ranks))
    found: dict[int, Named] = {}
    texts: set[tuple[int, bytes]] = set()
    for at in order.tolist():
        row, rank = rows[at], int(ranks[at])
        name, listing = segment.names[places[at]], int(segment.listing[row])
        texts.add((rank, name))
        if len(texts) > wanted and len(found) > wanted:
            break
        here = Named(rank, name, listing, int(segment.location[row]))
        found[listing] = min(here, found.get(listing, here))
    return sorted(found.values())[:wanted]
