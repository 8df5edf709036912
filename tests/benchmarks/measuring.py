"""Asks the product's search everything that a patient may ask, and notes what each answer costs."""

import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import Any

import sqlalchemy as sa
from nation import Nation, gazetteer_file
from questions import FILTERS, PREFIXES, RADII, SEED, WORDS, places, viewports
from sqlalchemy.orm import Session
from stopwatch import Times, timed

from directory import clock
from directory.certification.ruleset import shipped
from directory.geocoding.gazetteer import Gazetteer
from directory.geography.box import box_around
from directory.geography.point import Point, miles_between
from directory.listings.tables import Listing, Location
from directory.search import index
from directory.search.clusters import clusters
from directory.search.counting import Count
from directory.search.facets import facets, hindrance
from directory.search.index import count
from directory.search.query import Filters, SearchQuery

ASKED = 200
"""Questions of each kind, so that two of them are slower than the p99 that is told; arbitrary."""

PAGE = 50
CHANGED = 100
"""Listings that are changed one by one; arbitrary."""

UNCOUNTED = Count(index.FEWEST)
"""What a search is given that only finds: a count is a question of its own, and a line of its own."""

FEW = 20_000
"""Rows up to which the slow ways are measured, too: past it one answer takes them seconds."""

Measured = Iterator[tuple[str, Times]]
"""The name of a line of the table, and its times."""


def search_times(nation: Nation) -> Measured:
    """Everything about one nation, in the order of the table."""
    points = places(ASKED)
    with nation.session() as session:
        yield from _find(session, points)
        yield from _page(session, points["Manhattan"][0])
        yield from _count(session, points)
        yield from _facets(session, points)
        yield from _clusters(session, points)
        yield from _words(session, points["anywhere"])
        yield from _suggestions()
        yield from _publish(session, nation.listings)
        if nation.listings <= FEW:
            yield from _slow_ways(session, points["anywhere"])


def _queries(points: Sequence[Point], filters: Filters, radii: Sequence[float | None] = RADII) -> list[SearchQuery]:
    return [SearchQuery(point, miles, filters) for point, miles in zip(points, cycle(radii))]


def _finding(session: Session) -> Callable[[SearchQuery], int]:
    """Finds, without counting, and tells how many rows that read."""
    now = clock.now()
    return lambda query: index.find(session, query, now=now, counted=UNCOUNTED).rows_read


def _find(session: Session, points: dict[str, list[Point]]) -> Measured:
    for place, origins in points.items():
        for share, filters in FILTERS.items():
            queries = _queries(origins, filters)
            yield f"find, {place}, {share}", timed(_finding(session), queries)


def _page(session: Session, origin: Point) -> Measured:
    """The page that a patient comes to who goes on forty-nine times."""
    now, query = clock.now(), SearchQuery(origin, 250)
    for _ in range(PAGE - 1):
        after = index.find(session, query, now=now).after
        if after is None:
            return
        query = SearchQuery(origin, 250, after=after)
    yield f"page {PAGE}, Manhattan", timed(_finding(session), [query] * 50)


