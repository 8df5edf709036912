"""Compares the search index (snapshot and changes) with the tables."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.search.builder import segment_of
from directory.search.document import all_documents
from directory.search.segment import Array, Segment, bits_of, rows_of

COMPARED = ("listing", "location", "lat", "lon", "name", "attested_until", "confirmed_until")


def differences(segments: Sequence[Segment], session: Session, rulesets: Rulesets) -> Iterator[tuple[int, str]]:
    """Yield the listings for which the index differs from the tables: id, and what is wrong."""
    left = {int(one) for segment in segments for one in segment.listing[rows_of(segment.valid)]}
    for documents, _ in all_documents(session, rulesets):
        listing_ids = np.unique([document.listing_id for document in documents]).astype(np.int64)
        stored = {key: rows for segment in segments for key, rows in _contents(segment, listing_ids).items()}
        for listing_id, expected in _contents(segment_of(documents), listing_ids).items():
            if listing_id not in stored:
                yield listing_id, "missing"
            elif stored[listing_id] != expected:
                yield listing_id, "out of date"
        left.difference_update(listing_ids.tolist())
    for listing_id in sorted(left):
        yield listing_id, "left over"


def _contents(segment: Segment, listing_ids: Array) -> dict[int, set[tuple[Any, ...]]]:
    """Return what the segment stores of some listings, but for their words: a tuple for each location."""
    rows = segment.rows_of_listings(listing_ids)
    rows = rows[bits_of(segment.valid, rows)]
    numbers = [name for name in segment.columns if name.startswith("number_")]
    columns = [segment.columns[name][rows] for name in (*COMPARED, *numbers)]
    columns += [bits_of(words, rows) for words in segment.facts]
    found: dict[int, set[tuple[Any, ...]]] = {}
    for stored in zip(*(column.tolist() for column in columns), strict=True):
        found.setdefault(stored[0], set()).add(stored)
    return found
