"""Single rules of the search, on both databases."""

import math
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.brute_force import IMAGING
from support.synthetic_listings import (
    LAST_MONTH,
    NOW,
    SyntheticListing,
    assert_equals_brute_force,
    insert_and_rebuild,
    insert_and_record,
    listings_at,
)

from directory.attestations.lifecycle import AttestationState
from directory.geography.point import Point
from directory.listings.lifecycle import ListingState
from directory.search import filters
from directory.search.filter_types import Filter
from directory.search.filters import Filters
from directory.search.index import SearchIndex
from directory.search.query import MAX_PAGE, SearchQuery

DENVER = Point(39.7392, -104.9903)
BOULDER = Point(40.015, -105.2705)
CHEYENNE = Point(41.14, -104.8202)
NEW_YORK = Point(40.7128, -74.006)
ONLY_METHODS = ("fluoroscopy",)


def ids(session: Session, index: SearchIndex, **asked) -> list[int]:
    return [hit.listing_id for hit in index.find(session, SearchQuery(DENVER, filters=Filters(**asked)), now=NOW).hits]


def test_an_empty_index_finds_nothing_and_says_so(session, index):
    for within in (None, 50):
        found = index.find(session, SearchQuery(DENVER, within), now=NOW)
        assert (found.hits, found.total, found.has_next) == ((), 0, False)


def test_the_nearest_comes_first_with_its_miles(session, index):
    stored = insert_and_record(session, listings_at([NEW_YORK, BOULDER, CHEYENNE, DENVER]))
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, 250))
    assert [round(hit.miles) for hit in found.hits] == [0, 24, 97, 1627]
    assert found.total == 3


def test_a_listing_with_several_locations_appears_once_at_its_nearest(session, index):
    stored = insert_and_record(
        session, [SyntheticListing((NEW_YORK, CHEYENNE, BOULDER)), SyntheticListing((CHEYENNE,))]
    )
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, 250))
    assert [(hit.listing_id, round(hit.miles)) for hit in found.hits] == [(1, 24), (2, 97)]
    assert found.total == 2


def test_equals_are_ordered_by_their_number(session, index):
    stored = insert_and_record(session, listings_at([BOULDER] * 5))
    assert ids(session, index) == sorted(stored)


def test_fewer_than_ten_within_the_radius_are_filled_up_with_the_nearest_outside(session, index):
    stored = insert_and_record(session, listings_at([BOULDER] * 4 + [CHEYENNE] * 4 + [NEW_YORK] * 4))
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, 50))
    assert [hit.outside_radius for hit in found.hits] == [False] * 4 + [True] * 6
    assert (found.total, found.has_next) == (4, False)


def test_nothing_within_the_radius_is_never_a_dead_end(session, index):
    stored = insert_and_record(session, listings_at([NEW_YORK] * 12))
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, 5))
    assert (len(found.hits), found.total) == (10, 0)
    assert all(hit.outside_radius for hit in found.hits)


def test_a_crowd_just_outside_the_radius_fills_up_as_well(session, index):
    beside = Point(DENVER.lat + 0.0745, DENVER.lon)  # 5.15 miles to the north
    stored = insert_and_record(session, listings_at([DENVER] * 3 + [beside] * 400))
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, 5))
    assert (found.total, len(found.hits), found.has_next) == (3, 10, False)


def test_what_fills_up_matches_the_filters_too(session, index):
    stored = insert_and_record(session, [SyntheticListing((NEW_YORK,), ONLY_METHODS), *listings_at([BOULDER] * 12)])
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, 5, Filters(badge="1")))
    assert [(hit.listing_id, hit.outside_radius) for hit in found.hits] == [(1, True)]


def test_a_listing_at_the_very_radius_is_inside(session, index):
    stored = insert_and_record(session, listings_at([BOULDER] * 11))
    miles = index.find(session, SearchQuery(DENVER), now=NOW).hits[0].miles
    assert assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, miles)).total == 11
    assert assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, math.nextafter(miles, 0))).total == 0


def test_pages_follow_each_other_without_gap_or_double(session, index):
    stored = insert_and_record(session, listings_at([BOULDER] * 30 + [CHEYENNE] * 25))
    pages = [index.find(session, SearchQuery(DENVER, 250, page=page), now=NOW) for page in (1, 2, 3)]
    assert [hit.listing_id for page in pages for hit in page.hits] == sorted(stored)
    assert [page.has_next for page in pages] == [True, True, False]


