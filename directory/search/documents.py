"""Each public location as the index holds it: compared with the tables, and changed where they say otherwise."""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.search.bulk import put_rows, run_each
from directory.search.entries import Describing, Document
from directory.search.keys import WORDS
from directory.search.packing import KEYS_TYPE, Filed, unpack
from directory.search.statements import numbers_in
from directory.search.tables import search_documents, search_pending, search_state, search_words
from directory.search.writing import write

LAST_ID = 2**31 - 1
"""The greatest id that both databases can hold in an integer column."""

_DOCUMENTS = """
SELECT listing_id, location_id, packed, keys FROM search_documents
WHERE generation = :generation AND listing_id IN ({numbers})
"""
_WORDS = {
    "sqlite": sa.text("SELECT word, key FROM search_words WHERE word IN (SELECT value FROM json_each(:words))"),
    "postgresql": sa.text("SELECT word, key FROM search_words WHERE word = ANY(CAST(:words AS text[]))"),
}
_TAKE_AWAY = "DELETE FROM search_documents WHERE generation = ? AND listing_id = ? AND location_id = ?"


class Stored(NamedTuple):
    """A row of `search_documents`, its columns in order."""

    generation: int
    listing_id: int
    location_id: int
    packed: bytes
    keys: bytes
    ends_at: int | None


@dataclass(frozen=True, slots=True)
class State:
    """Which generation of the index is searched, and which one a rebuild is filling."""

    generation: int
    building: int | None


def locked(connection: sa.Connection) -> State:
    """The state, which nobody else changes until the end of this transaction: the index has one writer at a time."""
    state = search_state.c
    row = connection.execute(
        sa.update(search_state).values(generation=state.generation).returning(state.generation, state.building)
    ).one()
    return State(row.generation, row.building)


def replace_documents(
    session: Session, listing_ids: Sequence[int], state: State, *, rulesets: Rulesets, now: datetime
) -> None:
    """Write anew what the index holds of some listings, as far as it changed; to be called under the lock."""
    connection = session.connection()
    known = numbers_in(connection, _DOCUMENTS, listing_ids, generation=state.generation)
    old = {(row.listing_id, row.location_id): (row.packed, row.keys) for row in known}
    found = Describing(rulesets, now).some(connection, listing_ids)
    stored = rows_of(connection, state.generation, found)
    new = {(row.listing_id, row.location_id): (row.packed, row.keys) for row in stored}
    run_each(connection, _TAKE_AWAY, [(state.generation, *place) for place in old if place not in new])
    come = [row for row in stored if old.get((row.listing_id, row.location_id)) != (row.packed, row.keys)]
    put_rows(connection, search_documents, come)
    write(connection, state.generation, gone=_only_in(old, new), come=_only_in(new, old))
    if state.building is not None:
        _note(connection, listing_ids)


_Packed = Mapping[tuple[int, int], tuple[bytes, bytes]]
"""The packed entries and keys of locations, by listing and location."""


def _only_in(some: _Packed, others: _Packed) -> Filed:
    """What stands under a key among the first and not, or otherwise, among the second."""
    entries, under = [], []
    for place, (entry, keys) in some.items():
        other, other_keys = others.get(place, (b"", b""))
        if entry != other:
            entries.append(entry)
            under.append(keys)
        elif keys != other_keys:
            entries.append(entry)
            own, common = np.frombuffer(keys, KEYS_TYPE), np.frombuffer(other_keys, KEYS_TYPE)
            under.append(np.setdiff1d(own, common).tobytes())
    return Filed.of(unpack(entries), under)


def rows_of(
    connection: sa.Connection, generation: int, found: Sequence[Document], known: dict[str, int] | None = None
) -> list[Stored]:
    """The row of each document; words that are new get keys.

    `known` remembers the keys of words from one call to the next.
    """
    words = {} if known is None else known
    words |= word_keys(connection, {word for document in found for word in document.words} - words.keys())
    rows = []
    for listing_id, location_id, packed, facts, said, ends_at in found:
        # The keys of words are greater than those of facts, which are in their order already.
        keys = (*facts, *sorted({words[word] for word in said}))
        rows.append(Stored(generation, listing_id, location_id, packed, struct.pack(f"<{len(keys)}I", *keys), ends_at))
    return rows


def word_keys(connection: sa.Connection, words: Iterable[str]) -> dict[str, int]:
    """The key of each word; to be called under the lock, because a word that is new gets the next one."""
    wanted = sorted(set(words))
    if not wanted:
        return {}
    dialect = connection.dialect.name
    listed = wanted if dialect == "postgresql" else json.dumps(wanted)
    known: dict[str, int] = dict(tuple(row) for row in connection.execute(_WORDS[dialect], {"words": listed}))
    if new := [word for word in wanted if word not in known]:
        last = connection.scalar(sa.select(sa.func.max(search_words.c.key))) or WORDS - 1
        added = {word: last + number for number, word in enumerate(new, 1)}
        connection.execute(sa.insert(search_words), [{"word": word, "key": key} for word, key in added.items()])
        known |= added
    return known


def _note(connection: sa.Connection, listing_ids: Iterable[int]) -> None:
    """Remember for the rebuild that runs that these listings changed."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [{"listing_id": listing_id} for listing_id in listing_ids]
    connection.execute(insert(search_pending).on_conflict_do_nothing(), rows)
