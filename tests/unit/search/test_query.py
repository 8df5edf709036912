"""A search cannot be built wrong, and says by which public parameter it was refused."""

import dataclasses
import math

import pytest

from directory.errors import Invalid
from directory.geography.point import Point
from directory.search.filters import Filters, declared
from directory.search.query import MAX_MILES, MAX_PAGE, MAX_PER_PAGE, MIN_MILES, PER_PAGE, Cursor, SearchQuery

DENVER = Point(39.74, -104.99)


def faults_of(**asked) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        SearchQuery(**({"origin": DENVER} | asked))
    return [fault.field for fault in refusal.value.faults]


def faults_of_filters(**asked) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        Filters(**asked)
    return [fault.field for fault in refusal.value.faults]


def test_a_plain_search_asks_for_everything_at_any_distance_on_the_first_page():
    query = SearchQuery(DENVER)
    assert (query.within_miles, query.filters, query.page) == (None, Filters(), 1)
    assert (query.per_page, query.offset) == (PER_PAGE, 0)


@pytest.mark.parametrize("miles", [MIN_MILES, 5.0, 50, 249.99, MAX_MILES, None])
def test_a_radius_within_the_limits_or_any_distance_is_taken(miles):
    assert SearchQuery(DENVER, within_miles=miles).within_miles == miles


@pytest.mark.parametrize("miles", [0, -5, 4.999, 250.001, 1e9, math.nan, math.inf, -math.inf, "abc", "50", True, [50]])
def test_a_radius_outside_the_limits_is_refused(miles):
    assert faults_of(within_miles=miles) == ["within"]


def test_the_refusal_of_a_radius_names_both_limits():
    with pytest.raises(Invalid, match=r"5 to 250") as refusal:
        SearchQuery(DENVER, within_miles=0)
    assert "any distance" in refusal.value.sentence


@pytest.mark.parametrize("imaging", [None, *declared("imaging").choices])
def test_every_known_imaging_filter_is_taken(imaging):
    assert Filters(imaging=imaging).values.get("imaging") == imaging


@pytest.mark.parametrize("imaging", ["", "CT", "mri", "none", " any", 1, ["ct"]])
def test_an_unknown_imaging_filter_is_refused(imaging):
    assert faults_of_filters(imaging=imaging) == ["imaging"]


@pytest.mark.parametrize("page", [0, -1, 10**9, MAX_PAGE + 1, 1.0, "1", True, None])
def test_a_page_outside_the_limits_is_refused(page):
    assert faults_of(page=page) == ["page"]


@pytest.mark.parametrize("per_page", [0, MAX_PER_PAGE + 1, None])
def test_a_page_of_no_or_too_many_hits_is_refused(per_page):
    assert faults_of(per_page=per_page) == ["per_page"]


@pytest.mark.parametrize("badge", [1, True, False, "0", "true", ""])
def test_a_badge_filter_that_is_not_1_is_refused(badge):
    assert faults_of_filters(badge=badge) == ["badge"]


@pytest.mark.parametrize("origin", [None, (39.74, -104.99), "80021"])
def test_a_search_without_a_point_is_refused(origin):
    assert faults_of(origin=origin) == ["near"]


def test_a_search_without_a_point_is_by_name():
    assert SearchQuery(None, filters=Filters(q="Ann")).filters.words == ("ann",)
    assert faults_of(origin=None, filters=Filters(badge="1")) == ["near"]


def test_filters_give_what_is_set_in_the_order_of_the_form():
    filters = Filters(kind="person", badge="1", imaging=None, q="", accepting=None, sites=5)
    assert list(filters.values.items()) == [("badge", "1"), ("sites", 5), ("kind", "person")]
    assert filters.without("sites") == Filters(badge="1", kind="person")
    assert filters.without("bone") == filters


@pytest.mark.parametrize(("miles", "listing_id"), [(-1.0, 1), (math.nan, 1), (13_001.0, 1), (1.0, 0), (1.0, True)])
def test_an_impossible_cursor_is_refused(miles, listing_id):
    with pytest.raises(Invalid):
        Cursor(miles, listing_id)


def test_every_fault_is_named_at_once():
    assert faults_of(origin=None, within_miles=0, page=0, per_page=0) == ["near", "within", "page", "per_page"]
    assert faults_of_filters(badge=1, imaging="mri", volume=0, sites=0, q="?") == [
        "badge", "imaging", "volume", "sites", "q",
    ]  # fmt: skip


def test_the_last_page_there_is_can_be_asked_for():
    assert SearchQuery(DENVER, page=MAX_PAGE).offset == (MAX_PAGE - 1) * PER_PAGE


def test_a_search_cannot_be_changed_after_it_was_checked():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SearchQuery(DENVER).page = 0
