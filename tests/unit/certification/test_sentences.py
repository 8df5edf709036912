"""Every sentence about an answer, whole: what a patient reads of it, and what a provider is told who typed it wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from directory.certification.answers import (
    Choice,
    Choices,
    NumberRange,
    answers_from_json,
    answers_to_json,
    details_from_json,
    format_answer,
    format_phrase,
)
from directory.certification.criteria import fits_decimals
from directory.certification.cross_checks import Contradiction, find_contradictions
from directory.certification.ruleset import Ruleset, bundled_rulesets, parse_ruleset
from directory.certification.scoring import Finding, Grade, assess
from directory.errors import FieldError, Invalid, NotFound

TEXT = (Path(__file__).parents[3] / "directory/certification/rulesets/bma-2021.1.toml").read_text("utf-8")


@pytest.fixture
def fresh_ruleset() -> Ruleset:
    """Rules that nothing was graded by yet: findings are remembered, and a remembered one proves nothing."""
    return parse_ruleset(TEXT)


def changed(*replacements: tuple[str, str]) -> Ruleset:
    text = TEXT
    for old, new in replacements:
        assert old in text, "the change must be planted"
        text = text.replace(old, new, 1)
    return parse_ruleset(text)


def refused(ruleset: Ruleset, values: object, *, details: bool = False) -> list[FieldError]:
    with pytest.raises(Invalid) as caught:
        (details_from_json if details else answers_from_json)(ruleset, values)
    return list(caught.value.faults)


AMOUNT_RULE, PLACES_RULE = "The rule is 10 mL or less.", "The rule is 5 to 15 places."
PICTURES_RULE, BONE_RULE = "The rule is to use pictures every time.", "The rule is the hip bone (iliac crest)."


@pytest.mark.parametrize(
    ("key", "value", "grade", "said", "rule"),
    [
        ("volume_per_site_ml", None, Grade.UNANSWERED, "They do not say how much they take from each place.",
         AMOUNT_RULE),
        ("volume_per_site_ml", 8, Grade.RIGHT, "They take up to 8 mL from each place.", AMOUNT_RULE),
        ("volume_per_site_ml", [5, 12.5], Grade.BETWEEN, "They take 5 to 12.5 mL from each place.", AMOUNT_RULE),
        ("distinct_sites", 1, Grade.WRONG, "They draw from 1 place.", PLACES_RULE),
        ("distinct_sites", [1, 2], Grade.WRONG, "They draw from 1 to 2 places.", PLACES_RULE),
        ("imaging_guidance", {"methods": ["ct"], "how_often": "always"}, Grade.RIGHT,
         "They guide the needle with CT scans every time.", PICTURES_RULE),
        ("imaging_guidance", {"methods": ["ct", "fluoroscopy", "ultrasound"], "how_often": "sometimes"}, Grade.BETWEEN,
         "They guide the needle with live x-ray, ultrasound and CT scans some of the time.", PICTURES_RULE),
        ("imaging_guidance", {"methods": []}, Grade.WRONG, "They find the place by feel, with no pictures.",
         PICTURES_RULE),
        ("imaging_guidance", {"methods": [], "how_often": "always"}, Grade.WRONG,
         "They find the place by feel, with no pictures.", PICTURES_RULE),
        ("harvest_bone", "tibia", Grade.WRONG, "They take marrow from the shin bone.", BONE_RULE),
        ("harvest_bone", "vertebra", Grade.BETWEEN, "They take marrow from the spine.", BONE_RULE),
        ("harvest_bone", None, Grade.UNANSWERED, "They do not say which bone they take marrow from.", BONE_RULE),
    ],
)  # fmt: skip
def test_a_finding_says_what_was_answered_and_then_the_rule(fresh_ruleset, key, value, grade, said, rule):
    answers = answers_from_json(fresh_ruleset, {key: value}, stored=True)
    assessment = assess(fresh_ruleset, answers)
    question = fresh_ruleset.question(key)
    assert assessment.ruleset_id == "bma-2021.1"
    assert assessment.findings[fresh_ruleset.criteria.index(question)] == Finding(
        key, answers[key], grade, f"{said} {rule}", format_answer(question, answers[key])
    )


def test_several_choices_without_how_often_are_worded_too():
    often, none = TEXT.index("how_often = [\n"), TEXT.index("none = {")
    check, next_check = (TEXT.index(f'[[checks]]\nkey = "{key}') for key in ("imaging_method", "crest"))
    ruleset = changed(
        (TEXT[check:next_check], ""), (TEXT[often:none], ""), (', how_often = ["always"]', ""), (" {how_often}.", "."),
    )  # fmt: skip
    finding = assess(ruleset, answers_from_json(ruleset, {"imaging_guidance": {"methods": ["ct"]}})).findings[2]
    assert (finding.grade, finding.sentence) == (Grade.RIGHT, f"They guide the needle with CT scans. {PICTURES_RULE}")


def test_a_rule_can_call_wrong_what_is_done_too_seldom():
    ruleset = changed(("wrong = { none = true }", 'wrong = { any_of = ["ct"], how_often = ["sometimes"] }'))

    def grade(methods: list[str], how_often: str | None) -> Grade:
        value = {"methods": methods} | ({"how_often": how_often} if how_often else {})
        return assess(ruleset, answers_from_json(ruleset, {"imaging_guidance": value})).findings[2].grade

    assert grade(["ct", "ultrasound"], "sometimes") is Grade.WRONG
    assert grade(["ultrasound"], "sometimes") is Grade.BETWEEN
    assert grade(["ct"], "always") is Grade.RIGHT
    assert grade([], None) is Grade.BETWEEN


def test_a_phrase_stands_within_a_sentence(fresh_ruleset):
    volume, _, imaging, bone = fresh_ruleset.criteria
    assert format_phrase(volume, NumberRange(Decimal(5), Decimal(10))) == "5 to 10 mL"
    assert format_phrase(imaging, Choices(frozenset({"ct", "ultrasound"}), "always")) == "ultrasound and CT scans"
    assert format_phrase(imaging, Choices(frozenset())) == "None: by feel and landmarks only"
    assert format_phrase(bone, Choice("tibia")) == "the shin bone"
    assert format_phrase(bone, None) == "No answer"
    assert format_answer(imaging, Choices(frozenset({"ct"}))) == "CT"


def test_numbers_are_written_as_the_numbers_that_they_are(fresh_ruleset):
    written = answers_to_json(
        fresh_ruleset, answers_from_json(fresh_ruleset, {"volume_per_site_ml": [8, 8.5], "distinct_sites": 6})
    )
    assert repr(written) == "{'volume_per_site_ml': [8, 8.5], 'distinct_sites': 6}"


def test_what_is_no_object_is_refused_by_its_name(fresh_ruleset):
    sentence = "The {} must be an object with one member for each question."
    assert refused(fresh_ruleset, []) == [FieldError("/answers", sentence.format("answers"))]
    assert refused(fresh_ruleset, [], details=True) == [FieldError("/details", sentence.format("details"))]


def test_a_question_that_is_not_asked_is_named_as_far_as_it_can_be_read(fresh_ruleset):
    sentence = "The rules bma-2021.1 have no such question: {!r}."
    assert refused(fresh_ruleset, {"a/b~": 1}) == [FieldError("/answers/a~1b~0", sentence.format("a/b~"))]
    long = refused(fresh_ruleset, {"b" * 61: 1, 3: 1}, details=True)
    assert long == [
        FieldError(f"/details/{'b' * 60}", sentence.format("b" * 60)),
        FieldError("/details/3", sentence.format("3")),
    ]


IMAGING = "Pictures to guide the needle"
OFTEN = f"{IMAGING}: say how often, as one of always, sometimes."
NO_OFTEN = f'{IMAGING}: "how often" does not apply to none. Leave it out, or choose a method.'
SHAPE = f'{IMAGING} must be an object with "methods": a list of choices, and "how_often".'


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"methods": ["none", "ct"]}, f'{IMAGING}: "none" cannot stand together with another choice.'),
        ({"methods": ["mri"]}, f"{IMAGING} must be none, or some of fluoroscopy, ultrasound, ct."),
        ({"methods": ["ct"]}, OFTEN), ({"methods": ["ct"], "how_often": "never"}, OFTEN),
        ({"methods": [], "how_often": "always"}, NO_OFTEN), ({"methods": ["none"], "how_often": "always"}, NO_OFTEN),
        ({"methods": ["ct"], "how_often": 1}, OFTEN),
        ({"methods": "ct"}, SHAPE), ({"methods": ["ct", 1]}, SHAPE), ([], SHAPE), ({"methods": [], "x": 1}, SHAPE),
    ],
)  # fmt: skip
def test_imaging_is_refused_in_these_words(fresh_ruleset, value, sentence):
    assert refused(fresh_ruleset, {"imaging_guidance": value}) == [FieldError("/answers/imaging_guidance", sentence)]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"methods": [], "how_often": "always"}, "Anticoagulant does not ask how often."),
        ({"methods": [], "how_often": 1}, "Anticoagulant does not ask how often."),
        ([], 'Anticoagulant must be an object with "methods": a list of choices.'),
    ],
)
def test_a_question_without_how_often_does_not_ask_for_it(fresh_ruleset, value, sentence):
    assert refused(fresh_ruleset, {"anticoagulant": value}, details=True) == [
        FieldError("/details/anticoagulant", sentence)
    ]


def test_a_bone_is_refused_with_all_that_can_be_said(fresh_ruleset):
    bones = "posterior_iliac_crest, anterior_iliac_crest, vertebra, tibia, femur, calcaneus, humerus, sternum, other"
    for value in ("hip", 3):
        assert refused(fresh_ruleset, {"harvest_bone": value}) == [
            FieldError("/answers/harvest_bone", f"Bone must be one of {bones}.")
        ]


def test_decimals_are_refused_by_how_many_there_can_be():
    ruleset = changed(("decimals = 1\nlimits = { at_least = 0.1", "decimals = 2\nlimits = { at_least = 0.1"))
    assert refused(ruleset, {"volume_per_site_ml": 8.055}) == [
        FieldError("/answers/volume_per_site_ml", "Amount from one place can have at most 2 digits after the point.")
    ]
    assert answers_from_json(ruleset, {"volume_per_site_ml": 8.05})["volume_per_site_ml"] == NumberRange(
        *[Decimal("8.05")] * 2
    )


def test_contradictions_are_told_in_these_words(fresh_ruleset):
    answers = answers_from_json(fresh_ruleset, {
        "volume_per_site_ml": [5, 10], "distinct_sites": [1, 6], "harvest_bone": "tibia",
        "imaging_guidance": {"methods": [], "how_often": "sometimes"},
    }, stored=True)  # fmt: skip
    details = details_from_json(fresh_ruleset, {"total_volume_ml": 120, "crest_part": "posterior"})
    assert find_contradictions(fresh_ruleset, answers, details) == (
        Contradiction(
            "total_volume",
            "You say 120 mL in all, but 1 to 6 places with 5 to 10 mL from each make 60 mL at most.",
            "Total amount, Amount from one place and Number of places",
        ),
        Contradiction(
            "imaging_method",
            "You say how often you use imaging (sometimes), but also that you use none. "
            "Please name the imaging, or say none only.",
            "Pictures to guide the needle",
        ),
        Contradiction(
            "crest_and_another_bone",
            "You name a part of the iliac crest (the back of the hip bone), but another bone: the shin bone.",
            "Bone and Part of the hip bone",
        ),
    )


def test_how_often_is_told_as_the_form_says_it():
    ruleset = changed(('value = "always", label = "Always"', 'value = "always", label = "Each Time"'))
    answers = answers_from_json(ruleset, {"imaging_guidance": {"methods": [], "how_often": "always"}}, stored=True)
    (told,) = find_contradictions(ruleset, answers, {})
    assert told.sentence.startswith("You say how often you use imaging (each time), but also that you use none.")


def test_a_total_is_held_against_the_least_in_the_words_of_the_check():
    sentence = "{total} is less than {least}, and {times} of {each} are {most} at most."
    ruleset = changed(
        ("You say {total} in all, but {each} from one place: the total cannot be less than that.", sentence)
    )
    details = details_from_json(ruleset, {"total_volume_ml": 4})
    for sites, most in (
        (6, "6 places of 5 to 10 mL are 60 mL at most."),
        (None, "No answer of 5 to 10 mL are  at most."),
    ):
        answers = answers_from_json(ruleset, {"volume_per_site_ml": [5, 10], "distinct_sites": sites})
        assert [c.sentence for c in find_contradictions(ruleset, answers, details)] == [
            f"4 mL is less than 5 mL, and {most}"
        ]


def test_a_pick_can_be_among_several_choices():
    ruleset = changed(('question = "crest_part", values = ["posterior", "anterior"]',
                       'question = "anticoagulant", values = ["heparin"]'))  # fmt: skip

    def found(methods: list[str]) -> list[str]:
        details = details_from_json(ruleset, {"anticoagulant": {"methods": methods}})
        told = find_contradictions(ruleset, answers_from_json(ruleset, {"harvest_bone": "tibia"}), details)
        return [contradiction.sentence for contradiction in told]

    assert found(["acd_a"]) == found([]) == []
    assert found(["acd_a", "heparin"]) == [
        "You name a part of the iliac crest (heparin and ACD-A), but another bone: the shin bone."
    ]


def test_unknown_rules_are_refused_in_these_words():
    with pytest.raises(NotFound) as missing:
        bundled_rulesets().load("bma-2020")
    assert missing.value.sentence == "There are no published rules by that name."


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_finite_number_fits_no_decimals(number):
    assert not fits_decimals(Decimal(number), 3)
