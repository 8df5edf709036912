"""Whatever is asked of made-up listings all over the globe, the index answers as a look at every row does."""

import os
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from any_search import FEW, TOWNS, Asking, crowd, near, places, somebody
from brute_force import BruteForce
from held_to_truth import (
    READ_AT_MOST,
    assert_clusters,
    assert_facets,
    assert_hindrance,
    assert_truth,
    assert_walk,
)
from listings_by_point import LAST_MONTH, NOW, MadeUp, at, indexed, seeded
from sqlalchemy.orm import Session

from directory.geography.box import WHOLE_GLOBE, Box, box_around
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.search import index
from directory.search.clusters import clusters
from directory.search.counting import MOST
from directory.search.facets import facets, hindrance
from directory.search.query import MAX_MILES, Filters, SearchQuery

SEARCHES = int(os.environ.get("BMA_SEARCHES", "150"))
"""How many are asked of each directory; 10,000 take some minutes."""

DENVER = TOWNS[0]
MOMENT = timedelta(microseconds=1)


def listed(session: Session, rng: Random, many: int) -> tuple[BruteForce, Asking]:
    spots = places(rng, many)
    brute = indexed(session, crowd(rng, spots, many)).brute(session)
    return brute, Asking(rng, spots, brute.vocabulary, FEW)


