"""What people type into a form becomes the same answers, or a sentence beside the field it belongs to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.certification import form_values
from directory.certification.answers import Choice, Choices, NumberRange, answers_from_json, details_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Invalid

RULES = bundled_rulesets().load("bma-2021.1")
VOLUME, SITES, IMAGING, BONE = RULES.criteria


def span(low, high=None):
    return NumberRange(Decimal(low), Decimal(high or low))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [("8", "", span("8")), ("8.1", "", span("8.1")), (" 8 ", " ", span("8")), ("5", "10", span("5", "10")),
     ("8 mL", "", span("8")), ("8ML", "", span("8")), ("8 cc", "", span("8")), ("5", "10 ml", span("5", "10")),
     ("5-10", "", span("5", "10")), ("5 – 10 mL", "", span("5", "10")), ("5 to 10", "", span("5", "10")),
     (".5", "", span("0.5")), ("8.", "", span("8")), ("", "", None), ("\t", "\n", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(low, high, expected):
    read = form_values.parse_form([VOLUME], {"volume_per_site_ml-low": [low], "volume_per_site_ml-high": [high]})
    assert read == {"volume_per_site_ml": expected}


@pytest.mark.parametrize(
    ("low", "high", "part", "sentence"),
    [
        ("abc", "", "low", "must be a number, such as 0.2"), ("mL", "", "low", "must be a number"),
        ("0", "", "low", "from 0.1 to 200 mL"), ("-5", "", "low", "from 0.1 to 200 mL"),
        ("8.05", "", "low", "one digit after the point"), ("1e3", "", "low", "must be a number"),
        ("nan", "", "low", "must be a number"), ("inf", "", "low", "must be a number"),
        ("٨", "", "low", "must be a number"), ("8\x00", "", "low", "must be a number"),
        ("9" * 5000, "", "low", "must be a number"), ("8,5", "", "low", "must be a number"),
        ("10-5", "", "low", "begin with the smaller"), ("5-201", "", "low", "from 0.1 to 200"),
        ("5", "201", "high", "from 0.1 to 200 mL"), ("5", "x", "high", "must be a number"),
        ("5", "9.99", "high", "one digit"), ("10", "5", "low", "begin with the smaller"),
        ("5-6", "7", "low", "must be a number"), ("", "10", "low", "fill in “From” too"),
    ],
)  # fmt: skip
def test_a_number_outside_its_limits_is_refused_beside_its_field(low, high, part, sentence):
    with pytest.raises(Invalid) as caught:
        form_values.parse_form([VOLUME], {"volume_per_site_ml-low": [low], "volume_per_site_ml-high": [high]})
    (fault,) = caught.value.faults
    assert fault.field == f"volume_per_site_ml-{part}"
    assert sentence in fault.detail


def test_fields_that_a_browser_left_out_are_unanswered():
    assert form_values.parse_form(RULES.questions, {}) == dict.fromkeys(question.key for question in RULES.questions)


def test_choices_are_read_from_boxes():
    read = form_values.parse_form([IMAGING, BONE], {
        "imaging_guidance-methods": ["ct", "ultrasound"], "imaging_guidance-how_often": ["always"],
        "harvest_bone-value": ["tibia"],
    })  # fmt: skip
    assert read == {
        "imaging_guidance": Choices(frozenset({"ct", "ultrasound"}), "always"),
        "harvest_bone": Choice("tibia"),
    }
    assert form_values.parse_form([IMAGING], {"imaging_guidance-methods": ["none"]}) == {
        "imaging_guidance": Choices(frozenset())
    }


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"imaging_guidance-methods": ["ct"]}, "imaging_guidance-how_often", "say how often"),
        ({"imaging_guidance-how_often": ["always"]}, "imaging_guidance-methods", "choose what you use, or none"),
        ({"imaging_guidance-methods": ["none", "ct"], "imaging_guidance-how_often": ["always"]},
         "imaging_guidance-methods", "cannot stand together"),
        ({"imaging_guidance-methods": ["x"], "imaging_guidance-how_often": ["always"]},
         "imaging_guidance-methods", "must be none, or some of"),
        ({"harvest_bone-value": ["hip"]}, "harvest_bone-value", "must be one of"),
        ({"harvest_bone-value": ["tibia", "femur"]}, "harvest_bone-value", "more than once"),
        ({"distinct_sites-low": ["5", "6"]}, "distinct_sites-low", "more than once"),
        ({"distinct_sites-low": ["5.5"]}, "distinct_sites-low", "whole number"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(sent, field, sentence):
    with pytest.raises(Invalid) as caught:
        form_values.parse_form(RULES.criteria, sent)
    (fault,) = caught.value.faults
    assert fault.field == field
    assert sentence in fault.detail


def test_all_fields_are_read_before_anything_is_refused():
    sent = {"distinct_sites-low": ["x"], "harvest_bone-value": ["x"], "total_volume_ml-low": ["0"]}
    with pytest.raises(Invalid) as caught:
        form_values.parse_form(RULES.questions, sent)
    assert [fault.field for fault in caught.value.faults] == list(sent)


@pytest.mark.parametrize(
    "values",
    [{"volume_per_site_ml": [0.1, 200], "distinct_sites": 6, "harvest_bone": "other"},
     {"imaging_guidance": {"methods": []}}, {"imaging_guidance": {"methods": ["ct"], "how_often": "sometimes"}}, {}],
)  # fmt: skip
def test_a_form_shows_again_what_was_answered(values):
    answers = answers_from_json(RULES, values)
    texts: dict[str, list[str]] = {}
    for criterion in RULES.criteria:
        texts |= form_values.form_texts(criterion, answers[criterion.key])
    assert form_values.parse_form(RULES.criteria, texts) == answers


def test_details_are_read_the_same_way():
    sent = {"total_volume_ml-low": ["60"], "performed_by-methods": ["physician"], "sides-value": ["both"]}
    asked = {"total_volume_ml": 60, "performed_by": {"methods": ["physician"]}, "sides": "both"}
    assert form_values.parse_form(RULES.details, sent) == details_from_json(RULES, asked)


any_text = st.text(max_size=60) | st.sampled_from(["5", "5-10", "none", "always", "tibia", "mL", "-", "1 to"])
names = [
    form_values.input_name(question, part) for question in RULES.questions for part in form_values.input_parts(question)
]


def named(sent):
    """The questions that were read, or the fields that were refused."""
    try:
        return set(form_values.parse_form(RULES.questions, sent))
    except Invalid as refusal:
        return {fault.field for fault in refusal.faults}


@given(st.dictionaries(st.sampled_from(names), st.lists(any_text, max_size=3)))
def test_no_text_whatever_breaks_the_reading(sent):
    keys = {question.key for question in RULES.questions}
    assert named(sent) == keys or named(sent) <= set(names)