@pytest.mark.parametrize("many", [3, 55, 700])
@pytest.mark.parametrize("within", [None, 250])
def test_a_page_past_the_end_is_empty_and_its_total_is_right(session, index, many, within):
    insert_and_record(session, listings_at([BOULDER] * many))
    found = index.find(session, SearchQuery(DENVER, within, page=MAX_PAGE), now=NOW)
    assert (found.hits, found.total, found.has_next) == ((), many, False)


def test_no_page_is_promised_that_cannot_be_asked_for(session, index):
    insert_and_record(session, listings_at([BOULDER] * (MAX_PAGE + 1)))
    assert index.find(session, SearchQuery(DENVER, page=MAX_PAGE - 1, per_page=1), now=NOW).has_next
    assert not index.find(session, SearchQuery(DENVER, page=MAX_PAGE, per_page=1), now=NOW).has_next


@pytest.mark.parametrize("state", [state for state in ListingState if state is not ListingState.PUBLISHED])
def test_what_is_not_published_is_never_found(session, index, state):
    insert_and_record(session, [SyntheticListing((DENVER,), ONLY_METHODS, state=state)])
    assert ids(session, index) == []
    assert ids(session, index, badge="1") == []


def test_a_location_without_coordinates_is_not_found_and_hides_no_other(session, index):
    stored = insert_and_record(session, [SyntheticListing((None,)), SyntheticListing((None, BOULDER))])
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, 50))
    assert [hit.listing_id for hit in found.hits] == [2]


def test_a_badge_vanishes_the_moment_after_its_last(session, index):
    last = NOW + timedelta(microseconds=500_001)
    insert_and_record(session, [SyntheticListing((DENVER,), ONLY_METHODS, valid_until=last)])
    query = SearchQuery(DENVER, filters=Filters(badge="1"))
    moment = timedelta(microseconds=1)
    assert index.find(session, query, now=last).total == 1
    assert index.find(session, query, now=last + moment).total == 0


@pytest.mark.parametrize("imaging", IMAGING)
def test_what_has_expired_matches_no_filter_and_is_still_listed(session, index, imaging):
    insert_and_record(
        session, [SyntheticListing((DENVER,), ("fluoroscopy", "ultrasound", "ct"), valid_until=LAST_MONTH)]
    )
    assert ids(session, index, imaging=imaging) == []
    assert ids(session, index, badge="1") == []
    assert ids(session, index) == [1]


@pytest.mark.parametrize("state", [state for state in AttestationState if state is not AttestationState.ACCEPTED])
def test_only_what_was_accepted_matches_a_filter(session, index, state):
    insert_and_record(session, [SyntheticListing((DENVER,), ONLY_METHODS, attestation=state)])
    assert ids(session, index, badge="1") == []
    assert ids(session, index, imaging="any") == []
    assert ids(session, index) == [1]


@pytest.mark.parametrize("asked", IMAGING)
def test_the_imaging_filter_finds_who_states_that_method(session, index, asked):
    answers = [None, (), ("fluoroscopy",), ("ultrasound",), ("ct",), ("fluoroscopy", "ct")]
    stored = insert_and_record(session, [SyntheticListing((DENVER,), methods) for methods in answers])
    found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, filters=Filters(imaging=asked)))
    assert found.total == {"any": 4, "fluoroscopy": 2, "ultrasound": 1, "ct": 2}[asked]


def test_imaging_that_is_used_sometimes_matches_the_filter_and_earns_no_badge(session, index):
    insert_and_record(session, [SyntheticListing((DENVER,), ("ct",), how_often="sometimes")])
    assert ids(session, index, imaging="ct") == [1]
    assert ids(session, index, badge="1") == []


def test_one_answer_that_is_not_right_earns_no_badge(session, index):
    insert_and_record(
        session,
        [SyntheticListing((DENVER,), ONLY_METHODS, volume=10), SyntheticListing((DENVER,), ONLY_METHODS, volume=10.1)],
    )
    assert ids(session, index, badge="1") == [1]


def test_badge_and_imaging_together_ask_for_both(session, index):
    insert_and_record(
        session,
        [
            SyntheticListing((DENVER,), ("ct",)),
            SyntheticListing((DENVER,), ("ultrasound",)),
            SyntheticListing((DENVER,), ("ct",), volume=20),
        ],
    )
    assert ids(session, index, badge="1", imaging="ct") == [1]
    assert ids(session, index, badge="1", imaging="any") == [1, 2]


