"""What an entry and its addresses may hold."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories import make_address, make_entry

from directory.errors import FieldError, Invalid
from directory.listings.fields import STATES
from directory.listings.listing_data import MAX_LOCATIONS, require_npi
from directory.listings.tables import Listing

TEXTS_OF_ENTRY = {"name": 200, "credential": 60, "practice": 200, "specialty_code": 10, "website": 300}
TEXTS_OF_ADDRESS = {"line1": 200, "line2": 200, "city": 100}
UNSEEN = ["\0", "\u202e", "\u200b", "\n", "\x1b", "\u2028", "\ue000"]


def faults_of(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {fault.field: fault.detail for fault in refused.value.faults}


@pytest.mark.parametrize(("field", "most"), TEXTS_OF_ENTRY.items())
def test_a_text_of_an_entry_is_refused_beyond_its_column(field: str, most: int) -> None:
    width = getattr(Listing.__table__.c, field).type.length
    assert most <= width
    prefix = "https://a.example/" if field == "website" else ""
    make_entry(**{field: prefix + "a" * (most - len(prefix))})
    with pytest.raises(Invalid) as refused:
        make_entry(**{field: prefix + "a" * (most + 1 - len(prefix))})
    assert f"at most {most}" in faults_of(refused)[field]


@pytest.mark.parametrize(("field", "most"), TEXTS_OF_ADDRESS.items())
def test_a_text_of_an_address_is_refused_beyond_its_column(field: str, most: int) -> None:
    make_address(**{field: "a" * most})
    with pytest.raises(Invalid) as refused:
        make_address(**{field: "a" * (most + 1)})
    assert list(faults_of(refused)) == [field]


@pytest.mark.parametrize("mark", UNSEEN)
@pytest.mark.parametrize("field", ["name", "credential", "practice", "website"])
def test_what_cannot_be_seen_is_refused_in_an_entry(field: str, mark: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_entry(**{field: f"https://a.example/{mark}b"})
    assert "cannot be seen" in faults_of(refused)[field]


@pytest.mark.parametrize("mark", UNSEEN)
@pytest.mark.parametrize("field", ["line1", "line2", "city", "state", "postal_code", "phone"])
def test_what_cannot_be_seen_is_refused_in_an_address(field: str, mark: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_address(**{field: f"80021{mark}"})
    assert field in faults_of(refused)


@pytest.mark.parametrize(("name", "sentence"), [("", "Enter the name."), ("★", "The name must have a letter.")])
def test_a_name_has_a_letter(name: str, sentence: str) -> None:
    make_entry(name="A")
    with pytest.raises(Invalid) as refused:
        make_entry(name=name)
    assert faults_of(refused) == {"name": sentence}


@pytest.mark.parametrize("state", ["", "co", "ZZ", "Colorado", "C0"])
def test_a_state_is_one_of_the_postal_codes(state: str) -> None:
    assert len(STATES) == 56
    with pytest.raises(Invalid) as refused:
        make_address(state=state)
    assert "two-letter" in faults_of(refused)["state"]


@pytest.mark.parametrize("code", ["", "8002", "800211", "80021-", "80021-123", "8002a", "８００２１", " 80021"])
def test_a_zip_code_has_five_digits_or_nine(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_address(postal_code=code)
    assert "five digits" in faults_of(refused)["postal_code"]


@pytest.mark.parametrize("code", ["80021", "00501", "80021-1234"])
def test_zip_codes_keep_their_zeros(code: str) -> None:
    assert make_address(postal_code=code).postal_code == code


@pytest.mark.parametrize("phone", ["123456", "call me", "1" * 31, "303;555", "<script>"])
def test_a_phone_number_that_an_import_brings_is_digits_and_what_stands_between_them(phone: str) -> None:
    for make in (make_entry, make_address):
        with pytest.raises(Invalid) as refused:
            make(phone=phone)
        assert list(faults_of(refused)) == ["phone"]


@pytest.mark.parametrize(
    "website",
    ["example.com", "javascript:alert(1)", "data:text/html,x", "https://", "ftp://a.example", "https://[::1", "//a.b"],
)
def test_a_website_is_a_whole_address_of_the_web(website: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_entry(website=website)
    assert list(faults_of(refused)) == ["website"]


@pytest.mark.parametrize("count", [0, MAX_LOCATIONS + 1])
def test_an_entry_has_one_address_to_fifty(count: int) -> None:
    with pytest.raises(Invalid) as refused:
        make_entry(addresses=(make_address(),) * count)
    assert f"this has {count}" in faults_of(refused)["addresses"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        make_entry(name="", phone="x", website="x", addresses=())
    assert set(faults_of(refused)) == {"name", "phone", "website", "addresses"}


def test_a_mistyped_npi_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        require_npi("1234567890")
    assert list(faults_of(refused)) == ["npi"]
    assert require_npi("1234567893") == "1234567893"


ANY_TEXT = st.text(max_size=320)


def _faults(make: Callable[..., Any], changes: dict[str, str]) -> Sequence[FieldError]:
    """What making it refuses; nothing where it can be made."""
    try:
        make(**changes)
    except Invalid as refusal:
        return refusal.faults
    return ()


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "credential", "practice", "phone", "website"), ANY_TEXT))
)
def test_any_text_makes_an_entry_or_a_sentence_about_itself(changes: dict[str, str]) -> None:
    assert all(fault.field in changes and fault.detail.endswith(".") for fault in _faults(make_entry, changes))


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("line1", "city", "state", "postal_code", "phone"), ANY_TEXT)))
def test_any_text_makes_an_address_or_a_sentence_about_itself(changes: dict[str, str]) -> None:
    assert all(fault.field in changes and fault.detail.endswith(".") for fault in _faults(make_address, changes))
