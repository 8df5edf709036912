"""Makes the whole index anew beside the old one, in short transactions, and then puts it in the old one's place."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.errors import Conflict
from directory.listings.tables import Listing
from directory.search.documents import LAST_ID, State, locked, packed, replace_documents, rows_of
from directory.search.entries import Which, documents
from directory.search.packing import KEYS_TYPE, NUMBERING, listings_among
from directory.search.sorting import Sorter
from directory.search.tables import (
    search_documents,
    search_keys,
    search_nodes,
    search_pending,
    search_state,
    search_tiles,
)
from directory.search.writing import cut

Writing = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction, which ends with the block."""

Progress = Callable[[int], object]
"""Is told after each batch how many locations were done since the last time."""

BATCH = 5_000
"""Listings read in one transaction; arbitrary, a fraction of a second."""

ROWS = 2_000
"""Rows written in one transaction; arbitrary, some ten megabytes."""

_DERIVED = (search_tiles, search_nodes, search_keys, search_documents)


def rebuild(writing: Writing, *, rulesets: Rulesets, now: datetime, progress: Progress | None = None) -> int:
    """Make the index anew from the tables, and drop the old one; how many locations it has.

    Others search the old one and change both meanwhile: what changes is noted, and brought up to date before the
    new one takes over. Broken off, it leaves the old one as it was, and the next rebuild clears up. Of two at once the
    later one goes on.

    Raises:
        Conflict: another rebuild has begun meanwhile.
        NotFound: an accepted attestation was signed under rules that are not published.
        Invalid: an accepted answer breaks the rules that it was signed under.
    """
    generation = _begin(writing)
    with tempfile.TemporaryDirectory(prefix="bma-search-") as folder:
        sorter = Sorter(Path(folder))
        locations = _read(writing, generation, sorter, rulesets=rulesets, now=now, progress=progress)
        for some in _in_parts(_rows(sorter, generation)):
            with writing() as session:
                _locked(session, generation)
                for table, rows in some.items():
                    session.execute(sa.insert(table), rows)
    with writing() as session:
        former = _take_over(session, generation, rulesets=rulesets, now=now)
    _clear(writing, former)
    return locations


def _begin(writing: Writing) -> int:
    """Say which generation is built now, and clear up after rebuilds that were broken off."""
    with writing() as session:
        state = locked(session.connection())
        # No rebuild had this number before, so that one which is overtaken finds out.
        generation = max(state.generation, state.building or 0) + 1
        session.execute(sa.delete(search_pending))
        session.execute(sa.update(search_state).values(building=generation))
        stale = set(_generations(session)) - {state.generation}
    _clear(writing, *stale)
    return generation


def _generations(session: Session) -> Iterator[int]:
    """Every generation of which there are rows."""
    for table in _DERIVED:
        column = table.c.generation
        found = session.scalar(sa.select(sa.func.min(column)))
        while found is not None:
            yield found
            found = session.scalar(sa.select(sa.func.min(column)).where(column > found))


def _locked(session: Session, generation: int) -> State:
    """The state, as long as the generation is the one that is being built."""
    state = locked(session.connection())
    if state.building != generation:
        raise Conflict("Another rebuild of the search index has begun, and goes on. This one was given up.")
    return state


def _read(
    writing: Writing, generation: int, sorter: Sorter, *, rulesets: Rulesets, now: datetime, progress: Progress | None
) -> int:
    locations = 0
    words: dict[str, int] = {}
    last: int | None = 0
    while last is not None:
        with writing() as session:
            connection = session.connection()
            _locked(session, generation)
            which, last = _span(session, last)
            found = list(documents(session, which, rulesets=rulesets, now=now))
            rows = [row | {"generation": generation} for row in rows_of(connection, found, words)]
            if rows:
                session.execute(sa.insert(search_documents), rows)
        if rows:
            sorter.take(packed(found), (np.frombuffer(row["keys"], KEYS_TYPE) for row in rows))
        locations += len(rows)
        if progress:
            progress(len(rows))
    return locations


def _span(session: Session, done: int) -> tuple[Which, int | None]:
    """The next listings by id, and the last of them; None where they are the last of all."""
    ids = sa.select(Listing.id).where(Listing.id > done).order_by(Listing.id).offset(BATCH - 1).limit(1)
    last = session.scalar(ids)
    upto = LAST_ID if last is None else last
    return lambda column: sa.and_(column > done, column <= upto), last


def _take_over(session: Session, generation: int, *, rulesets: Rulesets, now: datetime) -> int:
    """Bring the new generation up to date with what changed while it was built, and let all search it; the former."""
    former = _locked(session, generation).generation
    changed = session.scalars(sa.select(search_pending.c.listing_id)).all()
    for start in range(0, len(changed), BATCH):
        some = changed[start : start + BATCH]
        replace_documents(session, some, State(generation, None), rulesets=rulesets, now=now)
    session.execute(sa.delete(search_pending))
    session.execute(sa.update(search_state).values(generation=generation, building=None, numbering=NUMBERING))
    return former


def _clear(writing: Writing, *stale: int) -> None:
    """Drop generations that nobody searches, some rows at a time."""
    for table, generation in itertools.product(_DERIVED, stale):
        column = table.primary_key.columns.values()[1]
        done = False
        while not done:
            with writing() as session:
                own = table.c.generation == generation
                last = session.scalar(sa.select(column).where(own).order_by(column).offset(ROWS * 10).limit(1))
                session.execute(sa.delete(table).where(own, sa.true() if last is None else column <= last))
            done = last is None


def _rows(sorter: Sorter, generation: int) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """Every row of the tiles, the counts and the totals."""
    own = {"generation": generation}
    for key, run, counts in sorter.runs():
        yield search_keys, own | {"key": key, "locations": len(run), "listings": listings_among(run)}
        for code, some in cut(run, 0):
            yield search_tiles, own | {"key": key, "code": code, "packed": some.tobytes()}
        for node in counts:
            yield search_nodes, own | node


def _in_parts(rows: Iterator[tuple[sa.Table, dict[str, Any]]]) -> Iterator[dict[sa.Table, list[dict[str, Any]]]]:
    while part := list(itertools.islice(rows, ROWS)):
        by_table: dict[sa.Table, list[dict[str, Any]]] = {}
        for table, row in part:
            by_table.setdefault(table, []).append(row)
        yield by_table


def is_outdated(session: Session) -> bool:
    """Whether the index was never built, or by a program that numbered the facts otherwise."""
    return session.scalar(sa.select(search_state.c.numbering)) != NUMBERING
