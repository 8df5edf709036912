"""Addresses are compared as the Postal Service writes them."""

import pytest

from directory.imports.records import PostalAddress
from directory.imports.usps_address import same_place, shorten


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100 Main St Ste 100", "100 MAIN STREET, SUITE 100"),
        ("100 N. Main Ave.", "100 North Main Avenue"),
        ("1 N W 5th Blvd", "1 Northwest Fifth Boulevard"),
        ("12 King's Hwy Fl 2", "12 KINGS HIGHWAY FLOOR 2"),
        ("9 Mount Vernon Pkwy Bldg A", "9 Mt Vernon Parkway Building A"),
        ("100 Main St # 4", "100 MAIN ST #4"),
        ("1 Medical Center Dr", "1 MED CTR DRIVE"),
    ],
)
def test_two_spellings_are_one_address(one, other):
    assert shorten(one) == shorten(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100 Main St Ste 100", "100 Main St Ste 101"),
        ("100 Main St", "100 Main Ave"),
        ("100 N Main St", "100 S Main St"),
        ("100 Main St", "100 Main St Ste 1"),
        ("11 Main St", "1 1 Main St"),
    ],
)
def test_two_addresses_are_two(one, other):
    assert shorten(one) != shorten(other)


def test_the_suite_may_stand_in_either_line_and_the_city_in_short():
    one = PostalAddress("100 Main St Ste 4", "", "St Louis", "MO", "63101-1234", "")
    other = PostalAddress("100 Main Street", "Suite 4", "Saint Louis", "MO", "63101", "3145550100")
    assert same_place(one, other)
    assert not same_place(one, PostalAddress("100 Main Street", "Suite 4", "Saint Louis", "MO", "63102", ""))
