"""Answers come in exactly the published shapes, and every other is refused by a sentence with the limit."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.certification.answers import (
    Choice,
    Choices,
    NumberRange,
    answers_from_json,
    answers_to_json,
    details_from_json,
    format_answer,
    without_stray_frequency,
)
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import assess
from directory.errors import Invalid

RULES = bundled_rulesets().load("bma-2021.1")


def refusal(key, value):
    with pytest.raises(Invalid) as caught:
        answers_from_json(RULES, {key: value})
    (fault,) = caught.value.faults
    assert fault.field == f"/answers/{key}"
    return fault.detail


def test_the_published_example_is_read():
    read = answers_from_json(RULES, {
        "volume_per_site_ml": [5, 10],
        "distinct_sites": 6,
        "imaging_guidance": {"methods": ["fluoroscopy"], "how_often": "always"},
        "harvest_bone": "posterior_iliac_crest",
    })  # fmt: skip
    assert read == {
        "volume_per_site_ml": NumberRange(Decimal(5), Decimal(10)),
        "distinct_sites": NumberRange(Decimal(6), Decimal(6)),
        "imaging_guidance": Choices(frozenset({"fluoroscopy"}), "always"),
        "harvest_bone": Choice("posterior_iliac_crest"),
    }


def test_what_is_null_or_left_out_is_unanswered():
    assert set(answers_from_json(RULES, {}).values()) == {None}
    assert answers_from_json(RULES, {"harvest_bone": None}) == answers_from_json(RULES, {})
    assert answers_to_json(RULES, answers_from_json(RULES, {})) == {}


VOLUME_LIMITS = "Amount from one place must be from 0.1 to 200 mL."
VOLUME_DIGITS = "Amount from one place can have at most one digit after the point."
VOLUME_SHAPE = "Amount from one place must be a number, or two in a list: the low and the high."
SITES_LIMITS = "Number of places must be from 1 to 60 places."


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (0, VOLUME_LIMITS), (0.0, VOLUME_LIMITS), (-0.0, VOLUME_LIMITS), (-5, VOLUME_LIMITS), (0.09, VOLUME_LIMITS),
        (200.1, VOLUME_LIMITS), (201, VOLUME_LIMITS), (10**30, VOLUME_LIMITS), (10**4000, VOLUME_LIMITS),
        (1e308, VOLUME_LIMITS), (5e-324, VOLUME_LIMITS), ([5, 201], VOLUME_LIMITS), ([0, 5], VOLUME_LIMITS),
        (8.05, VOLUME_DIGITS), (0.1 + 0.2, VOLUME_DIGITS), (10.01, VOLUME_DIGITS), ([5, 9.99], VOLUME_DIGITS),
        (Decimal("8.0000000000000000000000000000000001"), VOLUME_DIGITS),
        (True, VOLUME_SHAPE), (False, VOLUME_SHAPE), ([True, 5], VOLUME_SHAPE), ("8", VOLUME_SHAPE), ("", VOLUME_SHAPE),
        (float("nan"), VOLUME_SHAPE), (float("inf"), VOLUME_SHAPE), (float("-inf"), VOLUME_SHAPE),
        (Decimal("NaN"), VOLUME_SHAPE), (Decimal("sNaN"), VOLUME_SHAPE), (Decimal("Infinity"), VOLUME_SHAPE),
        ([], VOLUME_SHAPE), ([8], VOLUME_SHAPE), ([1, 2, 3], VOLUME_SHAPE), ([[1, 2], 3], VOLUME_SHAPE),
        ([None, 5], VOLUME_SHAPE), ({"low": 1}, VOLUME_SHAPE), ({}, VOLUME_SHAPE),
        ([10, 5], "Amount from one place: the range must begin with the smaller number."),
    ],
)  # fmt: skip
def test_a_volume_outside_its_limits_is_refused(value, sentence):
    assert refusal("volume_per_site_ml", value) == sentence


@pytest.mark.parametrize("value", [0.1, 8.1, 8.0, 8, 200, Decimal("8.10"), [8.1, 8.2], [7, 7]])
def test_a_number_is_exactly_what_was_written(value):
    ends = value if isinstance(value, list) else [value, value]
    span = answers_from_json(RULES, {"volume_per_site_ml": value})["volume_per_site_ml"]
    assert span == NumberRange(*(Decimal(str(end)) for end in ends))


@pytest.mark.parametrize(
    ("value", "sentence"),
    [(0, SITES_LIMITS), (61, SITES_LIMITS), (-1, SITES_LIMITS), ([1, 61], SITES_LIMITS), (0.5, SITES_LIMITS),
     (5.5, "Number of places must be a whole number."), ([4, 4.5], "Number of places must be a whole number.")],
)  # fmt: skip
def test_a_count_outside_its_limits_is_refused(value, sentence):
    assert refusal("distinct_sites", value) == sentence


def test_a_whole_count_may_be_written_with_a_point():
    assert answers_from_json(RULES, {"distinct_sites": 6.0}) == answers_from_json(RULES, {"distinct_sites": 6})


@pytest.mark.parametrize("value", ["hip", "", "Tibia", "tibia ", "none", 1, True, ["tibia"], {"value": "tibia"}])
def test_a_bone_that_is_none_of_the_options_is_refused(value):
    assert refusal("harvest_bone", value).startswith("Bone must be one of posterior_iliac_crest, ")


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ({"methods": ["none", "ct"], "how_often": "always"}, '"none" cannot stand together'),
        ({"methods": ["mri"], "how_often": "always"}, "some of fluoroscopy, ultrasound, ct"),
        ({"methods": ["ct"]}, "say how often, as one of always, sometimes"),
        ({"methods": ["ct"], "how_often": None}, "say how often"),
        ({"methods": ["ct"], "how_often": "never"}, "say how often"),
        ({"methods": ["ct"], "how_often": ["always"]}, "say how often"),
        ({"methods": [], "how_often": ""}, "does not apply to none"),
        ({"methods": [], "how_often": "always"}, "does not apply to none"),
        ({"methods": ["none"], "how_often": "sometimes"}, "does not apply to none"),
        ({"methods": "ct", "how_often": "always"}, "must be an object"),
        ({"methods": [["ct"]], "how_often": "always"}, "must be an object"),
        ({"methods": None}, "must be an object"),
        ({"methods": [], "why": "?"}, "must be an object"),
        ({}, "must be an object"), (["ct"], "must be an object"), ("ct", "must be an object"),
        (True, "must be an object"), (0, "must be an object"),
    ],
)  # fmt: skip
def test_imaging_in_another_shape_is_refused(value, part):
    sentence = refusal("imaging_guidance", value)
    assert part in sentence
    assert sentence.startswith("Pictures to guide the needle")


def test_all_faults_are_named_at_once():
    with pytest.raises(Invalid) as caught:
        answers_from_json(RULES, {"volume_per_site_ml": 0, "distinct_sites": 0, "harvest_bone": "hip", "a/b~": 1})
    assert [fault.field for fault in caught.value.faults] == [
        "/answers/a~1b~0", "/answers/volume_per_site_ml", "/answers/distinct_sites", "/answers/harvest_bone",
    ]  # fmt: skip


def test_a_question_that_is_not_asked_is_refused_even_unanswered():
    for key in ("volume", "", "total_volume_ml", "\x00", "a" * 10_000):
        with pytest.raises(Invalid, match="no such question") as caught:
            answers_from_json(RULES, {key: None})
        assert len(caught.value.sentence) < 200


def test_a_million_strangers_make_a_short_refusal():
    with pytest.raises(Invalid) as caught:
        answers_from_json(RULES, dict.fromkeys(map(str, range(100_000))))
    assert len(caught.value.faults) == 10


@pytest.mark.parametrize("values", [None, [], "x", 1, True, [["harvest_bone", "tibia"]]])
def test_answers_that_are_no_object_are_refused(values):
    with pytest.raises(Invalid) as caught:
        answers_from_json(RULES, values)
    assert [fault.field for fault in caught.value.faults] == ["/answers"]


def test_details_have_their_own_limits():
    details = details_from_json(RULES, {"total_volume_ml": [60, 120.5], "anticoagulant": {"methods": ["heparin"]}})
    assert details["total_volume_ml"] == NumberRange(Decimal(60), Decimal("120.5"))
    assert answers_to_json(RULES, details) == {
        "total_volume_ml": [60, 120.5],
        "anticoagulant": {"methods": ["heparin"]},
    }
    for bad in (0.9, 2000.1, 0):
        with pytest.raises(Invalid, match="from 1 to 2000 mL") as caught:
            details_from_json(RULES, {"total_volume_ml": bad})
        assert caught.value.faults[0].field == "/details/total_volume_ml"
    with pytest.raises(Invalid, match="does not ask how often"):
        details_from_json(RULES, {"anticoagulant": {"methods": [], "how_often": "always"}})


@pytest.mark.parametrize("how_often", ["always", "sometimes"])
def test_none_that_was_stored_with_how_often_is_read_and_graded_as_none(how_often):
    def read(value):
        return answers_from_json(RULES, {"imaging_guidance": value}, stored=True)

    earlier, today = read({"methods": [], "how_often": how_often}), read({"methods": []})
    assert answers_to_json(RULES, earlier) == {"imaging_guidance": {"methods": [], "how_often": how_often}}
    assert answers_to_json(RULES, today) == {"imaging_guidance": {"methods": []}}
    (was, *_), (now, *_) = ([one for one in assess(RULES, said).findings if one.answer] for said in (earlier, today))
    assert (was.grade, was.sentence, was.answer_text) == (now.grade, now.sentence, now.answer_text)
    assert without_stray_frequency(earlier["imaging_guidance"]) == today["imaging_guidance"]


@pytest.mark.parametrize("value", [{"methods": [], "how_often": "never"}, {"methods": ["ct"]}, {"methods": ["mri"]}])
def test_nothing_else_is_read_from_what_is_stored(value):
    with pytest.raises(Invalid):
        answers_from_json(RULES, {"imaging_guidance": value}, stored=True)


@given(st.integers(1, 2000), st.integers(1, 2000), st.sets(st.sampled_from(["fluoroscopy", "ultrasound", "ct"])))
def test_what_is_written_is_read_again(a, b, methods):
    low, high = sorted((a / 10, b / 10))
    imaging = {"methods": list(methods)} | ({"how_often": "sometimes"} if methods else {})
    answers = answers_from_json(RULES, {"volume_per_site_ml": [low, high], "imaging_guidance": imaging})
    assert answers_from_json(RULES, json.loads(json.dumps(answers_to_json(RULES, answers)))) == answers


def test_answers_in_words():
    def words(key, value):
        return format_answer(RULES.question(key), answers_from_json(RULES, {key: value})[key])

    assert words("volume_per_site_ml", 8) == words("volume_per_site_ml", 8.0) == "8 mL"
    assert words("volume_per_site_ml", 100) == "100 mL"
    assert words("volume_per_site_ml", [5, 10.5]) == "5 to 10.5 mL"
    assert words("distinct_sites", 1) == "1 place"
    assert words("distinct_sites", [1, 2]) == "1 to 2 places"
    assert words("harvest_bone", "other") == "Another bone"
    assert words("harvest_bone", None) == "No answer"
    assert words("imaging_guidance", {"methods": []}) == "None: by feel and landmarks only"
    assert (
        words("imaging_guidance", {"methods": ["ct", "ultrasound", "fluoroscopy"], "how_often": "sometimes"})
        == "Fluoroscopy (live x-ray), Ultrasound and CT, sometimes"
    )
