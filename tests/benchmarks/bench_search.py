"""Measures a search of the index against a look at every row and a plain bounding box, in one run.

Run from the root:  .venv/bin/python tests/benchmarks/bench_search.py [--rows 10000,200000] [--url postgresql+psycopg://…]
A URL must name an empty database; without one a temporary SQLite file is used. The table is filled directly,
one listing a row, spread like people: half of them in forty towns. CPU time of this process only.
"""

import argparse
import math
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.geography.box import box_around
from directory.geography.point import Point, miles_between
from directory.search import index
from directory.search.cells import code_of
from directory.search.keys import Flag, Key
from directory.search.query import SearchQuery
from directory.search.tables import search_cells

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = 2**52
SEARCHES = 60
CASES = {"page 1, 50 miles": (50, False), "page 1, any distance": (None, False), "badge, 50 miles": (50, True)}


def towns(rng: random.Random) -> list[Point]:
    return [Point(rng.uniform(26, 48), rng.uniform(-123, -70)) for _ in range(40)]


def position(rng: random.Random, centres: Sequence[Point]) -> Point:
    if rng.random() < 0.5:
        return Point(rng.uniform(25, 49), rng.uniform(-124, -67))
    centre = centres[min(int(rng.expovariate(0.15)), len(centres) - 1)]
    return Point(centre.lat + rng.gauss(0, 0.12), centre.lon + rng.gauss(0, 0.15))


def fill(session: Session, rows: int, rng: random.Random, centres: Sequence[Point]) -> list[tuple[int, Point, bool]]:
    """One badge in fourteen (7 %)."""
    made = [(number, position(rng, centres), rng.random() < 0.07) for number in range(1, rows + 1)]
    session.execute(sa.delete(search_cells))
    for key in (Key.ANY, Key.BADGE):
        batch = [
            {
                "key": key, "code": code_of(point), "location_id": number, "listing_id": number, "lat": point.lat,
                "lon": point.lon, "flags": int(Flag.IMAGING) if badge else 0, "live_until": LATER if badge else 0,
            }
            for number, point, badge in made
            if badge or key is Key.ANY
        ]  # fmt: skip
        session.execute(sa.insert(search_cells), batch)
    session.commit()
    session.execute(sa.text("ANALYZE"))
    session.commit()
    return made


def by_looking(made: list[tuple[int, Point, bool]], query: SearchQuery) -> list[int]:
    """What anybody would write first: the distance to every row, then sort."""
    reach = math.inf if query.within_miles is None else query.within_miles
    ranked = sorted(
        (miles_between(query.origin, point), number) for number, point, badge in made if badge or not query.badge
    )
    inside = [number for miles, number in ranked if miles <= reach]
    return (inside if len(inside) >= index.FEWEST else [number for _, number in ranked[: index.FEWEST]])[:20]


def by_box(session: Session, query: SearchQuery) -> list[int]:
    """The usual way in SQL: a box of degrees, then the distance of each row in it."""
    box = box_around(query.origin, 13_000 if query.within_miles is None else query.within_miles)
    key = Key.BADGE if query.badge else Key.ANY
    columns = search_cells.c
    rows = session.connection().execute(
        sa.select(columns.listing_id, columns.lat, columns.lon).where(
            columns.key == key, columns.lat.between(box.south, box.north), columns.lon.between(box.west, box.east)
        )
    )
    ranked = sorted((miles_between(query.origin, Point(lat, lon)), number) for number, lat, lon in rows)
    return [number for miles, number in ranked if query.within_miles is None or miles <= query.within_miles][:20]


def milliseconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def quantiles(figures: list[float]) -> tuple[float, float]:
    return statistics.median(figures), sorted(figures)[min(math.ceil(len(figures) * 0.99), len(figures)) - 1]


def measure(session: Session, made: list[tuple[int, Point, bool]], origins: list[Point], name: str) -> None:
    within, badge = CASES[name]
    queries = [SearchQuery(origin, within, badge) for origin in origins]
    read = 0
    for query in queries[:10]:
        found = index.find(session, query, now=NOW)
        assert [hit.listing_id for hit in found.hits] == by_looking(made, query), query
    figures = []
    for query in queries:
        figures.append(milliseconds(lambda query=query: index.find(session, query, now=NOW)))
        read = max(read, index.find(session, query, now=NOW).rows_read)
    # The slow ways are asked fewer questions: they need seconds for all.
    looking = [milliseconds(lambda query=query: by_looking(made, query)) for query in queries[:6]]
    boxed = [milliseconds(lambda query=query: by_box(session, query)) for query in queries[:20]]
    (find50, find99), (look50, _), (box50, box99) = quantiles(figures), quantiles(looking), quantiles(boxed)
    print(
        f"| {len(made):>7,} | {name:<20} | {find50:6.2f} / {find99:6.2f} | {look50:7.0f} | {box50:7.2f} / {box99:7.2f} "
        f"| {look50 / find50:6.0f}x | {box50 / find50:6.1f}x | {read:>5,} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,200000")
    parser.add_argument("--url")
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}")
    print("CPU ms in this process, p50 / p99; a database server's own time is not in it")
    print("Every row: distances in Python, sorted. Box: no index on latitude or longitude, no total.")
    print("| rows | search | find | every row | box | every row / find | box / find | rows read, most |")
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(chosen.url or f"sqlite:///{Path(folder) / 'bench.sqlite'}")
        print(engine.dialect.name)
        search_cells.create(engine, checkfirst=True)
        for rows in map(int, chosen.rows.split(",")):
            rng = random.Random(rows)  # noqa: S311  made-up points need a seed, not a secret
            centres = towns(rng)
            with Session(engine) as session:
                made = fill(session, rows, rng, centres)
                origins = [position(rng, centres) for _ in range(SEARCHES - 20)] + centres[:20]
                rng.shuffle(origins)
                for name in CASES:
                    measure(session, made, origins, name)
        engine.dispose()


if __name__ == "__main__":
    main()
