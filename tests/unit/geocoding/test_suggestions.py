"""Suggestions while typing: few, quick, and the places that people mean."""

import pytest

from directory.geocoding.results import Found


def labels(gazetteer, typed):
    return [place.label for place in gazetteer.suggest(typed)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("den", "Denver, CO"),
        ("DENV", "Denver, CO"),
        ("new", "New York, NY"),
        ("los", "Los Angeles, CA"),
        ("chi", "Chicago, IL"),
        ("saint lo", "St. Louis, MO"),
        ("st. lo", "St. Louis, MO"),
        ("st l", "St. Louis, MO"),
        ("esp", "Española, NM"),
        ("españ", "Española, NM"),
        ("coeur d'a", "Coeur d'Alene, ID"),
        ("winston s", "Winston-Salem, NC"),
        ("springfield, il", "Springfield, IL"),
        ("springfield, mass", "Springfield, MA"),
        ("denver co", "Denver, CO"),
        ("cape c", "Cape Cod, MA"),
        ("nyc", "New York, NY"),
    ],
)
def test_the_place_that_is_meant_comes_first(gazetteer, typed, first):
    assert labels(gazetteer, typed)[0] == first


@pytest.mark.parametrize(
    ("typed", "inflated"),
    [
        ("west", "West Raleigh, NC"),
        ("new", "New South Memphis, TN"),
        ("east", "East Chattanooga, TN"),
        ("south", "South Suffolk, VA"),
    ],
)
def test_a_neighbourhood_with_a_citys_population_does_not_come_first(gazetteer, typed, inflated):
    assert inflated not in labels(gazetteer, typed)[:3]


def test_such_a_neighbourhood_can_still_be_found(find_place):
    assert find_place("West Raleigh").label == "West Raleigh, NC"


def test_st_opens_both_stockton_and_saint_paul(gazetteer):
    assert {"Stockton, CA", "Saint Paul, MN"} <= set(labels(gazetteer, "st"))


@pytest.mark.parametrize("typed", ["8", "80", "800", "8002", "80021", "80021-", "80021-12"])
def test_digits_open_zips(gazetteer, typed):
    places = gazetteer.suggest(typed)
    assert places
    assert all(place.postal_code.startswith(typed.partition("-")[0]) for place in places)


@pytest.mark.parametrize("typed", ["", "  ", ",", "qqq", "800211", "x" * 10_000, "den\x00", "00000", "🦴"])
def test_nothing_is_suggested_where_nothing_begins_so(gazetteer, typed):
    assert gazetteer.suggest(typed) == ()


@pytest.mark.parametrize("limit", [0, 1, 3, 8, 50])
def test_there_are_never_more_than_asked_for_nor_more_than_eight(gazetteer, limit):
    assert len(gazetteer.suggest("san", limit)) == min(limit, 8)


@pytest.mark.parametrize("typed", ["w", "la", "spr", "holl", "san j", "8", "cape"])
def test_each_suggestion_when_chosen_finds_exactly_itself(gazetteer, typed):
    places = gazetteer.suggest(typed)
    assert places
    for place in places:
        answer = gazetteer.look_up(place.label)
        assert isinstance(answer, Found)
        assert answer.place == place
