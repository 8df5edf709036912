"""Writers, readers and rebuilds of the search index at the same time: is a committed change ever missed?

Two processes share one database and one snapshot folder. In each, a writer thread moves, suspends and republishes
listings, and rolls some transactions back; a reader thread searches with the same `SearchIndex`. The calling process
rebuilds the snapshot meanwhile. Run it by hand with

    PYTHONPATH=tests:. python -m support.search_race --searches 100000 [--database postgresql]
"""

import argparse
import multiprocessing
import random
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from directory.certification.ruleset import bundled_rulesets
from directory.geography.point import Point, miles_between
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location
from directory.search import changes
from directory.search.index import Results, SearchIndex
from directory.search.query import SearchQuery
from directory.search.tables import search_changes, search_state
from support import databases, postgresql
from support.synthetic_listings import NOW, SyntheticListing, insert_listings

LISTINGS = 24
STEP = 0.001
"""Degrees of longitude that each change moves a listing along the equator: its distance tells how often it moved."""

SUSPEND_EVERY = 5
"""Every fifth change of a listing suspends it."""

ROLLED_BACK_LAT = 45.0
"""The latitude that only transactions that are rolled back give."""

ORIGIN = Point(0.0, 0.0)
STEP_MILES = miles_between(ORIGIN, Point(0.0, STEP))
QUERY = SearchQuery(ORIGIN, per_page=100)
IN_FLIGHT = 2
"""Changes that may be committed and not noted yet: one of each writer."""

SEARCHES_PER_COMMIT, SEARCHES_PER_ROLLBACK, MIN_REBUILDS = 20, 50, 11
"""How much must be written beside the searches before a race ends."""

SEARCHED, COMMITTED, ROLLED_BACK, REBUILT = range(4)
"""Where the counts that all processes share stand in their array."""


@dataclass
class RaceResult:
    """What one race found: `missed` describes each search that overlooked a committed change or showed another."""

    searches: int
    commits: int
    rollbacks: int
    rebuilds: int
    missed: list[str]


def record_with_token(token_of: Callable[[int], int]) -> Callable[[Session, Sequence[int]], None]:
    """A `record_changes` whose tokens follow from the version, as a planted fault."""

    def record(session: Session, listing_ids: Sequence[int]) -> None:
        session.flush()
        version = session.scalar(
            sa.update(search_state).values(version=search_state.c.version + 1).returning(search_state.c.version)
        )
        token = token_of(version)
        session.execute(sa.update(search_state).values(token=token))
        insert = {"postgresql": postgresql_insert, "sqlite": sqlite_insert}[session.get_bind().dialect.name]
        row = insert(search_changes)
        upsert = row.on_conflict_do_update(
            index_elements=["listing_id"], set_={"version": row.excluded.version, "token": row.excluded.token}
        )
        session.execute(upsert, [{"listing_id": one, "version": version, "token": token} for one in listing_ids])

    return record


def record_all_but_first(session: Session, listing_ids: Sequence[int]) -> None:
    """Record all changes but the first, as a planted fault."""
    changes.record_changes(session, listing_ids[1:] or listing_ids)


RECORDERS: dict[str, Callable[[Session, Sequence[int]], None]] = {
    "": changes.record_changes,
    "the token is constant": record_with_token(lambda _version: 7),
    "a change is not recorded": record_all_but_first,
}
"""`record_changes`, and faults that the race must find."""


def is_enough(counts: Any, searches: int) -> bool:
    """Whether a race of so many searches may end."""
    return bool(
        counts[SEARCHED] >= searches
        and counts[COMMITTED] > searches / SEARCHES_PER_COMMIT
        and counts[ROLLED_BACK] > searches / SEARCHES_PER_ROLLBACK
        and counts[REBUILT] >= MIN_REBUILDS
    )


