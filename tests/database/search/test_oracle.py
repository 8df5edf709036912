"""Searches at random over made-up listings all over the globe equal the oracle, on both databases."""

import os
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session
from support.brute_force import FILTER_NAMES, BruteForce
from support.oracle import (
    STORAGE_MODES,
    assert_clusters,
    assert_cursor_pages,
    assert_most_restrictive_filter,
    assert_search,
    change_listing,
    store_listings,
)
from support.random_searches import (
    COMMON_SPECIALTIES,
    TOWNS,
    QueryGenerator,
    point_near,
    random_listings,
    random_points,
)
from support.synthetic_listings import (
    LAST_MONTH,
    NOW,
    SyntheticListing,
    insert_and_rebuild,
    insert_and_record,
    listings_at,
    make_rng,
)

from directory.geography.box import WHOLE_GLOBE, Box, box_around
from directory.geography.point import Point
from directory.search.changes import record_changes
from directory.search.filters import Filters
from directory.search.index import SearchIndex
from directory.search.query import MAX_MILES, SearchQuery

SEARCHES = int(os.environ.get("BMA_SEARCHES", "150"))
"""How many of each directory; 10,000 take some minutes."""

DENVER = TOWNS[0]
MOMENT = timedelta(microseconds=1)


def crowded(
    session: Session, index: SearchIndex, rng: Random, number: int, mode: str = "both"
) -> tuple[BruteForce, QueryGenerator]:
    spots = random_points(rng, number)
    brute = store_listings(session, index, rng, random_listings(rng, spots, number), mode)
    return brute, QueryGenerator(rng, spots, brute.vocabulary or ["nobody"], COMMON_SPECIALTIES)