def by_name(session: Session, index: SearchIndex, text: str, **asked) -> list[int]:
    found = index.find(session, SearchQuery(None, filters=Filters(q=text), **asked), now=NOW)
    assert all((hit.miles, hit.outside_radius) == (None, False) for hit in found.hits)
    return [hit.listing_id for hit in found.hits]


@pytest.mark.parametrize("is_in_snapshot", [True, False])
def test_a_search_by_name_gives_the_whole_name_first_then_whole_words_then_prefixes(session, index, is_in_snapshot):
    names = ["Maryville Clinic", "Ann Mary", "Mary", "Bea Mary", "Ann Marykate", "MÁRY", "John"]
    made = [SyntheticListing((DENVER,), name=name) for name in names]
    stored = insert_and_rebuild(session, index, made) if is_in_snapshot else insert_and_record(session, made)
    assert by_name(session, index, "mary") == [3, 6, 2, 4, 5, 1]
    assert by_name(session, index, "mar") == []
    assert_equals_brute_force(session, index, stored, SearchQuery(None, filters=Filters(q="mary")))


def test_a_search_by_name_has_numbered_pages_and_no_cursor(session, index):
    stored = insert_and_record(session, [SyntheticListing((DENVER,), name="Ann Lee")] * 45)
    pages = [
        assert_equals_brute_force(session, index, stored, SearchQuery(None, filters=Filters(q="lee"), page=page))
        for page in (1, 2, 3, 4)
    ]
    assert [len(page.hits) for page in pages] == [20, 20, 5, 0]
    assert [page.has_next for page in pages] == [True, True, False, False]
    assert {page.after for page in pages} == {None}
    assert {page.total for page in pages} == {45}


def test_a_search_by_name_gives_the_matching_location_of_the_smallest_id(session, index):
    stored = insert_and_record(
        session, [SyntheticListing((DENVER, BOULDER, NEW_YORK), cities=("Denver", "Boulder", "Boulder"))]
    )
    found = assert_equals_brute_force(session, index, stored, SearchQuery(None, filters=Filters(q="boulder")))
    assert [hit.location_id for hit in found.hits] == [2]


def test_a_search_by_name_finds_fewer_than_ten_and_fills_up_none(session, index):
    insert_and_record(session, [SyntheticListing((DENVER,), name="Ann Lee"), *listings_at([DENVER] * 20)])
    assert by_name(session, index, "lee") == [1]
    assert index.most_restrictive_filter(session, SearchQuery(None, filters=Filters(q="lee")), now=NOW) is None
    assert index.most_restrictive_filter(
        session, SearchQuery(None, filters=Filters(q="lee", badge="1")), now=NOW
    ) == ("badge", 1)  # fmt: skip


def test_totals_and_facets_are_exact_beyond_a_thousand(session, index):
    stored = insert_and_rebuild(session, index, [SyntheticListing((DENVER, BOULDER), languages=("es",))] * 1500)
    for within in (None, 5, 50):
        found = assert_equals_brute_force(session, index, stored, SearchQuery(DENVER, within))
        assert (found.total, found.facets["language"]) == (1500, {"es": 1500})


def test_a_filter_by_city_counts_a_listing_whichever_of_its_locations_matches(session, index, monkeypatch):
    town = Filter(
        name="town", label="Town", description="", choices={"denver": "Denver", "boulder": "Boulder"}, field="city",
        values=lambda city: (city.casefold(),),
    )  # fmt: skip
    monkeypatch.setattr(filters, "FILTERS", (*filters.FILTERS, town))
    insert_and_rebuild(session, index, [SyntheticListing((DENVER, BOULDER), cities=("Denver", "Boulder"))])
    for name in town.choices:
        found = index.find(session, SearchQuery(DENVER, filters=Filters(town=name)), now=NOW)
        assert (found.total, found.facets["town"]) == (1, {name: 1})


def test_facets_can_be_left_out(session, index):
    insert_and_record(session, listings_at([DENVER]))
    assert index.find(session, SearchQuery(DENVER), now=NOW, facets=False).facets == {}


def test_a_search_where_nothing_changed_asks_the_database_once(session, index):
    insert_and_rebuild(session, index, listings_at([DENVER] * 30))
    index.find(session, SearchQuery(DENVER), now=NOW)
    sent: list[str] = []
    engine = session.get_bind()

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    index.find(session, SearchQuery(DENVER, 50), now=NOW)
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len(sent) == 1
    assert "search_state" in sent[0]