class Server:
    """One process: a writer and a reader that share a `SearchIndex`."""

    def __init__(self, url: str, folder: Path, board: Any, counts: Any, stop: Any, seed: int, fault: str) -> None:
        self.engine = open_engine(url)
        self.index = SearchIndex(folder, bundled_rulesets())
        self.board, self.counts, self.stop = board, counts, stop
        self.rng = random.Random(seed)
        self.record = RECORDERS[fault]
        with Session(self.engine) as session:
            self.ids = list(session.scalars(sa.select(Listing.id).order_by(Listing.id)))

    def write(self) -> None:
        """Commit and roll back changes until the race ends."""
        while not self.stop.is_set():
            self.write_once()
            time.sleep(self.rng.choice([0, 0.001]))

    def write_once(self) -> None:
        places = sorted(self.rng.sample(range(len(self.ids)), self.rng.choice([1, 1, 2, 3])))
        is_kept = self.rng.random() < 0.6
        steps: dict[int, int] = {}
        with Session(self.engine) as session:
            for place in places:
                moved = sa.update(Location).where(Location.listing_id == self.ids[place]).values(
                    lon=Location.lon + STEP, lat=0.0 if is_kept else ROLLED_BACK_LAT
                )  # fmt: skip
                steps[place] = round(session.scalar(moved.returning(Location.lon)) / STEP)
                state = (
                    ListingState.PUBLISHED if steps[place] % SUSPEND_EVERY or not is_kept else ListingState.SUSPENDED
                )
                session.execute(sa.update(Listing).where(Listing.id == self.ids[place]).values(state=state))
            self.record(session, [self.ids[place] for place in places])
            if self.rng.random() < 0.3:
                # A view of what is not committed must serve nobody else, and not outlive a rollback.
                self.index.find(session, QUERY, now=NOW)
            if not is_kept:
                session.rollback()
                with self.counts.get_lock():
                    self.counts[ROLLED_BACK] += 1
                return
            session.commit()
        with self.board.get_lock():
            self.counts[COMMITTED] += 1
            for place, step in steps.items():
                self.board[place] = max(self.board[place], step)

    def read(self, searches: int, missed: list[str]) -> None:
        """Search, and compare what is found with what was committed before, until the race ends."""
        while not (self.stop.is_set() or missed or is_enough(self.counts, searches)):
            before = self.noted()
            with Session(self.engine) as session:
                found = self.index.find(session, QUERY, now=NOW)
            missed += self.wrong(found, before, self.noted())
            with self.counts.get_lock():
                self.counts[SEARCHED] += 1

    def noted(self) -> list[int]:
        with self.board.get_lock():
            return list(self.board)

    def wrong(self, found: Results, before: Sequence[int], after: Sequence[int]) -> Iterator[str]:
        shown = {hit.listing_id: hit for hit in found.hits}
        if not len(found.hits) == len(shown) == found.total:
            yield f"{found.total} are counted and {len(found.hits)} shown"
        for place, listing_id in enumerate(self.ids):
            possible = range(before[place], after[place] + IN_FLIGHT + 1)
            hit = shown.get(listing_id)
            if hit is None:
                if all(step % SUSPEND_EVERY for step in possible):
                    yield f"listing {listing_id} is missing at {possible}"
            elif (step := round(hit.miles / STEP_MILES)) not in possible or step % SUSPEND_EVERY == 0:
                yield f"listing {listing_id} is shown as of change {step} at {possible}"


def run_server(  # noqa: PLR0917  a process takes its arguments by position
    url: str, folder: Path, board: Any, counts: Any, stop: Any, found: Any, seed: int, fault: str, searches: int
) -> None:
    """The body of one process."""
    missed: list[str] = []
    try:
        server = Server(url, folder, board, counts, stop, seed, fault)

        def write() -> None:
            try:
                server.write()
            except Exception:  # noqa: BLE001  the other process must hear of it
                missed.append(traceback.format_exc())

        writer = threading.Thread(target=write)
        writer.start()
        server.read(searches, missed)
        stop.set()
        writer.join()
        server.engine.dispose()
    except Exception:  # noqa: BLE001  as above
        missed.append(traceback.format_exc())
    stop.set()
    found.put(missed)


def open_engine(url: str) -> sa.Engine:
    options: dict[str, Any] = {"connect_args": {"timeout": 30}} if url.startswith("sqlite") else {}
    engine = sa.create_engine(url, **options)
    if url.startswith("sqlite"):
        sa.event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")


def run_race(url: str, folder: Path, searches: int, *, fault: str = "", seed: int = 1) -> RaceResult:
    """Let two processes write and search, and rebuild the snapshot meanwhile, until so many searches are done.

    They go on until there are also enough commits, rollbacks and rebuilds: a busy machine tests as much as an idle one.
    """
    engine = open_engine(url)
    with Session(engine) as session:
        insert_listings(session, [SyntheticListing((Point(0.0, STEP),)) for _ in range(LISTINGS)])
        changes.record_bulk_change(session)
        session.commit()
    # Forked processes would share connections; started ones import everything once more.
    start = multiprocessing.get_context("spawn")
    board, counts = start.Array("q", [1] * LISTINGS), start.Array("q", [0] * 4)
    stop, found = start.Event(), start.Queue()
    processes = [
        start.Process(target=run_server, args=(url, folder, board, counts, stop, found, seed + number, fault, searches))
        for number in range(2)
    ]
    index = SearchIndex(folder, bundled_rulesets())
    for process in processes:
        process.start()
    while not stop.is_set() and any(process.is_alive() for process in processes):
        with Session(engine) as session:
            if counts[REBUILT] % 10 == 9:
                changes.record_bulk_change(session)
                session.commit()
            index.rebuild(session)
        counts[REBUILT] += 1
        time.sleep(0.05)
    missed = [one for _ in processes for one in found.get(timeout=60)]
    for process in processes:
        process.join()
    engine.dispose()
    return RaceResult(*counts[:], missed)


@contextmanager
def temporary_database(kind: str, folder: Path) -> Iterator[str]:
    """A migrated database of its own."""
    if kind == "sqlite":
        with databases.sqlite_factory(folder)() as url:
            yield url
        return
    programs = postgresql.find_programs()
    if programs is None:
        raise SystemExit("PostgreSQL (initdb, pg_ctl) is not on this machine.")
    with postgresql.run_cluster(programs) as cluster, databases.postgresql_factory(cluster, folder)() as url:
        yield url


def main() -> None:
    """Run one race and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, temporary_database(asked.database, Path(name)) as url:
        started = time.monotonic()
        result = run_race(url, Path(name) / "search", asked.searches, seed=asked.seed)
    print(
        f"{asked.database}: {result.searches:,} searches, {result.commits:,} commits, {result.rollbacks:,} rollbacks,"
        f" {result.rebuilds:,} rebuilds in {time.monotonic() - started:.0f} s: {len(result.missed)} missed"
    )
    for line in result.missed[:20]:
        print(line)
    raise SystemExit(bool(result.missed))


if __name__ == "__main__":
    main()
