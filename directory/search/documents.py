"""Each public location as the index holds it: compared with the tables, and changed where they say otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.search.entries import Document, documents
from directory.search.keys import ENDLESS, WORDS
from directory.search.packing import ENTRY, KEYS_TYPE, Entries, facet_ends
from directory.search.statements import numbers_in
from directory.search.tables import search_documents, search_pending, search_state, search_words
from directory.search.writing import Changes

WORDS_AT_ONCE = 500
"""Words looked up in one statement; arbitrary, within what both databases take."""

LAST_ID = 2**31 - 1
"""The greatest id that both databases can hold in an integer column."""

_DOCUMENTS = """
SELECT listing_id, location_id, packed, keys FROM search_documents
WHERE generation = :generation AND listing_id IN ({numbers})
"""


@dataclass(frozen=True, slots=True)
class State:
    """Which generation of the index is searched, and which one a rebuild is filling."""

    generation: int
    building: int | None


def locked(connection: sa.Connection) -> State:
    """The state, which nobody else changes until the end of this transaction: the index has one writer at a time."""
    connection.execute(sa.update(search_state).values(generation=search_state.c.generation))
    row = connection.execute(sa.select(search_state.c.generation, search_state.c.building)).one()
    return State(row.generation, row.building)


def replace_documents(
    session: Session, listing_ids: Sequence[int], state: State, *, rulesets: Rulesets, now: datetime
) -> None:
    """Write anew what the index holds of some listings, as far as it changed; to be called under the lock."""
    connection = session.connection()
    stored = numbers_in(connection, _DOCUMENTS, listing_ids, generation=state.generation)
    old = {(row.listing_id, row.location_id): (row.packed, row.keys) for row in stored}
    found = list(documents(session, lambda column: column.in_(listing_ids), rulesets=rulesets, now=now))
    new = {(row["listing_id"], row["location_id"]): row for row in rows_of(connection, found)}
    same = {place for place, row in new.items() if old.get(place) == (row["packed"], row["keys"])}
    gone = [place for place in old if place not in same]
    come = [row for place, row in new.items() if place not in same]
    changes = Changes(connection, state.generation)
    for place in gone:
        changes.remove(*_unpacked(*old[place]))
    for row in come:
        changes.add(*_unpacked(row["packed"], row["keys"]))
    _store(connection, state.generation, gone, come)
    if gone or come:
        changes.write()
    if state.building is not None:
        _note(connection, listing_ids)


def rows_of(
    connection: sa.Connection, found: Sequence[Document], known: dict[str, int] | None = None
) -> Iterator[dict[str, Any]]:
    """The columns of `search_documents` for each document, generation aside; words that are new get keys.

    `known` remembers the keys of words from one call to the next.
    """
    words = {} if known is None else known
    words |= word_keys(connection, {word for document in found for word in document.words} - words.keys())
    entries = packed(found)
    ends = facet_ends(entries).tolist()
    for document, entry, end in zip(found, entries, ends, strict=True):
        keys = sorted({*document.keys, *(words[word] for word in document.words)})
        yield {
            "listing_id": document.place[0],
            "location_id": document.place[1],
            "packed": entry.tobytes(),
            "keys": np.array(keys, KEYS_TYPE).tobytes(),
            "ends_at": None if end == ENDLESS else end,
        }


def packed(found: Sequence[Document]) -> Entries:
    """The entries of some documents."""
    return np.array([document.entry for document in found], ENTRY)


def word_keys(connection: sa.Connection, words: Iterable[str]) -> dict[str, int]:
    """The key of each word; to be called under the lock, because a word that is new gets the next one."""
    wanted = sorted(set(words))
    known: dict[str, int] = {}
    for start in range(0, len(wanted), WORDS_AT_ONCE):
        some = search_words.c.word.in_(wanted[start : start + WORDS_AT_ONCE])
        rows = connection.execute(sa.select(search_words.c.word, search_words.c.key).where(some))
        known |= {row.word: row.key for row in rows}
    if new := [word for word in wanted if word not in known]:
        last = connection.scalar(sa.select(sa.func.max(search_words.c.key))) or WORDS - 1
        added = {word: last + number for number, word in enumerate(new, 1)}
        connection.execute(sa.insert(search_words), [{"word": word, "key": key} for word, key in added.items()])
        known |= added
    return known


def _unpacked(entry: bytes, keys: bytes) -> tuple[Entries, list[int]]:
    return np.frombuffer(entry, ENTRY), np.frombuffer(keys, KEYS_TYPE).tolist()


def _store(
    connection: sa.Connection, generation: int, gone: Sequence[tuple[int, int]], new: Sequence[dict[str, Any]]
) -> None:
    document = search_documents.c
    if gone:
        this = sa.and_(
            document.generation == generation,
            document.listing_id == sa.bindparam("this_listing"),
            document.location_id == sa.bindparam("this_location"),
        )
        places = [{"this_listing": listing, "this_location": location} for listing, location in gone]
        connection.execute(sa.delete(search_documents).where(this), places)
    if new:
        connection.execute(sa.insert(search_documents), [row | {"generation": generation} for row in new])


def _note(connection: sa.Connection, listing_ids: Iterable[int]) -> None:
    """Remember for the rebuild that runs that these listings changed."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [{"listing_id": listing_id} for listing_id in listing_ids]
    connection.execute(insert(search_pending).on_conflict_do_nothing(), rows)
