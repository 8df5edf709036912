"""Any text at all gets an answer or a refusal in a sentence, and nothing else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from directory.errors import Invalid, Refusal
from directory.geocoding.names import MAX_TEXT_LENGTH
from directory.geocoding.results import Ambiguous, Found, Unknown
from directory.geocoding.us_states import STATES


def answer_to(gazetteer, typed):
    """The answer, or the refusal itself."""
    try:
        return gazetteer.look_up(typed)
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize("typed", ["", " ", "\t\n", ",", " , , ", "#!?", "\u200e\u200f", "🦴"])
def test_blank_is_refused_with_what_to_type(gazetteer, typed):
    with pytest.raises(Invalid, match="Type a ZIP, or a city") as refusal:
        gazetteer.look_up(typed)
    assert [fault.field for fault in refusal.value.faults] == ["near"]


@pytest.mark.parametrize("typed", ["x" * 10_000, "1" * (MAX_TEXT_LENGTH + 1), "Denver, CO " * 50, "\ufdfa" * 100])
def test_a_text_that_is_too_long_is_refused_with_the_limit(gazetteer, typed):
    with pytest.raises(Invalid, match="at most 200 characters") as refusal:
        gazetteer.look_up(typed)
    assert [fault.field for fault in refusal.value.faults] == ["near"]


@pytest.mark.parametrize("typed", ["Den\x00ver", "80021\x00", "\x1b[31mDenver", "Denver\x7f", "Denver\ud800"])
def test_control_characters_are_refused(gazetteer, typed):
    with pytest.raises(Invalid, match="letters, digits and punctuation"):
        gazetteer.look_up(typed)


@pytest.mark.parametrize(
    "typed", ["\u202eDenver, CO", "Den\u200bver, CO\u200f", "\ufeffDenver,\u00a0CO", "Ｄｅｎｖｅｒ, ＣＯ"]
)
def test_marks_that_nobody_sees_are_ignored(find_place, typed):
    assert find_place(typed).label == "Denver, CO"


@pytest.mark.parametrize(
    "typed",
    [
        "' OR 1=1 --",
        "%",
        "_____",
        "*:*",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "{{7*7}}",
        "80021; DROP TABLE town",
    ],
)
def test_text_with_other_intentions_is_only_text(gazetteer, typed):
    assert isinstance(answer_to(gazetteer, typed), Unknown | Invalid)


def places_in(answer):
    """All places that an answer offers."""
    if isinstance(answer, Found):
        return [answer.place, *answer.others]
    return getattr(answer, "candidates", None) or getattr(answer, "did_you_mean", ())


pieces = st.sampled_from(
    [
        *[
            "Denver",
            "Springfield",
            "New York",
            "Washington",
            "Cape Cod",
            "CO",
            "near ",
            "zip ",
            "(near ",
            ")",
            "US",
            "USA",
        ],
        *[
            "80021",
            "10001",
            "09012",
            "00000",
            "80299",
            "12 Main St",
            "39.85",
            "-105.05",
            "91",
            "ñ",
            "St.",
            "N.",
            "D.C.",
        ],
        *[",", " ", "  ", ".", "-", "#", "'", *STATES, *STATES.values()],
    ]
)
like_places = st.lists(pieces, max_size=9).map("".join) | st.lists(pieces, max_size=7).map(" ".join)


@given(typed=st.text(max_size=250) | like_places)
@example(typed="Denver, AK 80021")
@example(typed="0 AK 00500")
@example(typed="0 . A")
def test_every_text_is_answered_or_refused(gazetteer, typed):
    answer = answer_to(gazetteer, typed)
    assert isinstance(answer, Found | Ambiguous | Unknown | Invalid)
    assert isinstance(answer, Found) or answer.sentence.endswith((".", "?"))
    assert not isinstance(answer, Ambiguous) or len(answer.candidates) > 1


@given(typed=st.text(max_size=250) | like_places)
def test_every_text_is_suggested_for_or_not(gazetteer, typed):
    places = gazetteer.suggest(typed)
    assert len(places) <= 8
    assert len({place.label for place in places}) == len(places)


@given(typed=like_places)
def test_every_place_that_is_found_is_found_again_by_its_label(gazetteer, typed):
    for place in places_in(answer_to(gazetteer, typed)):
        again = gazetteer.look_up(place.label)
        assert isinstance(again, Found)
        assert again.place == place
