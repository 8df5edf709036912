"""Holds many random searches over a synthetic nation, or over all rows of the real files, to a look at every row.

Run from the root:
    PYTHONPATH=tests:. .venv/bin/python tests/benchmarks/check_search.py --rows 1000000 [--searches 10000]
        [--home FOLDER] [--url postgresql+psycopg://…] [--seed N]
The nation is made in a folder of its own, which is kept if it was given, and taken as it is where it is made already.
Ids, order, miles, totals, cursors, counts, facets, hindrances and clusters must be equal, or no more where an answer
says that it did not count to the end; rows read are counted.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from any_search import Asking
from brute_force import BruteForce
from held_to_truth import READ_AT_MOST, assert_clusters, assert_facets, assert_hindrance, assert_next_page
from listings_by_point import assert_as_brute_force
from sqlalchemy.orm import Session

from directory import clock, config
from directory.geography.box import box_around
from directory.geography.point import Point
from directory.listings.tables import Listing
from directory.search.index import count
from directory.search.query import SearchQuery

ROOT = Path(__file__).resolve().parents[2]
CHOSEN_FROM = 20_000
"""Places and words that are asked about, of all there are; arbitrary: common ones and rare ones are among them."""

EVERY = {"facets": 5, "hindrance": 10, "clusters": 10, "next page": 2}
"""Every so many searches these are held to a look at every row as well: it takes a second for each at a million."""

LANDMARKS = [
    Point(40.7831, -73.9712), Point(34.05, -118.24), Point(47.0, -109.0), Point(64.0, -153.0), Point(18.2, -66.5),
    Point(52.0, 179.99), Point(51.0, -180.0), Point(90.0, 0.0), Point(-90.0, 0.0), Point(-39.0, 104.0),
    Point(13.4, 144.8), Point(41.7209, -72.8367),
]  # fmt: skip
"""Dense, sparse, at the ends of the map, nearly opposite to everybody, and the address where 150 are listed."""


def make(environment: dict[str, str], rows: int) -> None:
    """Make the nation, if it is not made already."""
    engine = sa.create_engine(config.read(environment).database_url)
    with engine.connect() as connection:
        is_made = (
            sa.inspect(engine).has_table(Listing.__tablename__)
            and (connection.scalar(sa.select(sa.func.max(Listing.id))) or 0) >= rows
        )
    engine.dispose()
    if is_made:
        return
    command = [sys.executable, "-m", "directory", "bench", "make", "--rows", str(rows)]
    subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, check=True)


class Check:
    """Asks one search after the other, and counts what was compared."""

    def __init__(self, session: Session, brute: BruteForce, asking: Asking) -> None:
        self.session, self.brute, self.asking = session, brute, asking
        self.now = clock.now()
        self.done: Counter[str] = Counter()
        self.rows_read: list[tuple[int, SearchQuery]] = []
        self.faults: list[str] = []

    def ask(self, number: int) -> None:
        query = self.asking.query()
        self._compare("page", query, lambda: self._page(query, number))
        if number % EVERY["facets"] == 0:
            self._compare(
                "facets", query, lambda: assert_facets(self.session, self.brute, query, self.now, whole=False)
            )
        if number % EVERY["hindrance"] == 0:
            self._compare("hindrance", query, lambda: assert_hindrance(self.session, self.brute, query, self.now))
        if number % EVERY["clusters"] == 0:
            self._compare("clusters", query, lambda: self._clusters(query))

    def _compare(self, kind: str, query: SearchQuery, compare: Callable[[], object]) -> None:
        try:
            compare()
        except AssertionError as fault:
            self.faults.append(f"{kind}: {query}\n{str(fault)[:600]}")
            print(f"DIFFERS in {self.faults[-1]}", flush=True)
        self.done[kind] += 1

    def _page(self, query: SearchQuery, number: int) -> None:
        found = assert_as_brute_force(self.session, self.brute, query, self.now, whole=False)
        self.rows_read.append((found.rows_read, query))
        counted = count(self.session, query, now=self.now)
        assert counted == found.total if found.complete else counted <= found.total
        if found.has_next and number % EVERY["next page"] == 0:
            following = assert_next_page(self.session, found, query, self.now)
            self.rows_read.append((following.rows_read, replace(query, after=found.after)))
            self.done["next page"] += 1

    def _clusters(self, query: SearchQuery) -> None:
        zoom = self.asking.rng.randint(0, 18)
        box = box_around(query.origin, 24_000 / 2**zoom)
        assert_clusters(self.session, self.brute, query.filters, box, zoom, self.now, whole=False)


def check(engine: sa.Engine, searches: int, seed: int) -> int:
    """Ask so many; how many differed or read too much."""
    rng = random.Random(seed)  # noqa: S311  made-up questions need a seed, not a secret
    with Session(engine) as session:
        begun = time.monotonic()
        brute = BruteForce.of(session)
        print(
            f"{engine.dialect.name}: {len(brute):,} places, looked at in {time.monotonic() - begun:.0f} s", flush=True
        )
        some = rng.sample(range(len(brute)), min(len(brute), CHOSEN_FROM))
        at = [brute.point(row) for row in some] + LANDMARKS * (len(some) // 50)
        words = rng.sample(brute.vocabulary, min(len(brute.vocabulary), CHOSEN_FROM))
        one = Check(session, brute, Asking(rng, at, words, brute.specialties))
        begun = time.monotonic()
        for number in range(searches):
            one.ask(number)
            if number % 500 == 499:
                print(
                    f"{number + 1:,} searches in {time.monotonic() - begun:.0f} s, {len(one.faults)} differ", flush=True
                )
    return report(one)


def report(one: Check) -> int:
    """Say what was compared; how many differed or read too much."""
    compared = ", ".join(f"{many:,} {kind}" for kind, many in one.done.items())
    greedy = [(rows, query) for rows, query in one.rows_read if rows > READ_AT_MOST]
    most, where = max(one.rows_read, key=lambda read: read[0])
    print(f"Compared: {compared}. {len(one.faults)} differ.")
    print(f"At most {most:,} rows of the index were read, by {where}; {len(greedy)} read more than {READ_AT_MOST:,}.")
    return len(one.faults) + len(greedy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=10_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"BMA_HOME": str(chosen.home or Path(folder) / "home")}
        if chosen.url:
            environment["BMA_DATABASE_URL"] = chosen.url
        make(environment, chosen.rows)
        engine = sa.create_engine(config.read(environment).database_url)
        wrong = check(engine, chosen.searches, chosen.seed)
        engine.dispose()
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
