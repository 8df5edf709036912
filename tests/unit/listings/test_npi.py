"""The check digit of an NPI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.listings.npi import is_valid_npi

REAL_LOOKING = ["1234567893", "1245319599", "1558598797", "1003310905"]


def luhn(digits: str) -> bool:
    """The textbook's check, digit by digit from the right."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        digit = int(character) * (2 if place % 2 else 1)
        total += digit // 10 + digit % 10
    return total % 10 == 0


@pytest.mark.parametrize("npi", REAL_LOOKING)
def test_published_examples_are_valid(npi: str) -> None:
    assert is_valid_npi(npi)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456789",
        "12345678930",
        "1234567890",
        "0234567893",
        "3234567893",
        "12345 67893",
        "123456789x",
        "-123456789",
        "１２３４５６７８９３",
        "١٢٣٤٥٦٧٨٩٣",
        "1234567893\n",
    ],
)
def test_what_is_no_npi_is_refused(text: str) -> None:
    assert not is_valid_npi(text)


@pytest.mark.parametrize("npi", REAL_LOOKING)
def test_every_single_wrong_digit_is_caught(npi: str) -> None:
    for place, right in enumerate(npi):
        for digit in set("0123456789") - {right}:
            assert not is_valid_npi(npi[:place] + digit + npi[place + 1 :]), (place, digit)


@given(st.from_regex(r"[12][0-9]{9}", fullmatch=True))
def test_it_is_luhn_over_the_prefix_and_the_digits(digits: str) -> None:
    assert is_valid_npi(digits) == luhn("80840" + digits)


@given(st.from_regex(r"[12][0-9]{8}", fullmatch=True))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    assert sum(is_valid_npi(digits + check) for check in "0123456789") == 1
