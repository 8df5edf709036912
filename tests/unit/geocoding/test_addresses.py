"""Street addresses fall back to their ZIP or town, say so, and never leave their state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geocoding.place import Precision
from directory.geocoding.us_states import STATES


@pytest.mark.parametrize(
    "typed",
    [
        "9035 Wadsworth Pkwy #1000, Westminster, CO 80021",
        "9035 Wadsworth Pkwy #1000 Westminster CO 80021",
        "9035 Wadsworth Pkwy, Suite 1000, Westminster, Colorado 80021-4522",
        "PO Box 12, Westminster CO, 80021, USA",
    ],
)
def test_an_address_falls_back_to_its_zip_and_says_so(find_place, typed):
    place = find_place(typed)
    assert place.label == "Westminster, CO 80021"
    assert place.precision is Precision.POSTAL
    assert place.point == find_place("80021").point
    assert place.uncertainty_miles > 1


@pytest.mark.parametrize("typed", ["9035 Wadsworth Pkwy, Westminster, CO", "9035 Wadsworth Pkwy Westminster CO"])
def test_an_address_without_a_zip_falls_back_to_its_town(find_place, typed):
    place = find_place(typed)
    assert (place.label, place.precision) == ("Westminster, CO", Precision.CITY)


def test_where_zips_are_vast_the_town_is_the_surer_point(find_place, gazetteer):
    place = gazetteer.place_address("1 Main St", "Homer", "AK", "99603")
    assert place.precision is Precision.CITY
    assert place.postal_code == "99603"
    assert place.uncertainty_miles < find_place("99603").uncertainty_miles


@pytest.mark.parametrize(
    ("city", "state", "postal_code", "label"),
    [
        ("WESTMINSTER", "CO", "800214522", "Westminster, CO 80021"),
        ("Westminster", "Colorado", "80021-4522", "Westminster, CO 80021"),
        ("Westminster", None, "80021", "Westminster, CO 80021"),
        (None, "CO", "80021", "Broomfield, CO 80021"),
        ("", "", "80021", "Broomfield, CO 80021"),
        ("Denver", "CO", None, "Denver, CO"),
        ("Denver", "CO", "80299", "Denver, CO 80299"),
        ("Denver", "CO", "no ZIP", "Denver, CO"),
        ("Denver", "CO", "10001", "Denver, CO"),
        ("Nowhere at all", "CO", "80021", "Broomfield, CO 80021"),
        ("Koror", "PW", "96940", "Koror, PW 96940"),
    ],
)
def test_an_address_in_parts_is_placed_by_what_is_sure(gazetteer, city, state, postal_code, label):
    assert gazetteer.place_address("1 Main St", city, state, postal_code).label == label


@pytest.mark.parametrize(
    ("city", "state", "postal_code"),
    [
        (None, None, None),
        ("", "", ""),
        ("Denver", None, None),
        ("Denver", "Ontario", "10001"),
        ("Nowhere at all", "CO", "10001"),
        (None, "CO", "10001"),
        ("Hollywood", "AL", None),
        ("Westminter", "CO", None),
        (None, "AE", "09012"),
        ("D\x00enver", "CO", None),
        ("x" * 10_000, "CO", None),
    ],
)
def test_an_address_is_left_unplaced_rather_than_guessed(gazetteer, city, state, postal_code):
    assert gazetteer.place_address("1 Main St", city, state, postal_code) is None


towns = st.sampled_from(["Denver", "Springfield", "Washington", "Aurora", "Nowhere at all", "", "Kansas City"])
zips = st.integers(0, 99_999).map(lambda number: f"{number:05}")


@given(city=towns | st.text(max_size=30), state=st.sampled_from(list(STATES)), postal_code=zips | st.text(max_size=12))
def test_no_address_is_ever_placed_in_another_state(gazetteer, city, state, postal_code):
    place = gazetteer.place_address("1 Main St", city, state, postal_code)
    assert place is None or place.state == state
