"""Compares the index with the tables that it derives from, location by location and square by square."""

import enum
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.search.documents import LAST_ID
from directory.search.entries import Describing, Document
from directory.search.keys import COPIES, microseconds
from directory.search.packing import ENTRY, KEYS_TYPE, Entries, listings_among, unpack
from directory.search.sorting import Sorter
from directory.search.tables import (
    search_documents,
    search_keys,
    search_nodes,
    search_state,
    search_tiles,
    search_words,
)
from directory.search.tree import Node, node_id, nodes

BATCH = 1_000
"""Listings compared at a time; arbitrary."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENTS = {"counts_until", "facets_until"}


class Trouble(enum.StrEnum):
    """How the index can disagree with the tables, or with itself."""

    MISSING = "missing"
    LEFT_OVER = "left over"
    OUT_OF_DATE = "out of date"
    MISPLACED = "in other tiles than it should be"
    MISCOUNTED = "counted wrongly"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """What is not as it should be: a location (0 for none) or what stands under a key (None where it is all)."""

    listing_id: int
    location_id: int
    key: int | None
    trouble: Trouble


def verify(session: Session, *, rulesets: Rulesets, now: datetime) -> Iterator[Difference]:
    """Everything in the index that is not as the tables say; nothing where all is well."""
    session.flush()
    generation = session.scalars(sa.select(search_state.c.generation)).one()
    yield from _of_documents(session, generation, rulesets, now)
    with tempfile.TemporaryDirectory(prefix="bma-search-") as folder:
        sorter = Sorter(Path(folder))
        for rows in _stored_documents(session, generation):
            sorter.take(unpack(row.packed for row in rows), [row.keys for row in rows])
        yield from _of_tiles(session, generation, sorter)


def _of_documents(session: Session, generation: int, rulesets: Rulesets, now: datetime) -> Iterator[Difference]:
    words = {row.key: row.word for row in session.execute(sa.select(search_words))}
    describing = Describing(rulesets, now)
    done = 0
    for rows in [*_stored_documents(session, generation), []]:
        upto = rows[-1].listing_id if rows else LAST_ID
        expected = _by_place(describing.run(session.connection(), done, upto))
        stored = {(row.listing_id, row.location_id): row for row in rows}
        ended = {listing for (listing, _), row in stored.items() if row.ends_at and row.ends_at < microseconds(now)}
        for listing in ended:
            expected |= _before_it_ended(session, listing, stored, rulesets)
        for place in sorted(expected.keys() | stored.keys()):
            trouble = _trouble(expected.get(place), stored.get(place), words)
            if trouble:
                yield Difference(place[0], place[1], None, trouble)
        done = upto


def _by_place(found: Iterable[Document]) -> dict[tuple[int, int], Document]:
    return {(document.listing_id, document.location_id): document for document in found}


def _before_it_ended(
    session: Session, listing_id: int, stored: Mapping[tuple[int, int], Any], rulesets: Rulesets
) -> dict[tuple[int, int], Document]:
    """What a listing should be stored as, if something of it ended after it was written."""
    end = min(row.ends_at for (listing, _), row in stored.items() if listing == listing_id)
    moment = _EPOCH + timedelta(microseconds=end)
    return _by_place(Describing(rulesets, moment).some(session.connection(), [listing_id]))


def _stored_documents(session: Session, generation: int) -> Iterator[list[Any]]:
    """All stored documents, some listings at a time."""
    column = search_documents.c
    done: int | None = 0
    while done is not None:
        more = sa.and_(column.generation == generation, column.listing_id > done)
        ids = sa.select(column.listing_id).distinct().where(more).order_by(column.listing_id)
        upto = session.scalar(ids.offset(BATCH - 1).limit(1))
        last = column.listing_id <= (LAST_ID if upto is None else upto)
        order = (column.listing_id, column.location_id)
        rows = session.execute(sa.select(search_documents).where(more, last).order_by(*order)).all()
        if rows:
            yield list(rows)
        done = upto


def _trouble(expected: Document | None, stored: Any, words: Mapping[int, str]) -> Trouble | None:
    if stored is None:
        return Trouble.MISSING
    if expected is None:
        return Trouble.LEFT_OVER
    keys = np.frombuffer(stored.keys, KEYS_TYPE).tolist()
    same_keys = {words.get(key, key) for key in keys} == {*expected.keys, *expected.words}
    same = same_keys and expected.packed == stored.packed
    return None if same else Trouble.OUT_OF_DATE


def _of_tiles(session: Session, generation: int, sorter: Sorter) -> Iterator[Difference]:
    """Whether tiles, counts and totals hold what the documents say."""
    keys: set[int] = set()
    for key, run in sorter.runs():
        keys.add(key)
        entries = run[:]
        yield from _of_key(session, generation, key, entries)
        is_right = _total(session, generation, key) == (len(run), listings_among(entries))
        if key < COPIES:  # facts alone are counted square by square
            is_right &= _counted(session, generation, key, {row.node: row for row in nodes(run.codes, entries, key)})
        if not is_right:
            yield Difference(0, 0, key, Trouble.MISCOUNTED)
    for key, packed_tile in session.execute(
        sa.select(search_tiles.c.key, search_tiles.c.packed).where(
            search_tiles.c.generation == generation, search_tiles.c.key.not_in(keys)
        )
    ):
        for entry in np.frombuffer(packed_tile, ENTRY):
            yield Difference(int(entry["listing"]), int(entry["location"]), key, Trouble.MISPLACED)


def _of_key(session: Session, generation: int, key: int, run: Entries) -> Iterator[Difference]:
    tile = search_tiles.c
    rows = session.execute(
        sa.select(tile.code, tile.packed).where(tile.generation == generation, tile.key == key).order_by(tile.code)
    ).all()
    stored = unpack(row.packed for row in rows)
    starts = np.array([row.code for row in rows] or [0])
    counts = [len(row.packed) // ENTRY.itemsize for row in rows] or [0]
    at_home = np.searchsorted(starts, stored["code"], side="right") - 1 == np.repeat(np.arange(len(starts)), counts)
    if starts[0] == 0 and at_home.all() and stored.tobytes() == np.ascontiguousarray(run).tobytes():
        return
    places = {(int(entry["listing"]), int(entry["location"])) for entry in (*stored[~at_home], *_odd(stored, run))}
    for place in sorted(places) or [(0, 0)]:
        yield Difference(place[0], place[1], key, Trouble.MISPLACED)


def _odd(stored: Entries, run: Entries) -> list[Any]:
    """The entries that only one of two has."""
    ours, theirs = ({entry.tobytes() for entry in some} for some in (stored, run))
    return [np.frombuffer(entry, ENTRY)[0] for entry in ours ^ theirs]


def _total(session: Session, generation: int, key: int) -> tuple[int, int]:
    total = search_keys.c
    row = session.execute(
        sa.select(total.locations, total.listings).where(total.generation == generation, total.key == key)
    ).one_or_none()
    return (row.locations, row.listings) if row else (0, 0)


def _counted(session: Session, generation: int, key: int, expected: Mapping[int, Node]) -> bool:
    """Whether the nodes of a key count as they should. Moments may be early: then the tiles are looked at."""
    node = search_nodes.c
    own = node.node.between(node_id(key, 0, 0), node_id(key + 1, 0, 0) - 1)
    rows = session.execute(sa.select(search_nodes).where(node.generation == generation, own)).mappings()
    stored = {row["node"]: row for row in rows}
    return stored.keys() == expected.keys() and all(
        (stored[number][name] <= value if name in _MOMENTS else stored[number][name] == value)
        for number, row in expected.items()
        for name, value in row._asdict().items()
    )
