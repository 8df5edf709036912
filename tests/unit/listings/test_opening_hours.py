"""Opening hours: how they may be typed, what is refused, and that words and structure say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support.factories import make_address

from directory.errors import Invalid
from directory.listings.opening_hours import MAX_SPANS, SCHEMA, WEEKDAYS, check, display, parse, to_texts

MINUTES = st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2 * MAX_SPANS, unique=True).map(sorted)
DAYS = MINUTES.map(
    lambda times: [
        [f"{minute // 60:02}:{minute % 60:02}" for minute in pair]
        for pair in zip(times[::2], times[1::2], strict=False)
    ]
)
HOURS = st.dictionaries(st.sampled_from(list(WEEKDAYS)), DAYS | st.just([]))


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        parse({"monday": text})
    return [(fault.field, fault.detail) for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("8:00-12:00, 13:00-17:00", [["08:00", "12:00"], ["13:00", "17:00"]]),
        ("13-17; 8-12", [["08:00", "12:00"], ["13:00", "17:00"]]),
        ("8 am - 5 pm", [["08:00", "17:00"]]),
        ("8am–5:30PM", [["08:00", "17:30"]]),
        ("8 a.m. to 5 p.m.", [["08:00", "17:00"]]),
        ("8.15 — 17.45", [["08:15", "17:45"]]),
        ("  0:00  -  23:59 ", [["00:00", "23:59"]]),
        ("12 am - 12 pm", [["00:00", "12:00"]]),
        ("12 pm - 12:59 pm", [["12:00", "12:59"]]),
        ("8-10, 10-12, 12-14", [["08:00", "10:00"], ["10:00", "12:00"], ["12:00", "14:00"]]),
        ("closed", []),
        ("CLOSED", []),
    ],
)
def test_hours_may_be_typed_in_the_usual_ways(typed: str, spans: list[list[str]]) -> None:
    assert parse({"monday": typed}) == {"monday": spans}


@pytest.mark.parametrize("text", ["", "   "])
def test_of_a_day_that_is_left_empty_nothing_is_stated(text: str) -> None:
    assert parse({"monday": text, "tuesday": "closed"}) == {"tuesday": []}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("8-5", "must close after they open; 08:00-05:00 does not. Write the afternoon as 5 pm or 17:00."),
        ("8:00-8:00", "must close after they open; 08:00-08:00 does not."),
        ("8-12, 11-17", "may not overlap; 08:00-12:00 and 11:00-17:00 do."),
        ("8-17, 9-10", "may not overlap; 08:00-17:00 and 09:00-10:00 do."),
        ("1-2, 3-4, 5-6, 7-8", "may have at most 3 spans; these are 4."),
        ("1-2," * 40, "may have at most 100 characters; this has 160."),
        ("8-17\u200b", "holds characters that cannot be seen."),
        *(
            (text, "must be times from 0:00 to 23:59, such as 8:00-12:00, 13:00-17:00, or the word closed.")
            for text in ("x", "8", "8-", "25-26", "8-24:00", "8:60-9", "13 pm - 14", "0 am - 5", "8-12,", "٨-١٢")
        ),
    ],
)
def test_what_breaks_a_limit_is_refused_in_a_sentence_with_the_day_and_the_limit(typed: str, sentence: str) -> None:
    [(field, detail)] = refused(typed)
    assert field == "opening_hours-monday"
    assert detail.startswith("Opening hours on Monday ")
    assert sentence in detail


def test_every_day_that_is_wrong_is_named() -> None:
    with pytest.raises(Invalid) as refusal:
        parse({"monday": "8-5", "tuesday": "x", "wednesday": "8-12", "sunday": "8-12,9-10"})
    assert [fault.field.removeprefix("opening_hours-") for fault in refusal.value.faults] == [
        "monday",
        "tuesday",
        "sunday",
    ]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ({}, ""),
        (
            {day: [["08:00", "17:00"]] for day in list(WEEKDAYS)[:5]} | {"saturday": []},
            "Mon–Fri 8 am to 5 pm, Sat closed",
        ),
        ({"monday": [["08:00", "12:00"], ["13:00", "17:30"]]}, "Mon 8 am to noon and 1 pm to 5:30 pm"),
        (
            {"monday": [["00:00", "00:30"]], "wednesday": [["00:00", "00:30"]]},
            "Mon 12 am to 12:30 am, Wed 12 am to 12:30 am",
        ),
        ({day: [] for day in WEEKDAYS}, "Mon–Sun closed"),
        ({"sunday": [], "saturday": []}, "Sat–Sun closed"),
    ],
)
def test_patients_read_them_in_one_line(hours: dict[str, list[list[str]]], words: str) -> None:
    assert display(hours).replace("\N{NO-BREAK SPACE}", " ") == words


@given(HOURS)
def test_what_is_stored_can_be_typed_again_and_fits_the_schema(hours: dict[str, list[list[str]]]) -> None:
    assert not list(check(hours))
    assert parse(to_texts(hours)) == hours
    assert make_address(opening_hours=hours).columns["opening_hours"] == hours
    Draft202012Validator(SCHEMA).validate(hours)
    assert display(hours).count("closed") <= len(hours)


@given(st.dictionaries(st.sampled_from(list(WEEKDAYS)), st.text(max_size=30) | st.from_regex(r"[0-9:apm, -]{1,20}")))
def test_any_text_is_hours_or_a_sentence_about_its_day(texts: dict[str, str]) -> None:
    try:
        hours, named = parse(texts), set()
    except Invalid as refusal:
        hours, named = {}, {fault.field.removeprefix("opening_hours-") for fault in refusal.faults}
    assert hours.keys() | named <= texts.keys()
    assert not list(check(hours))


@pytest.mark.parametrize(
    "hours",
    [{"someday": []}, {"monday": [["8:00", "9:00"]]}, {"monday": [["08:00"]]}, {"monday": [["08:00", "24:00"]]}],
)
def test_an_address_refuses_hours_of_another_shape(hours: dict[str, list[list[str]]]) -> None:
    with pytest.raises(Invalid, match="Opening hours"):
        make_address(opening_hours=hours)