@pytest.mark.parametrize("mode", STORAGE_MODES)
@pytest.mark.parametrize("number", [1, 40, 2500])
def test_any_search_over_the_whole_globe_equals_the_oracle(session, index, number, mode):
    brute, asking = crowded(session, index, make_rng(number), number, mode)
    assert list(index.verify(session)) == []
    for _ in range(SEARCHES if number > 1000 else SEARCHES // 5):
        assert_search(session, index, brute, asking.query())


def test_thousands_of_changes_may_wait_for_a_snapshot(session, index):
    rng = make_rng(77)
    spots = random_points(rng, 500)
    made = random_listings(rng, spots, 3000)
    stored = list(insert_and_rebuild(session, index, made))
    asking = QueryGenerator(rng, spots, ["mary", "ortho", "lee", "denver", "jose"], COMMON_SPECIALTIES)
    for number in (1, 40, 2500):
        changed = rng.sample(stored, number)
        for listing_id in changed:
            change_listing(session, listing_id, rng.choice(made))
        record_changes(session, changed)
        session.commit()
        brute = BruteForce.of(session)
        for _ in range(SEARCHES // 6):
            assert_search(session, index, brute, asking.query(), NOW + rng.choice([0, 75]) * timedelta(days=1))
    index.rebuild(session)
    for _ in range(SEARCHES // 6):
        assert_search(session, index, brute, asking.query())


def test_every_pair_of_filters_equals_the_oracle(session, index):
    """Drawn at random, two rare ones seldom meet."""
    brute, asking = crowded(session, index, make_rng(11), 800)
    for one in FILTER_NAMES:
        for other in FILTER_NAMES:
            filters = Filters(**{name: asking.value(name) for name in {one, other}})
            assert_search(session, index, brute, SearchQuery(asking.origin(), asking.rng.choice([None, 250]), filters))


@pytest.mark.parametrize("days", [0, 1, 2, 75, 364, 366, 700])
def test_the_same_snapshot_is_right_on_any_day(session, index, days):
    """Nothing has to run when a badge expires."""
    brute, asking = crowded(session, index, make_rng(23), 400)
    for now in (NOW + timedelta(days=days), NOW + timedelta(days=days) + MOMENT):
        for _ in range(6):
            assert_search(session, index, brute, asking.query(), now)


@pytest.mark.parametrize("within", [None, MAX_MILES, 5])
@pytest.mark.parametrize("filters", [Filters(), Filters(badge="1"), Filters(q="mar"), Filters(language="es")])
def test_pages_by_cursor_give_each_listing_once_in_order(session, index, within, filters):
    rng = make_rng(5)
    spots = [DENVER] * 30 + [point_near(rng, DENVER, 1.0) for _ in range(150)] + random_points(rng, 60)
    brute = store_listings(session, index, rng, random_listings(rng, spots, 300), "both")
    assert assert_cursor_pages(session, index, brute, SearchQuery(DENVER, within, filters, per_page=9)) >= 1


def test_a_cursor_in_the_middle_of_a_stack_goes_on_in_the_stack(session, index):
    brute = store_listings(session, index, make_rng(1), listings_at([DENVER] * 90), "both")
    for per_page in (1, 20, 89, 90):
        query = SearchQuery(Point(40.0, -105.0), 250, per_page=per_page)
        assert assert_cursor_pages(session, index, brute, query) == -(-90 // per_page)


def test_a_cursor_stays_right_when_a_nearer_listing_is_published_meanwhile(session, index):
    """A page by number would show the last of the page before once more."""
    insert_and_record(session, listings_at(Point(39.0 + number / 100, -105) for number in range(40)))
    origin = Point(39.0, -105.0)
    first = index.find(session, SearchQuery(origin, 250), now=NOW)
    insert_and_record(session, listings_at([origin]))
    second = index.find(session, SearchQuery(origin, 250, page=2, after=first.after), now=NOW)
    assert not {hit.listing_id for hit in first.hits} & {hit.listing_id for hit in second.hits}
    assert len(second.hits) == 20


def test_the_most_restrictive_filter_comes_with_the_total_without_it(session, index):
    made = [
        *[SyntheticListing((DENVER,), ("ct",), specialty=COMMON_SPECIALTIES[0])] * 3,
        *[SyntheticListing((DENVER,), ("ct",), languages=("es",))] * 5,
    ]
    brute = insert_and_record(session, made).brute(session)
    asked = SearchQuery(DENVER, 25, Filters(badge="1", specialty=COMMON_SPECIALTIES[0], language="es"))
    assert index.most_restrictive_filter(session, asked, now=NOW) == ("specialty", 5)
    assert_most_restrictive_filter(session, index, brute, asked)
    for filters in (Filters(), Filters(badge="1")):
        assert index.most_restrictive_filter(session, SearchQuery(DENVER, 25, filters), now=NOW) is None


@pytest.mark.parametrize("mode", STORAGE_MODES)
@pytest.mark.parametrize("zoom", range(0, 25, 3))
def test_clusters_equal_the_oracle_at_every_zoom(session, index, zoom, mode):
    brute, asking = crowded(session, index, make_rng(31), 500, mode)
    # Both sides of a box's edges, of the antimeridian and of the poles.
    boxes = [box_around(asking.origin(), asking.rng.choice([1, 20, 300, 3000])) for _ in range(5)]
    boxes += [Box(-20, 179, -15, -179), Box(60, 170, 70, -170), Box(80, -180, 90, 180), Box(-90, -180, -80, 180)]
    for box in [*boxes, WHOLE_GLOBE]:
        for filters in (Filters(), asking.filters()):
            assert_clusters(session, index, brute, filters, box, zoom)
            assert_clusters(
                session, index, brute, filters, box, zoom, NOW + timedelta(days=75), origin=asking.origin(),
                within_miles=asking.rng.choice([5, 50, 250]),
            )  # fmt: skip


def test_a_circle_of_the_map_counts_what_the_search_counts(session, index):
    """At zoom 0 with a listing in one square only, the groups add up to the total."""
    rng = make_rng(8)
    store_listings(session, index, rng, listings_at(point_near(rng, DENVER, 0.5) for _ in range(400)), "both")
    for within in (5, 25, 100):
        total = index.find(session, SearchQuery(DENVER, within), now=NOW).total
        found = index.clusters(session, Filters(), WHOLE_GLOBE, 0, now=NOW, origin=DENVER, within_miles=within)
        assert sum(cluster.count for cluster in found) == total > 0


def test_a_listing_with_several_locations_counts_once_in_each_group(session, index):
    store_listings(session, index, make_rng(1), [SyntheticListing((DENVER, DENVER, Point(0, 0)), ("ct",))], "snapshot")
    found = index.clusters(session, Filters(), WHOLE_GLOBE, 3, now=NOW)
    assert sorted((cluster.count, cluster.badge_count, cluster.listing_id) for cluster in found) == [(1, 1, 1)] * 2


def test_a_hundred_and_fifty_at_one_address_stay_one_group(session, index):
    brute = store_listings(session, index, make_rng(1), listings_at([DENVER] * 150), "both")
    for zoom in (0, 12, 24):
        (cluster,) = assert_clusters(session, index, brute, Filters(), box_around(DENVER, 1), zoom)
        assert (cluster.count, cluster.listing_id) == (150, None)
        assert cluster.lat == pytest.approx(DENVER.lat, abs=1e-4)


def test_an_empty_index_has_no_facets_no_filter_to_drop_and_no_clusters(session, index):
    query = SearchQuery(DENVER, 50, Filters(badge="1"))
    assert index.clusters(session, Filters(), WHOLE_GLOBE, 3, now=NOW) == ()
    assert dict(index.find(session, query, now=NOW).facets) == {}
    assert index.most_restrictive_filter(session, query, now=NOW) is None
    assert list(index.verify(session)) == []


def test_expired_answers_are_in_no_facet_and_in_no_cluster_of_theirs(session, index):
    brute = store_listings(
        session, index, make_rng(1), [SyntheticListing((DENVER,), ("ct",), valid_until=LAST_MONTH)], "snapshot"
    )
    found = assert_search(session, index, brute, SearchQuery(DENVER))
    assert found.facets.get("imaging", {}) == {}
    assert index.clusters(session, Filters(imaging="ct"), WHOLE_GLOBE, 3, now=NOW) == ()
    (cluster,) = index.clusters(session, Filters(), WHOLE_GLOBE, 3, now=NOW)
    assert (cluster.count, cluster.badge_count) == (1, 0)
