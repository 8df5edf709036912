"""Telephone numbers: what is one, the form in which it is stored, and how it is shown and called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.listings.phone_numbers import format_phone, normalize, parse, phone_uri


@pytest.mark.parametrize(
    ("typed", "normal", "text", "uri"),
    [
        ("3035550100", "303-555-0100", "(303) 555-0100", "tel:+13035550100"),
        ("(303) 555-0100", "303-555-0100", "(303) 555-0100", "tel:+13035550100"),
        ("+1 303.555.0100", "303-555-0100", "(303) 555-0100", "tel:+13035550100"),
        ("1/303/555/0100", "303-555-0100", "(303) 555-0100", "tel:+13035550100"),
        ("303-555-0100 ext. 12", "303-555-0100 ext. 12", "(303) 555-0100 x12", "tel:+13035550100;ext=12"),
        ("303-555-0100X12", "303-555-0100 ext. 12", "(303) 555-0100 x12", "tel:+13035550100;ext=12"),
        ("303-555-0100 #12", "303-555-0100 ext. 12", "(303) 555-0100 x12", "tel:+13035550100;ext=12"),
        ("303-555-0100, extension 007", "303-555-0100 ext. 007", "(303) 555-0100 x007", "tel:+13035550100;ext=007"),
        ("1-800-FLOWERS", "1-800-FLOWERS", "1-800-FLOWERS", "tel:+18003569377"),
        ("1 (800) go fedex", "1-800-GO-FEDEX", "1-800-GO-FEDEX", "tel:+18004633339"),
        ("800-555-CALL", "1-800-555-CALL", "1-800-555-CALL", "tel:+18005552255"),
        ("1-800-CONTACTS", "1-800-CONTACTS", "1-800-CONTACTS", "tel:+18002668228"),
        ("787-555-0100", "787-555-0100", "(787) 555-0100", "tel:+17875550100"),
    ],
)
def test_a_number_has_one_form_however_it_is_typed(typed: str, normal: str, text: str, uri: str) -> None:
    assert (normalize(typed), format_phone(typed), phone_uri(typed)) == (normal, text, uri)
    assert (normalize(normal), format_phone(normal), phone_uri(normal)) == (normal, text, uri)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".......",
        "303 555 01",
        "555-0100",
        "303-555-0100-99",
        "103-555-0100",
        "303-155-0100",
        "FLOWERS",
        "1-800-FLOWER",
        "1-303-FLOWERS",
        "call me 303-555-0100",
        "303-555-0100 or 0101",
        "303-555-0100 ext. 1234567",
        "+44 20 7946 0958",
        "\u0663\u0660\u0663\u0665\u0665\u0665\u0660\u0661\u0660\u0660",
        "<script>",
        "303-555-0100\n",
        "9" * 400,
    ],
)
def test_other_text_is_no_number_and_is_shown_as_it_is(typed: str) -> None:
    assert parse(typed) is None
    assert (normalize(typed), format_phone(typed)) == (typed, typed)
    assert set(phone_uri(typed).removeprefix("tel:")) <= set("0123456789")


@given(st.text(alphabet="0123456789-+(). x#FLOWERS", max_size=40) | st.text(max_size=40))
def test_a_normal_form_is_its_own_and_fits_the_column(typed: str) -> None:
    number = parse(typed)
    if number is not None:
        assert parse(number.normal) == number
        assert len(number.normal) <= 30
