"""A practice is placed in the area of its ZIP code."""

import pytest

from directory.geocoding.gazetteer import Found
from directory.geography.point import Point, miles_between
from directory.imports.placement import place_in_zip


@pytest.mark.parametrize(
    ("city", "state", "zip_code"),
    [
        ("Vieques", "PR", "00765"),
        ("Culebra", "PR", "00775"),
        ("Broomfield", "CO", "80021"),
        ("Scottsdale", "AZ", "85262"),
        ("Avalon", "CA", "90704"),
        ("Los Angeles", "CA", "90012"),
        ("Nowhere at All", "CO", "80021"),
    ],
)
def test_a_practice_lies_in_the_area_of_its_zip_code(gazetteer, city, state, zip_code):
    found = gazetteer.look_up(zip_code)
    assert isinstance(found, Found)
    place = place_in_zip(gazetteer, city, state, zip_code)
    assert miles_between(place.point, found.place.point) <= found.place.uncertainty_miles


def test_vieques_is_on_its_island(gazetteer):
    place = place_in_zip(gazetteer, "Vieques", "PR", "00765")
    assert miles_between(place.point, Point(18.12, -65.42)) < 6


def test_an_address_that_would_be_a_guess_has_no_place(gazetteer):
    assert place_in_zip(gazetteer, "Nowhere at All", "CO", "00000") is None