def _count(session: Session, points: dict[str, list[Point]]) -> Measured:
    now = clock.now()
    for miles in RADII:
        queries = [
            query
            for origins in points.values()
            for share in ("no filter", "3 %", "0.03 %")
            for query in _queries(origins[: ASKED // 3], FILTERS[share], (miles,))
        ]
        name = "any distance" if miles is None else f"{miles} miles"
        yield f"exact count, {name}", timed(lambda query: _nothing(count(session, query, now=now)), queries)


def _nothing(_answer: object) -> None:
    """A count is no number of rows read."""


def _facets(session: Session, points: dict[str, list[Point]]) -> Measured:
    now = clock.now()

    def whole(query: SearchQuery) -> int:
        counted = facets(session, query, now=now).count
        return index.find(session, query, now=now, counted=counted).rows_read

    for place, origins in points.items():
        queries = [query for filters in FILTERS.values() for query in _queries(origins[: ASKED // 4], filters)]
        yield f"find with facets, {place}", timed(whole, queries)
    rare = [query for origins in points.values() for query in _queries(origins[:30], FILTERS["0.002 %"], (5, 50))]
    yield "what hinders most", timed(lambda query: _nothing(hindrance(session, query, now=now)), rare)


def _clusters(session: Session, points: dict[str, list[Point]]) -> Measured:
    now = clock.now()
    for share in ("no filter", "3 %", "0.03 %"):
        views = [view for origins in points.values() for view in viewports(origins)]
        filters = FILTERS[share]
        yield (
            f"clusters of a viewport, {share}",
            timed(lambda view, kept=filters: _nothing(clusters(session, kept, view[0], view[1], now=now)), views),
        )


def _words(session: Session, origins: Sequence[Point]) -> Measured:
    for name, text in WORDS.items():
        queries = _queries(origins, Filters(q=text))
        yield f"word and place, {name}", timed(_finding(session), queries)


def _suggestions() -> Measured:
    gazetteer = Gazetteer(gazetteer_file())
    yield "suggestions", timed(lambda text: _nothing(gazetteer.suggest(text)), PREFIXES * 10)


def _publish(session: Session, listings: int) -> Measured:
    """What the index adds to a change of one listing, in the change's transaction, which is committed."""
    chance, rulesets = random.Random(SEED), shipped()  # noqa: S311  a seed, no secret
    cpu, wall = [], []
    for number in chance.sample(range(1, listings + 1), min(CHANGED, listings)):
        listing = session.get_one(Listing, number)
        listing.accepts_new_patients = not listing.accepts_new_patients
        session.flush()
        begun, at = time.process_time(), time.perf_counter()
        index.refresh(session, [number], rulesets=rulesets, now=clock.now())
        wall.append((time.perf_counter() - at) * 1000)
        cpu.append((time.process_time() - begun) * 1000)
        session.commit()
    yield "index work of publishing one", Times(*_quantiles(cpu), *_quantiles(wall))


def _quantiles(figures: list[float]) -> tuple[float, float]:
    return statistics.median(figures), sorted(figures)[math.ceil(len(figures) * 0.99) - 1]


def _slow_ways(session: Session, origins: Sequence[Point]) -> Measured:
    """What anybody would write first; the answers are held against each other on the way."""
    now = clock.now()
    rows: list[Any] = list(session.execute(sa.select(Location.listing_id, Location.lat, Location.lon)))
    queries = _queries(origins[:20], Filters(), (50,))

    def by_looking(query: SearchQuery) -> list[int]:
        best: dict[int, float] = {}
        for listing_id, lat, lon in rows:
            miles = miles_between(query.origin, Point(lat, lon))
            best[listing_id] = min(miles, best.get(listing_id, math.inf))
        inside = sorted((miles, number) for number, miles in best.items() if miles <= 50)
        if len(inside) < index.FEWEST:
            inside = sorted((miles, number) for number, miles in best.items())[: index.FEWEST]
        return [number for _, number in inside[:20]]

    def by_box(query: SearchQuery) -> list[int]:
        box = box_around(query.origin, 50)
        found = session.execute(
            sa.select(Location.listing_id, Location.lat, Location.lon).where(
                Location.lat.between(box.south, box.north), Location.lon.between(box.west, box.east)
            )
        )
        ranked = sorted((miles_between(query.origin, Point(lat, lon)), number) for number, lat, lon in found)
        return [number for miles, number in ranked if miles <= 50][:20]

    for query in queries:
        found = [hit.listing_id for hit in index.find(session, query, now=now).hits]
        if found != by_looking(query):
            raise SystemExit(f"The index and a look at every row differ: {query}")
    yield "every row in Python, 50 miles", timed(by_looking, queries)
    yield "a plain box in SQL, 50 miles", timed(by_box, queries)
