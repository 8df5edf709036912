"""Spellings, states and places as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import Invalid
from directory.geocoding.names import clean, name_key
from directory.geocoding.place import Place, Precision
from directory.geocoding.us_states import STATES, find_state, state_of_zip, states_with_prefix
from directory.geography.point import Point


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("CO", "CO"), ("co", "CO"), ("Colorado", "CO"), ("COLO.", "CO"), ("N.Y.", "NY"), ("N. Y.", "NY"),
        ("D.C.", "DC"), ("D. C.", "DC"), ("N. Carolina", "NC"), ("So. Dakota", "SD"), ("W. Va.", "WV"),
        ("Calif.", "CA"), ("Mass", "MA"),
        ("  new   mexico ", "NM"), ("Virgin Islands", "VI"), ("U.S. Virgin Islands", "VI"), ("Puerto Rico", "PR"),
    ],
)  # fmt: skip
def test_a_state_is_known_by_its_letters_its_name_and_its_old_short_form(typed, code):
    assert find_state(typed) == code


@pytest.mark.parametrize("typed", ["", "Ontario", "XX", "Columbus", "New", "England", "US", "C O L", "\u0130"])
def test_nothing_else_is_a_state(typed):
    assert find_state(typed) is None


@pytest.mark.parametrize("code", STATES)
def test_every_state_is_known_by_its_full_name(code):
    assert find_state(STATES[code]) == find_state(code) == code


@pytest.mark.parametrize(
    ("zip_code", "state"),
    [
        ("06390", "NY"), ("83414", "WY"), ("96799", "AS"), ("05501", "MA"), ("73301", "TX"), ("88510", "TX"),
        ("20101", "VA"), ("20500", "DC"), ("34012", None), ("09012", None), ("00000", None), ("96940", "PW"),
        ("39901", "GA"),
    ],
)  # fmt: skip
def test_zips_that_stray_belong_to_the_state_that_they_belong_to(zip_code, state):
    assert state_of_zip(zip_code) == state


def test_an_opening_names_the_states_that_begin_so():
    assert states_with_prefix("new") == ["NH", "NJ", "NM", "NY"]
    assert states_with_prefix("co") == ["CO"]
    assert states_with_prefix("") == list(STATES)
    assert states_with_prefix("xyz") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Louis", "Saint Louis"),
        ("Española", "ESPANOLA"),
        ("N. Ft. Myers", "North Fort Myers"),
        ("De Soto", "DeSoto"),
        ("Strauß", "Strauss"),
    ],
)
def test_two_spellings_of_a_name_have_one_key(one, other):
    assert name_key(one) == name_key(other) != ""


@given(st.text(max_size=60))
def test_a_key_is_letters_and_digits_and_its_own_key_has_no_more(text):
    spelled = name_key(text)
    assert spelled == "" or (spelled.isascii() and spelled.isalnum() and spelled == spelled.lower())


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(text):
    try:
        once = clean(text)
    except Invalid:
        return
    assert clean(once) == once


def test_a_refusal_names_the_field_that_it_was_asked_for():
    with pytest.raises(Invalid) as refusal:
        clean("\x00", "city")
    assert refusal.value.faults[0].field == "city"


@pytest.mark.parametrize(("label", "miles"), [("", 1.0), ("Denver, CO", -1.0), ("Denver, CO", float("nan"))])
def test_a_place_cannot_be_without_label_or_with_less_than_no_uncertainty(label, miles):
    with pytest.raises(ValueError, match=r"label|distance"):
        Place(label, None, None, None, Point(0, 0), Precision.POINT, miles)


def test_the_precisions_are_the_words_of_the_interface():
    assert {str(precision) for precision in Precision} == {"point", "address", "postal", "prefix", "city"}
