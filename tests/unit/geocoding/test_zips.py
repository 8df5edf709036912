"""ZIPs: at the Census's points, with honest labels, never at (0, 0) and never in another state."""

import csv
import statistics

import pytest

from directory.geocoding.place import Precision
from directory.geocoding.results import Ambiguous, Found
from directory.geocoding.us_states import STATE_BY_PREFIX, STATES, state_of_zip
from directory.geography.point import Point, miles_between

ALASKA = ("995", "996", "997", "998", "999")
WILDERNESS_MILES = 120
"""Some ZIPs of a town also cover the wilderness around it, and the Census's point lies there."""


@pytest.mark.parametrize(
    "typed", ["80021", "80021-1234", "800211234", "80021 1234", "ZIP 80021", "zip code: 80021", " 80021 "]
)
def test_a_zip_is_found_however_it_is_written(find_place, typed):
    place = find_place(typed)
    assert (place.postal_code, place.state, place.precision) == ("80021", "CO", Precision.POSTAL)
    assert miles_between(place.point, Point(39.890663, -105.113724)) < 1


def test_every_zip_of_the_census_is_near_the_point_of_the_census(real_data, find_place):
    with (real_data / "census_zcta_centroids_33791.csv").open() as lines:
        points = {row["zcta"]: Point(float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(lines)}
    assert len(points) == 33_791
    off = {}
    for zip_code, point in points.items():
        place = find_place(zip_code)
        assert place.postal_code == zip_code
        assert place.precision is Precision.POSTAL
        assert place.state == state_of_zip(zip_code)
        off[zip_code] = miles_between(place.point, point)
    assert all(zip_code.startswith(ALASKA) for zip_code, miles in off.items() if miles > WILDERNESS_MILES)
    assert statistics.median(off.values()) < 1.5
    assert sum(miles > 5 for miles in off.values()) < 0.1 * len(off)


def test_every_three_digits_lead_to_their_own_state_or_nowhere(gazetteer):
    placed = 0
    for number in range(1000):
        for last in ("00", "99"):
            zip_code = f"{number:03}{last}"
            answer = gazetteer.look_up(zip_code)
            if isinstance(answer, Found):
                placed += 1
                assert answer.place.state == state_of_zip(zip_code) is not None
                assert miles_between(answer.place.point, Point(0, 0)) > 3000
    assert placed > 1700
    assert len(STATE_BY_PREFIX) > 900


def test_a_zip_without_a_point_is_at_the_centre_of_its_three_digits_and_says_so(find_place):
    place = find_place("80297")
    assert place.precision is Precision.PREFIX
    assert place.label == "80297 (near Denver, CO)"
    assert place.uncertainty_miles >= 8
    assert miles_between(place.point, find_place("80202").point) < place.uncertainty_miles


@pytest.mark.parametrize("typed", ["00801", "00803", "00804", "00805"])
def test_a_post_office_box_on_saint_thomas_is_not_on_saint_croix(find_place, typed):
    assert find_place(typed).city == "Charlotte Amalie"


@pytest.mark.parametrize("typed", ["00000", "00100", "09012", "34012", "96201", "21300"])
def test_a_zip_that_lies_nowhere_is_unknown(find_unknown, typed):
    answer = find_unknown(typed)
    assert typed in answer.sentence


def test_military_post_offices_are_named_as_such(find_unknown):
    assert "military" in find_unknown("09012").sentence
    assert "military" in find_unknown("APO AE 09012").sentence


def test_a_zip_that_lost_its_first_zero_is_offered_and_not_taken(find_unknown):
    assert [place.postal_code for place in find_unknown("2139").did_you_mean] == ["02139"]


@pytest.mark.parametrize("typed", ["800", "123456", "1", "8002100"])
def test_other_numbers_are_no_zips(find_unknown, typed):
    assert "five digits" in find_unknown(typed).sentence


def test_the_label_says_the_town_that_was_typed_where_the_zip_may_be_its(find_place):
    assert find_place("Westminster, CO 80021").label == "Westminster, CO 80021"
    assert find_place("Broomfield, CO 80021").label == "Broomfield, CO 80021"
    assert find_place("80021 Westminster").label == "Westminster, CO 80021"
    assert find_place("Westminster, CO 80021").point == find_place("80021").point


def test_a_zip_alone_has_the_name_of_its_post_office(find_place):
    assert find_place("80021").label == "Broomfield, CO 80021"
    assert find_place("70132").label == "70132 (near New Orleans, LA)"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Denver, CO 10001", "ZIP 10001 is in New York, not in Colorado."),
        ("Denver 10001", "ZIP 10001 is not in Denver."),
        ("Buffalo, NY 10001", "ZIP 10001 is not in Buffalo, NY."),
    ],
)
def test_a_zip_that_contradicts_its_town_is_said_and_asked(find_ambiguous, typed, says):
    answer = find_ambiguous(typed)
    assert says in answer.sentence
    assert answer.candidates[0].postal_code == "10001"
    assert answer.candidates[1].city == typed.partition(",")[0].split()[0]


def test_anchorage_is_not_searched_in_the_wilderness(find_place):
    anchorage = find_place("Anchorage, AK")
    for zip_code in ("99501", "99503", "99508", "99519"):
        assert miles_between(find_place(zip_code).point, anchorage.point) < 12


def test_a_zip_and_its_town_start_the_search_in_the_same_place(find_place):
    for zip_code, town in (
        ("80202", "Denver, CO"),
        ("06032", "Farmington, CT"),
        ("59715", "Bozeman, MT"),
        ("00901", "San Juan, PR"),
    ):
        a, b = find_place(zip_code), find_place(town)
        assert miles_between(a.point, b.point) < max(a.uncertainty_miles, b.uncertainty_miles)


def test_a_zip_never_stands_for_a_point_without_extent(gazetteer):
    for zip_code in ("10001", "10115", "20500", "80202"):
        answer = gazetteer.look_up(zip_code)
        assert isinstance(answer, Found)
        assert answer.place.uncertainty_miles >= 1.5


def test_a_twin_with_its_zip_needs_no_question(gazetteer, find_place):
    assert isinstance(gazetteer.look_up("Hollywood, AL"), Ambiguous)
    assert find_place("Hollywood, AL 35752").label == "Hollywood, AL 35752"


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_zips(state):
    assert any(state_of_zip(f"{number:05}") == state for number in range(500, 100_000))
