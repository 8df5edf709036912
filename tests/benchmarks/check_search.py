"""Compares many random searches on a synthetic nation with a brute-force scan of all rows.

Run from the root:
    PYTHONPATH=tests .venv/bin/python tests/benchmarks/check_search.py --rows 1000000 [--searches 10000]
        [--home FOLDER] [--database-url postgresql+psycopg://…] [--seed N] [--changes 3000] [--days-ahead 75]
Ids, order, miles, totals, cursors, facets and clusters must be equal. The nation is kept if `--home` was given.
`--changes` changes that many listings after the snapshot was built; `--days-ahead` moves the clock, so that answers
and confirmations expire.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from benchmarks.installation import Installation
from sqlalchemy.orm import Session
from support.brute_force import BruteForce
from support.random_searches import QueryGenerator

from directory import clock
from directory.certification.ruleset import bundled_rulesets
from directory.geography.box import Box, box_around
from directory.geography.point import Point
from directory.listings.tables import Listing
from directory.search.changes import record_changes
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery

SAMPLE = 20_000
"""Locations and words that queries are made from; arbitrary: common and rare ones are among them."""

EVERY = {"facets": 5, "clusters": 10, "next page": 2}
"""The interval of searches whose facets, clusters and next page are compared too: each takes a second at a million."""

BATCH = 500
"""Listings changed in one transaction; arbitrary."""

EDGE_DEGREES = 1e-9
"""Rounding decides on which side of a cluster's edge a location this close to it lies."""

LANDMARKS = [
    Point(40.7831, -73.9712), Point(34.05, -118.24), Point(47.0, -109.0), Point(64.0, -153.0), Point(18.2, -66.5),
    Point(52.0, 179.99), Point(51.0, -180.0), Point(90.0, 0.0), Point(-90.0, 0.0), Point(-39.0, 104.0),
    Point(13.4, 144.8), Point(41.7209, -72.8367),
]  # fmt: skip
"""Dense and sparse places, the poles, the antimeridian, a point nearly opposite to all, and the largest building."""


class Check:
    """Compares one search after the other and counts the comparisons and the differences."""

    def __init__(
        self, session: Session, index: SearchIndex, brute: BruteForce, queries: QueryGenerator, now: datetime
    ) -> None:
        self.session, self.index, self.brute, self.queries, self.now = session, index, brute, queries, now
        self.compared: Counter[str] = Counter()
        self.different = 0

    def compare(self, number: int) -> None:
        """Compare a random search; some of them in every respect."""
        query = self.queries.query()
        self._run("page", query, lambda: self._page(query, number))
        if number % EVERY["facets"] == 0:
            self._run("facets", query, lambda: self._facets(query))
        if number % EVERY["clusters"] == 0:
            self._run("clusters", query, lambda: self._clusters(query))

    def _run(self, kind: str, query: SearchQuery, compare: Callable[[], object]) -> None:
        self.compared[kind] += 1
        try:
            compare()
        except AssertionError as difference:
            self.different += 1
            print(f"DIFFERENT {kind}: {query}\n{str(difference)[:600]}", flush=True)

    def _page(self, query: SearchQuery, number: int) -> None:
        expected = self.brute.page(query, self.now)
        found = self.index.find(self.session, query, now=self.now)
        hits = [(hit.miles, hit.listing_id, hit.location_id) for hit in found.hits]
        assert hits == expected.hits, f"{hits}\n{expected.hits}"
        assert [hit.outside_radius for hit in found.hits] == expected.outside
        assert found.total == expected.total, f"{found.total} in total, not {expected.total}"
        assert found.has_next == expected.has_next
        if found.has_next and number % EVERY["next page"] == 0:
            self.compared["next page"] += 1
            following = replace(query, page=query.page + 1)
            by_number = self.index.find(self.session, following, now=self.now, facets=False)
            by_cursor = self.index.find(self.session, replace(following, after=found.after), now=self.now, facets=False)
            assert by_cursor.hits == by_number.hits, "the cursor and the page number give different pages"

    def _facets(self, query: SearchQuery) -> None:
        found = self.index.find(self.session, query, now=self.now).facets
        counts = {name: {value: count for value, count in values.items() if count} for name, values in found.items()}
        expected = self.brute.facets(query, self.now)
        assert {name: values for name, values in counts.items() if values} == expected, f"{counts}\n{expected}"

    def _clusters(self, query: SearchQuery) -> None:
        """Each listing in the view is in a cluster, and each cluster counts the listings of its square."""
        rng = self.queries.rng
        zoom = rng.randint(0, 18)
        box = box_around(query.origin or rng.choice(self.queries.at), 24_000 / 2**zoom)
        rows = self.brute.matching(query.filters, self.now)
        lat, lon, covered = self.brute.lat[rows], self.brute.lon[rows], np.zeros(len(rows), dtype=bool)
        for cluster in self.index.clusters(self.session, query.filters, box, zoom, now=self.now):
            depth = _depth(cluster, lat, lon)
            least = len(np.unique(self.brute.listing[rows[depth > EDGE_DEGREES]]))
            most = len(np.unique(self.brute.listing[rows[depth >= -EDGE_DEGREES]]))
            assert max(least, 1) <= cluster.count <= most, f"{cluster} counts {cluster.count}, not {least} to {most}"
            covered |= depth >= -EDGE_DEGREES
        inside = np.isin(rows, self.brute.inside_box(query.filters, box, self.now))
        assert covered[inside].all(), f"{(inside & ~covered).sum()} locations in {box} are in no cluster"


