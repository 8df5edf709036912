"""Measures one installation: searches, clusters, index updates, pages, memory and disk."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import repeat

from benchmarks import queries
from benchmarks.installation import Installation
from benchmarks.stopwatch import Stopwatch, Timing, timed
from flask import Flask
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.listings.tables import Listing
from directory.search.changes import record_changes
from directory.search.filters import Filters
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery
from directory.web.support.requests import services

QUERIES = 300
"""Calls for each line of the table, so that three of them are slower than the 99th percentile; arbitrary."""

CHANGES = 100
"""Listings that are published one after the other, all of which wait for the next snapshot; arbitrary."""

WORD_MILES = 50
REQUEST_WARM_UP = 10

Measured = Iterator[tuple[str, Timing]]
"""The key of a line of `report.LINES`, and its times."""


def search_timings(installation: Installation, listings: int) -> Measured:
    """All lines of the table that are times."""
    with installation.application() as app:
        with app.app_context():
            session = transaction.session()
            index = services().index
            yield from _searches(index, session)
            yield from _clusters(index, session)
            session.rollback()
        yield from _requests(app)
        with app.app_context():
            yield from _changes(index, transaction.session(), listings)


def nearest_timings(installation: Installation) -> Iterator[tuple[str, str, Timing]]:
    """The 20 nearest as the peers are asked for them: place, selectivity, times."""
    with installation.application() as app, app.app_context():
        session = transaction.session()
        index = services().index
        for place, points in queries.origins(QUERIES).items():
            for selectivity, filters in queries.SELECTIVITIES.items():
                asked = [SearchQuery(origin, None, filters) for origin in points]
                yield place, selectivity, timed(_nearest(index, session), asked)
        session.rollback()


def _nearest(index: SearchIndex, session: Session) -> Callable[[SearchQuery], object]:
    return partial(index.find, session, now=clock.now(), facets=False)


def _queries(count: int, filters: Sequence[Filters], miles: float | None) -> list[SearchQuery]:
    """Searches of all kinds of places with random ones of the filters."""
    chosen = random.Random(queries.SEED).choices(filters, k=count)
    return [SearchQuery(*one) for one in zip(queries.mixed_origins(count), repeat(miles), chosen, strict=False)]


def _searches(index: SearchIndex, session: Session) -> Measured:
    nearest = [query for one in queries.NEAREST_FILTERS for query in _queries(QUERIES, (one,), None)]
    yield "nearest", timed(_nearest(index, session), nearest)
    find = partial(index.find, session, now=clock.now())
    for key, filters, miles in (
        ("find 25", queries.ONE_FILTER, 25),
        ("find 250", queries.ONE_FILTER, 250),
        ("find any", queries.ONE_FILTER, None),
        ("odd volume", queries.ODD_VOLUME, None),
        ("two common", queries.TWO_COMMON, None),
        ("one word", queries.ONE_WORD, WORD_MILES),
        ("two words", queries.TWO_WORDS, WORD_MILES),
    ):
        yield key, timed(find, _queries(QUERIES, filters, miles))


def _clusters(index: SearchIndex, session: Session) -> Measured:
    now = clock.now()
    for kind in queries.CLUSTER_ZOOMS:
        views = queries.views(queries.mixed_origins(QUERIES), kind)
        asked = [(filters, *view) for view in views for filters in (Filters(), Filters(badge="1"))]
        yield f"clusters {kind}", timed(lambda one: index.clusters(session, *one, now=now), asked)


def _requests(app: Flask) -> Measured:
    """Requests for places that were not asked for before, through Flask's test client."""
    client = app.test_client()
    codes = queries.zip_codes(QUERIES + REQUEST_WARM_UP)
    for key, path in (("json", "/api/v1/providers"), ("page", "/providers")):

        def request(code: str, path: str = path) -> None:
            if client.get(path, query_string={"near": code, "within": "50"}).status_code != 200:
                raise SystemExit(f"{path} failed for {code}.")

        for code in codes[:REQUEST_WARM_UP]:
            request(code)
        stopwatch = Stopwatch()
        for code in codes[REQUEST_WARM_UP:]:
            stopwatch.measure(partial(request, code))
        yield key, stopwatch.timing


def _changes(index: SearchIndex, session: Session, listings: int) -> Measured:
    """Change listings one by one; search after each with an index that has not seen the change."""
    publish, first_search = Stopwatch(), Stopwatch()
    rng = random.Random(queries.SEED)
    asked = _queries(CHANGES, queries.ONE_FILTER, 25)
    # The first change finds the index cold; that is the start of a worker, not a change.
    for query in asked[:5]:
        index.find(session, query, now=clock.now())
    for number, query in zip(rng.sample(range(1, listings + 1), min(CHANGES, listings)), asked, strict=False):
        listing = session.get_one(Listing, number)
        listing.accepts_new_patients = not listing.accepts_new_patients
        session.flush()
        publish.measure(lambda number=number: record_changes(session, [number]))
        session.commit()
        first_search.measure(lambda query=query: index.find(session, query, now=clock.now()))
        session.rollback()
    yield "publish", publish.timing
    yield "first search", first_search.timing
