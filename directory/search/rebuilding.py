"""Makes the whole index anew beside the old one, in short transactions, and then puts it in the old one's place."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.errors import Conflict
from directory.listings.tables import Listing
from directory.search.bulk import Row, insert_rows
from directory.search.documents import LAST_ID, State, locked, replace_documents, rows_of
from directory.search.entries import Describing
from directory.search.keys import COPIES
from directory.search.packing import NUMBERING, listings_among, unpack
from directory.search.sorting import Sorter
from directory.search.tables import (
    search_documents,
    search_keys,
    search_nodes,
    search_pending,
    search_state,
    search_tiles,
)
from directory.search.tree import nodes
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
        locations = _read(writing, generation, sorter, Describing(rulesets, now), progress)
        for some in in_parts(rows(sorter, generation)):
            with writing() as session:
                _locked(session, generation)
                for table, part in some.items():
                    insert_rows(session.connection(), table, part)
    with writing() as session:
        _make_known(session)
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


def _read(writing: Writing, generation: int, sorter: Sorter, describing: Describing, progress: Progress | None) -> int:
    locations = 0
    words: dict[str, int] = {}
    last: int | None = 0
    while last is not None:
        with writing() as session:
            _locked(session, generation)
            connection, done = session.connection(), last
            last = _last_after(session, done)
            found = describing.run(connection, done, LAST_ID if last is None else last)
            stored = rows_of(connection, generation, found, words)
            insert_rows(connection, search_documents, stored)
        sorter.take(unpack(row.packed for row in stored), [row.keys for row in stored])
        locations += len(stored)
        if progress:
            progress(len(stored))
    return locations


def _last_after(session: Session, done: int) -> int | None:
    """The last of the next listings by id; None where they are the last of all."""
    ids = sa.select(Listing.id).where(Listing.id > done).order_by(Listing.id)
    return session.scalar(ids.offset(BATCH - 1).limit(1))


def _make_known(session: Session) -> None:
    """Let PostgreSQL know how many rows the new generation has: of one it never saw, it expects none and reads all."""
    if session.connection().dialect.name == "postgresql":
        session.execute(sa.text(f"ANALYZE {', '.join(table.name for table in _DERIVED)}"))


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
            with writing() as session, _unwiped(session.connection()):
                own = table.c.generation == generation
                last = session.scalar(sa.select(column).where(own).order_by(column).offset(ROWS * 10).limit(1))
                session.execute(sa.delete(table).where(own, sa.true() if last is None else column <= last))
            done = last is None


@contextmanager
def _unwiped(connection: sa.Connection) -> Iterator[None]:
    """Leave what is deleted on the disk until it is overwritten: no row of an index is a secret.

    Debian's SQLite wipes it, and so writes as much again as the index had.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    before = ("OFF", "ON", "FAST")[connection.exec_driver_sql("PRAGMA secure_delete").scalar_one()]
    connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA secure_delete = {before}")


def rows(sorter: Sorter, generation: int) -> Iterator[tuple[sa.Table, Row]]:
    """Every row of the tiles, the counts and the totals."""
    for key, run in sorter.runs():
        codes, listings = run.codes, 0
        for code, some in cut(codes, run, 0):
            listings += listings_among(some)
            yield search_tiles, (generation, key, code, some.tobytes())
        yield search_keys, (generation, key, len(run), listings)
        if key < COPIES:  # facts alone are counted square by square
            for node in nodes(codes, run, key):
                yield search_nodes, (generation, *node)


def in_parts(found: Iterator[tuple[sa.Table, Row]]) -> Iterator[dict[sa.Table, list[Row]]]:
    """Rows by their table, as many at a time as are written in one transaction."""
    while part := list(itertools.islice(found, ROWS)):
        by_table: dict[sa.Table, list[Row]] = {}
        for table, row in part:
            by_table.setdefault(table, []).append(row)
        yield by_table


def is_outdated(session: Session) -> bool:
    """Whether the index was never built, or by a program that numbered the facts otherwise."""
    return session.scalar(sa.select(search_state.c.numbering)) != NUMBERING
