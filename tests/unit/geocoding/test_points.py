"""Bare points: what a browser or a bookmark sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import Invalid
from directory.geocoding.place import Precision
from directory.geocoding.results import Found
from directory.geography.point import Point, miles_between


@pytest.mark.parametrize(
    "typed",
    [
        "39.85,-105.05",
        "39.85, -105.05",
        "+39.85 , -105.05",
        "39.85 -105.05",
        "39.85°, -105.05°",
        "39.85,-105.05 (near Aurora, CO)",
    ],
)
def test_a_point_is_taken_as_it_is(find_place, typed):
    place = find_place(typed)
    assert place.point == Point(39.85, -105.05)
    assert (place.precision, place.state, place.city) == (Precision.POINT, "CO", "Westminster")


@pytest.mark.parametrize("typed", ["91,181", "-90.1,0", "0,180.5", "999999999999,1", "91.0 181.0"])
def test_numbers_that_are_no_point_are_refused_with_the_limits(gazetteer, typed):
    with pytest.raises(Invalid, match=r"-90 and 90.*-180 and 180") as refusal:
        gazetteer.look_up(typed)
    assert [fault.field for fault in refusal.value.faults] == ["near"]


@pytest.mark.parametrize("typed", ["nan,nan", "inf,0", "1e5,3", "39.85;-105.05x", "--1,2"])
def test_what_only_looks_like_numbers_is_unknown(find_unknown, typed):
    assert find_unknown(typed)


@pytest.mark.parametrize("typed", ["51.5,-0.12", "0,0", "-90,0", "90,180", "30,-150"])
def test_a_point_abroad_or_at_sea_is_in_no_state(find_place, typed):
    place = find_place(typed)
    assert (place.city, place.state) == (None, None)
    assert place.label == typed


def test_near_me_says_how_far_the_browser_may_have_moved_it(find_place):
    # Half the diagonal of the 0.05° square at the equator, where it is widest.
    snapped = find_place("39.85,-105.05")
    assert 2.3 < snapped.uncertainty_miles < 2.6
    assert find_place("39.8512,-105.0534").uncertainty_miles < 0.1
    assert find_place("39.8,-105").uncertainty_miles >= snapped.uncertainty_miles


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180))
def test_any_point_of_the_globe_is_found_where_it_is(gazetteer, lat, lon):
    text = f"{lat:.5f},{lon:.5f}"
    answer = gazetteer.look_up(text)
    assert isinstance(answer, Found)
    assert miles_between(answer.place.point, Point(lat, lon)) < 0.01
    again = gazetteer.look_up(answer.place.label)
    assert isinstance(again, Found)
    assert again.place == answer.place


@given(lat=st.sampled_from([51.9, 52.9, 51.2]), lon=st.floats(-180, -176) | st.floats(172, 180))
def test_the_aleutians_go_round_the_date_line(gazetteer, lat, lon):
    answer = gazetteer.look_up(f"{lat:.4f},{lon:.4f}")
    assert isinstance(answer, Found)
    assert answer.place.state in {"AK", None}
