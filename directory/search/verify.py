"""Compares the search index (snapshot and changes) with the tables."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from directory.search.builder import SegmentBuilder
from directory.search.document import DocumentReader, SearchDocument
from directory.search.matcher import SegmentReader
from directory.search.segment import Segment, bits_of, rows_of

BATCH = 1_000
"""Listing ids compared at a time; arbitrary."""


def differences(
    readers: Sequence[SegmentReader], session: Session, documents: DocumentReader
) -> Iterator[tuple[int, str]]:
    """Yield the listings for which the index differs from the tables: id, and what is wrong."""
    held = {int(one) for reader in readers for one in reader.segment.listing[rows_of(reader.valid)]}
    last = max(held, default=0)
    done = 0
    while True:
        found, pages = documents.by_range(session.connection(), done, done + BATCH)
        expected = _described(found)
        stored = _stored(readers, range(done + 1, done + BATCH + 1))
        for listing_id in sorted(expected.keys() | stored.keys()):
            if listing_id not in stored:
                yield listing_id, "missing"
            elif listing_id not in expected:
                yield listing_id, "left over"
            elif expected[listing_id] != stored[listing_id]:
                yield listing_id, "out of date"
        done += BATCH
        if done >= last and not pages and not documents.by_range(session.connection(), done, 2**31 - 1)[1]:
            return


def _described(documents: list[SearchDocument]) -> dict[int, list[Any]]:
    builder = SegmentBuilder()
    builder.add(documents)
    segment = builder.segment()
    return _rows(segment, rows_of(segment.valid))


def _stored(readers: Sequence[SegmentReader], listing_ids: range) -> dict[int, list[Any]]:
    ids, found = np.array(listing_ids), dict[int, list[Any]]()
    for reader in readers:
        rows = reader.segment.rows_of_listings(ids)
        found |= _rows(reader.segment, rows[bits_of(reader.valid, rows)])
    return found


def _rows(segment: Segment, rows: Any) -> dict[int, list[Any]]:
    """Return everything that the segment stores of some rows, by listing."""
    found: dict[int, list[Any]] = {}
    moments = {}
    for name in ("attested_until", "confirmed_until"):
        moments[name] = dict(
            zip(segment.columns[f"{name}_rows"].tolist(), segment.columns[f"{name}_sorted"].tolist(), strict=True)
        )
    for row in sorted(rows.tolist(), key=lambda row: int(segment.location[row])):
        bit = np.uint64(1) << np.uint64(row & 63)
        facts = [fact for fact, number in segment.fact_number.items() if segment.facts[number][row >> 6] & bit]
        number_columns = {
            name: str(column[row]) for name, column in segment.columns.items() if name.startswith("number_")
        }
        found.setdefault(int(segment.listing[row]), []).append(
            (int(segment.location[row]), float(segment.lat[row]), float(segment.lon[row]), facts, number_columns,
             segment.names[segment.columns["name_place"][row]], *(moments[name].get(row) for name in moments))
        )  # fmt: skip
    return found
