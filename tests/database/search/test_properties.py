"""Whatever is listed and whatever is asked, the index answers as a look at every listing would."""

import math
from collections.abc import Iterator
from types import ModuleType

import pytest
import sqlalchemy as sa
from held_to_truth import assert_clusters, assert_never_too_high, assert_truth
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from listings_by_point import MadeUp, empty_engine, indexed
from search_strategies import made_up, queries
from sqlalchemy.orm import Session

from directory.geography.box import WHOLE_GLOBE, box_around
from directory.search import (
    candidates,
    clusters,
    counting,
    counts,
    leading,
    nearest,
    packing,
    reaching,
    reading,
    squares,
    tree,
    writing,
)
from directory.search.query import SearchQuery

SMALL = {
    "TILE": 4, "FILL": 3, "SPLIT": 3, "DENSE": 4, "FEW_TILES": 2, "QUARTERED": 2, "AT_ONCE": 2, "LOOKED_UP": 2,
    "RIM": 3, "READ_IN_VIEW": 3, "MOST_SQUARES": 20, "FEW": 2, "FEW_WORDS": 1, "READABLE": 2, "MANY_COPIES": 1,
    "WIDE": 9, "MOST_WALKED": 6, "MOST_RUNS": 4,
}  # fmt: skip
"""Limits so small that a few dozen listings are a crowd: every way through the search is taken."""
MODULES: list[ModuleType] = [
    candidates, clusters, counting, counts, leading, nearest, packing, reaching, reading, squares, tree, writing,
]  # fmt: skip

TOO_MUCH = [(counting, "WORTH_READING", 3), (counting, "READ", 2), (counting, "RESCUED", 9), (clusters, "READ", 2),
            (reading, "READ_BESIDE", 2)]  # fmt: skip
"""Limits so small that hardly anything can be counted to its end."""


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in SMALL.items():
        owners = [module for module in MODULES if hasattr(module, name)]
        assert owners, f"there is no limit {name}"
        for module in owners:
            monkeypatch.setattr(module, name, number)


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    engine = empty_engine()
    yield engine
    engine.dispose()


def assert_all(engine: sa.Engine, listed: list[MadeUp], asked: list[SearchQuery]) -> None:
    with Session(engine) as session:
        brute = indexed(session, listed).brute(session)
        for query in asked:
            assert_truth(session, brute, query)
            zoom = query.per_page % 19 + query.page
            for box in (box_around(query.origin, query.within_miles or 400), WHOLE_GLOBE):
                assert_clusters(session, brute, query.filters, box, zoom)
        session.rollback()


# The engine is the same for all examples, and each is rolled back.
examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)


@examples
@given(st.lists(made_up, max_size=40), st.lists(queries, min_size=1, max_size=5))
def test_any_search_equals_brute_force(engine, listed, asked):
    assert_all(engine, listed, asked)


@pytest.mark.usefixtures("small_limits")
@examples
@given(st.lists(made_up, min_size=5, max_size=60), st.lists(queries, min_size=1, max_size=5))
def test_any_search_past_every_limit_equals_brute_force(engine, listed, asked):
    assert_all(engine, listed, asked)


@pytest.mark.usefixtures("small_limits")
@examples
@given(st.lists(made_up, min_size=5, max_size=60), st.lists(queries, min_size=1, max_size=5))
def test_what_is_too_much_to_count_is_said_to_be_and_never_counted_too_high(engine, listed, asked):
    with pytest.MonkeyPatch.context() as limits, Session(engine) as session:
        for limit in TOO_MUCH:
            limits.setattr(*limit)
        brute = indexed(session, listed).brute(session)
        for query in asked:
            assert_never_too_high(session, brute, query)
        session.rollback()


PLANTED = {
    "no square is near": (nearest.Square, "nearest_miles", lambda *_: math.inf),
    "all that are near hold the words": (reading.Reader, "worded", lambda _, entries: entries),
    "a circle is counted by its squares": (counting, "_inside", lambda entries, *_: entries),
    "a listing is counted once for each of its places": (counting, "_count_each_once", lambda *_: None),
    "what a page before has shown is shown again": (nearest, "_shown_before", lambda *_: set()),
    "a map's square is what is in view": (clusters, "in_ranges", lambda entries, _view: entries),
}


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(engine, monkeypatch, fault):
    monkeypatch.setattr(*PLANTED[fault])

    # The first failure is enough: neither shrunk nor joined by others.
    @settings(
        examples, max_examples=500, database=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False
    )
    @given(st.lists(made_up, min_size=5, max_size=60), st.lists(queries, min_size=1, max_size=5))
    def check(listed, asked):
        assert_all(engine, listed, asked)

    with pytest.raises(AssertionError):
        check()