@pytest.mark.parametrize("many", [1, 40, 2500])
def test_any_search_over_the_whole_globe_equals_brute_force(session, many):
    brute, asking = listed(session, seeded(many), many)
    for _ in range(SEARCHES if many > 1000 else SEARCHES // 5):
        assert_truth(session, brute, asking.query())


def test_every_pair_of_filters_equals_brute_force(session):
    """Drawn at random, two rare ones seldom meet."""
    brute, asking = listed(session, seeded(11), 800)
    names = Filters.__slots__
    for one in names:
        for other in names:
            filters = Filters(**{name: asking.value(name) for name in {one, other}})
            assert_truth(session, brute, SearchQuery(asking.origin(), asking.rng.choice([None, 250]), filters))


@pytest.mark.parametrize("days", [0, 1, 2, 364, 366, 700])
def test_the_same_index_is_right_on_any_day(session, days):
    """It holds facts that do not decay: nobody has to touch it when a badge expires."""
    brute, asking = listed(session, seeded(23), 400)
    for now in (NOW + timedelta(days=days), NOW + timedelta(days=days) + MOMENT):
        for _ in range(6):
            assert_truth(session, brute, asking.query(), now)


@pytest.mark.parametrize("within", [None, MAX_MILES, 5])
@pytest.mark.parametrize("filters", [Filters(), Filters(badge=True), Filters(q="mar"), Filters(language="es")])
def test_walking_from_cursor_to_cursor_meets_everybody_once_in_order(session, within, filters):
    rng = seeded(5)
    spots = [DENVER] * 30 + [near(rng, DENVER, 1.0) for _ in range(150)] + places(rng, 60)
    brute = indexed(session, crowd(rng, spots, 300)).brute(session)
    assert assert_walk(session, brute, SearchQuery(DENVER, within, filters, per_page=9)) >= 1


def test_a_cursor_in_the_middle_of_a_stack_goes_on_in_the_stack(session):
    brute = indexed(session, at([DENVER] * 90)).brute(session)
    for per_page in (1, 20, 89, 90):
        query = SearchQuery(Point(40.0, -105.0), 250, per_page=per_page)
        assert assert_walk(session, brute, query) == -(-90 // per_page)


def test_page_fifty_costs_what_page_one_costs(session):
    rng = seeded(50)
    indexed(session, at(near(rng, DENVER, 0.5) for _ in range(3000)))
    query = SearchQuery(DENVER, 250)
    read = []
    for _ in range(50):
        found = index.find(session, query, now=NOW)
        read.append(found.rows_read)
        query = replace(query, page=query.page + 1, after=found.after)
    assert max(read) <= READ_AT_MOST


def test_a_cursor_stays_right_when_a_nearer_listing_is_published_meanwhile(session):
    """A page by number would show the last of the page before once more."""
    indexed(session, at(Point(39.0 + number / 100, -105) for number in range(40)))
    origin = Point(39.0, -105.0)
    first = index.find(session, SearchQuery(origin, 250), now=NOW)
    indexed(session, at([origin]))
    second = index.find(session, SearchQuery(origin, 250, page=2, after=first.after), now=NOW)
    assert not {hit.listing_id for hit in first.hits} & {hit.listing_id for hit in second.hits}
    assert len(second.hits) == 20


def test_a_listing_with_several_places_is_counted_once_in_every_facet(session):
    everywhere = tuple(near(seeded(1), DENVER, 0.1) for _ in range(4))
    brute = indexed(
        session, [somebody(seeded(2), everywhere, languages=("es", "en"), state=State.PUBLISHED)] * 3
    ).brute(session)
    query = SearchQuery(DENVER, 50)
    assert_facets(session, brute, query)
    assert facets(session, query, now=NOW).counts["language"] == {"es": 3, "en": 3}


def test_a_facet_stops_at_a_thousand_and_below_it_is_exact(session):
    made = [
        MadeUp((near(seeded(n), DENVER, 0.3),), languages=("es",) if n < MOST - 1 else ("hi",)) for n in range(2600)
    ]
    brute = indexed(session, made).brute(session)
    for within in (None, 5, 25, 250):
        assert_facets(session, brute, SearchQuery(DENVER, within))
    assert facets(session, SearchQuery(DENVER), now=NOW).counts["language"] == {"es": MOST - 1, "hi": MOST}


def test_what_hinders_most_is_told_with_how_many_it_hides(session):
    made = [
        *[MadeUp((DENVER,), ("ct",), specialty=FEW[0])] * 3,
        *[MadeUp((DENVER,), ("ct",), languages=("es",))] * 5,
    ]
    brute = indexed(session, made).brute(session)
    asked = SearchQuery(DENVER, 25, Filters(badge=True, specialty=FEW[0], language="es"))
    assert hindrance(session, asked, now=NOW) == ("specialty", 5)
    assert_hindrance(session, brute, asked)
    assert hindrance(session, SearchQuery(DENVER, 25), now=NOW) is None
    assert hindrance(session, SearchQuery(DENVER, 25, Filters(badge=True)), now=NOW) is None


@pytest.mark.parametrize("zoom", range(0, 25, 3))
def test_clusters_count_everybody_at_every_zoom(session, zoom):
    brute, asking = listed(session, seeded(31), 500)
    # Both sides of a box's edges, of the antimeridian and of the poles.
    boxes = [box_around(asking.origin(), asking.rng.choice([1, 20, 300, 3000])) for _ in range(6)]
    boxes += [Box(-20, 179, -15, -179), Box(60, 170, 70, -170), Box(80, -180, 90, 180), Box(-90, -180, -80, 180)]
    for box in [*boxes, WHOLE_GLOBE] if zoom <= 8 else boxes:
        for filters in (Filters(), asking.filters()):
            assert_clusters(session, brute, filters, box, zoom)


def test_the_whole_globe_counts_everybody(session):
    brute, asking = listed(session, seeded(32), 500)
    for zoom in range(7):
        for filters in (Filters(), *(asking.filters() for _ in range(5))):
            told = assert_clusters(session, brute, filters, WHOLE_GLOBE, zoom)
            assert sum(cluster.count for cluster in told) == len(brute.matching(filters, NOW))


def test_a_hundred_and_fifty_at_one_address_stay_one_cluster(session):
    brute = indexed(session, at([DENVER] * 150)).brute(session)
    for zoom in (0, 12, 24):
        (cluster,) = assert_clusters(session, brute, Filters(), box_around(DENVER, 1), zoom)
        assert (cluster.count, cluster.listing_id) == (150, None)
        assert cluster.lat == pytest.approx(DENVER.lat, abs=1e-4) or zoom < 24


def test_an_empty_index_has_no_facets_no_hindrance_and_no_clusters(session):
    assert clusters(session, Filters(), WHOLE_GLOBE, 3, now=NOW) == ()
    query = SearchQuery(DENVER, 50, Filters(badge=True))
    assert not any(facets(session, query, now=NOW).counts.values())
    assert hindrance(session, query, now=NOW) is None
    assert index.count(session, query, now=NOW) == 0


def test_expired_answers_are_in_no_facet_and_in_no_cluster_of_theirs(session):
    stored = indexed(session, [MadeUp((DENVER,), ("ct",), valid_until=LAST_MONTH)])
    brute = stored.brute(session)
    assert_facets(session, brute, SearchQuery(DENVER))
    assert facets(session, SearchQuery(DENVER), now=NOW).counts.get("imaging", {}) == {}
    assert clusters(session, Filters(imaging="ct"), WHOLE_GLOBE, 3, now=NOW) == ()
    assert len(clusters(session, Filters(), WHOLE_GLOBE, 3, now=NOW)) == 1


def test_whoever_asks_a_dense_town_an_empty_land_or_another_continent_few_rows_are_read(session):
    rng = seeded(7)
    dense = [near(rng, DENVER, 0.1) for _ in range(2500)] + [DENVER] * 1000
    wide = [Point(rng.uniform(25, 49), rng.uniform(-124, -67)) for _ in range(1500)]
    brute = indexed(session, [somebody(rng, (spot,)) for spot in dense + wide]).brute(session)
    asking = Asking(
        rng, [DENVER, Point(64, -150), Point(48.85, 2.35), Point(-90, 0), *dense[:20]], brute.vocabulary, FEW
    )
    for _ in range(SEARCHES // 3):
        assert assert_truth(session, brute, asking.query()).rows_read <= READ_AT_MOST