def _depth(square: Box, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Degrees from each point to the nearest edge of the square, negative outside; the map ends at its own edges."""
    sides = [
        np.where(square.north == 90.0, np.inf, square.north - lat),
        np.where(square.south == -90.0, np.inf, lat - square.south),
        np.where((square.east == 180.0) & (lon == 180.0), np.inf, square.east - lon),
        np.where((square.west == -180.0) & (lon == -180.0), np.inf, lon - square.west),
    ]
    return np.minimum.reduce(sides)


def change_listings(session: Session, count: int, rng: random.Random) -> None:
    """Change random listings and record the changes: whether they accept patients, and where a tenth of them are."""
    highest = session.query(Listing.id).order_by(Listing.id.desc()).limit(1).scalar() or 0
    ids = rng.sample(range(1, highest + 1), min(count, highest))
    for start in range(0, len(ids), BATCH):
        for listing_id in ids[start : start + BATCH]:
            listing = session.get_one(Listing, listing_id)
            listing.accepts_new_patients = not listing.accepts_new_patients
            if listing_id % 10 == 0:
                listing.locations[0].lat = max(-89.0, listing.locations[0].lat - 0.25)
        session.flush()
        record_changes(session, ids[start : start + BATCH])
        session.commit()


def check(installation: Installation, options: argparse.Namespace) -> int:
    """Compare random searches. Returns how many were different."""
    rng = random.Random(options.seed)
    with installation.engine() as engine, Session(engine) as session:
        change_listings(session, options.changes, rng)
        begun = time.monotonic()
        brute = BruteForce.of(session)
        print(f"{engine.dialect.name}: {len(brute):,} locations read in {time.monotonic() - begun:.0f} s", flush=True)
        rows = rng.sample(range(len(brute)), min(len(brute), SAMPLE))
        points = [brute.point(row) for row in rows] + LANDMARKS * (len(rows) // 50)
        words = rng.sample(brute.vocabulary, min(len(brute.vocabulary), SAMPLE))
        index = SearchIndex(installation.search_folder, rulesets=bundled_rulesets())
        now = clock.now() + timedelta(days=options.days_ahead)
        comparison = Check(session, index, brute, QueryGenerator(rng, points, words, brute.specialties), now)
        begun = time.monotonic()
        for number in range(options.searches):
            comparison.compare(number)
            if number % 500 == 499:
                seconds = time.monotonic() - begun
                print(f"{number + 1:,} searches in {seconds:.0f} s, {comparison.different} different", flush=True)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in comparison.compared.items())
    print(f"Compared: {kinds}. {comparison.different} different.")
    return comparison.different


def main() -> None:
    """Make the nation, build the snapshot and check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many listings")
    parser.add_argument("--searches", type=int, default=10_000)
    parser.add_argument("--home", type=Path, help="keeps the nation, or has it already")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changes", type=int, default=0, help="listings changed after the snapshot was built")
    parser.add_argument("--days-ahead", type=int, default=0, help="days by which the clock is moved")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(options.home or Path(folder) / "home", options.database_url)
        installation.make_nation(options.rows)
        installation.run("search", "rebuild")
        different = check(installation, options)
    raise SystemExit(1 if different else 0)


if __name__ == "__main__":
    main()
