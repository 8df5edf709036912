"""Compares the search index (snapshot and changes) with the tables."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.search.builder import segment_of
from directory.search.document import all_documents
from directory.search.segment import Array, Segment, bits_of, rows_of

ENDS = ("attested_until", "confirmed_until")


def differences(segments: Sequence[Segment], session: Session, rulesets: Rulesets) -> Iterator[tuple[int, str]]:
    """Yield the listings for which the index differs from the tables: id, and what is wrong."""
    left = {int(one) for segment in segments for one in segment.listing[rows_of(segment.valid)]}
    for found, _ in all_documents(session, rulesets):
        listing_ids = np.unique([document.listing_id for document in found]).astype(np.int64)
        expected = _contents(segment_of(found), listing_ids)
        stored = {key: rows for segment in segments for key, rows in _contents(segment, listing_ids).items()}
        for listing_id in expected:
            if listing_id not in stored:
                yield listing_id, "missing"
            elif stored[listing_id] != expected[listing_id]:
                yield listing_id, "out of date"
        left -= expected.keys()
    for listing_id in sorted(left):
        yield listing_id, "left over"


def _contents(segment: Segment, listing_ids: Array) -> dict[int, list[Any]]:
    """Return what the segment stores of some listings, but for their words."""
    rows = segment.rows_of_listings(listing_ids)
    rows = rows[bits_of(segment.valid, rows)]
    rows = rows[np.lexsort((segment.location[rows], segment.listing[rows]))]
    ends = np.zeros((len(ENDS), len(segment)), np.int64)
    for moments, name in zip(ends, ENDS, strict=True):
        moments[segment.columns[f"{name}_rows"]] = segment.columns[f"{name}_sorted"]
    facts = [bits_of(words, rows) for words in segment.facts]
    numbers = [column[rows].astype(str) for name, column in segment.columns.items() if name.startswith("number_")]
    columns = (segment.location, segment.lat, segment.lon)
    found: dict[int, list[Any]] = {}
    for place, row in enumerate(rows.tolist()):
        stored = [column[row] for column in (*columns, *ends)] + [column[place] for column in (*facts, *numbers)]
        name = segment.names[segment.columns["name_place"][row]]
        found.setdefault(int(segment.listing[row]), []).append((stored, name))
    return found
