"""Whatever is listed and whatever is searched for, the index returns what the oracle returns."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from support.oracle import STORAGE_MODES, assert_clusters, assert_search, store_listings
from support.random_searches import NAMES, QueryGenerator, random_listings, random_points
from support.search_strategies import listing_strategy, queries
from support.synthetic_listings import NOW, SyntheticListing, delete_listings, make_rng

from directory.certification.ruleset import bundled_rulesets
from directory.geography.box import WHOLE_GLOBE, box_around
from directory.geography.point import Point
from directory.search import builder, index, matching, nearest
from directory.search.filters import Filters
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery
from directory.search.segment import Segment

LATER = [NOW, NOW + timedelta(days=75)]

examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
lists = st.lists(listing_strategy, max_size=40)
searches = st.lists(queries, min_size=1, max_size=4)


def assert_all(
    engine: sa.Engine, index: SearchIndex, made_up: list[SyntheticListing], asked: list[SearchQuery], mode: str
) -> None:
    with Session(engine) as session:
        delete_listings(session)
        brute = store_listings(session, index, make_rng(len(made_up)), made_up, mode)
        assert list(index.verify(session)) == []
        for query in asked:
            for now in LATER:
                assert_search(session, index, brute, query, now)
            zoom = query.per_page % 19 + query.page
            origin = query.origin or Point(40, -105)
            for box in (box_around(origin, query.within_miles or 400), WHOLE_GLOBE):
                assert_clusters(session, index, brute, query.filters, box, zoom)
                assert_clusters(
                    session, index, brute, query.filters, box, zoom, LATER[1], origin=origin,
                    within_miles=query.within_miles,
                )  # fmt: skip


@examples
@given(lists, searches, st.sampled_from(STORAGE_MODES))
def test_any_search_equals_the_oracle(engine, index, listed, asked, mode):
    assert_all(engine, index, listed, asked, mode)


@pytest.mark.usefixtures("small_limits")
@examples
@given(st.lists(listing_strategy, min_size=5, max_size=80), searches, st.sampled_from(STORAGE_MODES))
def test_any_search_over_many_blocks_equals_the_oracle(engine, index, listed, asked, mode):
    assert_all(engine, index, listed, asked, mode)


def too_small(*arguments):
    for name, column in positions(*arguments):
        yield name, column / 2 if name == "ball_radii" else column


positions = builder._positions

PLANTED = {
    "no block is near": (nearest.Nearby, "nearest", lambda *_, **__: []),
    "a word is no prefix": (matching, "PREFIX_LENGTH", 99),
    "a circle is counted by its blocks": (nearest.Nearby, "_miles", lambda _nearby, rows: np.zeros(len(rows))),
    "a listing is counted once for each location": (matching.Matches, "listings", property(lambda part: part.inside)),
    "a page by cursor shows listings again": (nearest.Nearby, "_shown_before", lambda *_: np.empty(0, np.int64)),
    "a group counts locations": (matching.Matches, "each_once", lambda part, _zoom: part.inside),
    "nothing expires": (Segment, "lasting", lambda segment, *_: segment.valid),
    "changed listings stay in the snapshot": (Segment, "rows_of_listings", lambda *_: np.empty(0, np.int64)),
    "a whole word ranks as a prefix": (matching, "WHOLE_WORDS", matching.PREFIX),
    "a block's ball is too small": (builder, "_positions", too_small),
    "fewer than ten are not filled up": (index, "FEWEST", 0),
}


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("fault", ["none", *PLANTED])
def test_a_planted_fault_is_found(engine, index, monkeypatch, fault):
    """By searches at random over a few hundred listings, which find most faults sooner than small examples do."""

    def check():
        rng = make_rng(7)
        for mode in STORAGE_MODES:
            spots = random_points(rng, 150)
            made_up = random_listings(rng, spots, 250)
            asking = QueryGenerator(rng, spots, [*NAMES, "ortho", "mary"])
            by_name = [SearchQuery(None, filters=Filters(q=word), per_page=100) for word in ("mary", "ortho", "lee")]
            assert_all(engine, index, made_up, [*by_name, *(asking.query() for _ in range(40))], mode)

    if fault == "none":
        check()
        return
    monkeypatch.setattr(*PLANTED[fault])
    with pytest.raises(AssertionError):
        check()


def test_the_index_searches_from_a_file_that_two_processes_may_share(tmp_path: Path, engine: sa.Engine) -> None:
    """Two indexes of one folder find the same, and the second builds nothing."""
    one, other = (SearchIndex(tmp_path / "shared", bundled_rulesets()) for _ in range(2))
    with Session(engine) as session:
        store_listings(session, one, make_rng(1), [SyntheticListing((Point(40, -105),))] * 3, "snapshot")
        stamp = one.store.stamp()
        query = SearchQuery(Point(40, -105))
        assert one.find(session, query, now=NOW) == other.find(session, query, now=NOW)
        assert one.store.stamp() == other.store.stamp() == stamp
