"""What two versions of the rules say in different ways: every difference is told, and nothing else."""

from pathlib import Path

import pytest

from directory.certification.ruleset import Ruleset, parse_ruleset
from directory.certification.ruleset_diff import RulesetChange, diff_rulesets

TEXT = (Path(__file__).parents[3] / "directory/certification/rulesets/bma-2021.1.toml").read_text("utf-8")
OLD = parse_ruleset(TEXT)

VOLUME = "How much volume do you take from one spot in my bone marrow?"
SITES = "How many distinct spots in my bone marrow will you draw from?"
IMAGING = "Will you use imaging guidance to draw the bone marrow?"
BONE = "Which bone will you take the marrow from?"
BONES = (
    "Back of the hip bone (posterior iliac crest); Front of the hip bone (anterior iliac crest); Spine (vertebra); "
    "Shin bone (tibia); Thigh bone (femur); Heel bone (calcaneus); Upper arm bone (humerus); Breastbone (sternum); "
    "Another bone"
)
GUIDES = "Fluoroscopy (live x-ray); Ultrasound; CT; None: by feel and landmarks only"
EVIDENCE = "Good evidence that pictures make it more exact and lower the risk of a miss"
SIDES = "Do you draw from one side of the body or from both?"


GRADED_SIDES = """
[[criteria]]
key = "sides"
kind = "choice"
short = "Sides"
options = [
    { value = "one", label = "One side", phrase = "one side" },
    { value = "both", label = "Both sides", phrase = "both sides" },
]
right = ["both"]
wrong = ["one"]
question = "One side or both?"
patient_question = "Will you draw from both sides?"
right_answer = "Both sides"
wrong_answer = "One side"
why = "This is made up for a test."
strength = "weak"
strength_text = "Nobody has looked."
sentences = { says = "They draw from {answer}.", not_stated = "They do not say.", rule = "The rule is both sides." }
citations = [{ authors = "Nobody", reference = "Nowhere", stance = "against", finding = "None." }]

"""
"""The detail of that key as a criterion."""


def newer(*replacements: tuple[str, str]) -> Ruleset:
    text = TEXT
    for old, new in replacements:
        assert text.count(old) == 1, f"the planted change must be planted once: {old}"
        text = text.replace(old, new)
    return parse_ruleset(text)


def both_ways(ruleset: Ruleset, *expected: RulesetChange) -> None:
    assert diff_rulesets(OLD, ruleset) == expected
    assert diff_rulesets(ruleset, OLD) == tuple(RulesetChange(c.subject, c.what, c.after, c.before) for c in expected)


def test_rules_that_say_the_same_differ_in_nothing():
    assert diff_rulesets(OLD, parse_ruleset(TEXT)) == ()


@pytest.mark.parametrize(
    ("old", "new", "subject", "what", "before", "after"),
    [
        (f'patient_question = "{VOLUME}"', 'patient_question = "How much?"', "How much?", "Question", VOLUME,
         "How much?"),
        ("right = { at_most = 10 }", "right = { at_most = 5 }", VOLUME, "Right", "10 mL or less", "5 mL or less"),
        ("wrong = { at_least = 30 }", "wrong = { at_least = 20 }", VOLUME, "Wrong", "30 mL or more", "20 mL or more"),
        ('why = "Small pulls from many places bring more stem cells than one big pull."', 'why = "It helps."', SITES,
         "Why", "Small pulls from many places bring more stem cells than one big pull.", "It helps."),
        ("no trial found that they bring more cells.", "none found more cells.", IMAGING, "Evidence",
         f"{EVIDENCE}; no trial found that they bring more cells.", f"{EVIDENCE}; none found more cells."),
        ('label = "Ultrasound"', 'label = "Sound"', IMAGING, "Answers to choose from", GUIDES,
         GUIDES.replace("Ultrasound", "Sound")),
        ('label = "None: by feel and landmarks only"', 'label = "None"', IMAGING, "Answers to choose from", GUIDES,
         "Fluoroscopy (live x-ray); Ultrasound; CT; None"),
        ('label = "Another bone"', 'label = "Other"', BONE, "Answers to choose from", BONES,
         BONES.replace("Another bone", "Other")),
        ("valid_months = 12", "valid_months = 6", "The whole", "How long answers count", "12 months", "6 months"),
        ("I will update them within 30 days of a change. ", "", "The whole", "What is signed", OLD.statement,
         OLD.statement.replace("I will update them within 30 days of a change. ", "")),
        ('publisher = "Regenexx"', 'publisher = "Others"', "The whole", "Where the rules come from",
         f"Regenexx: {OLD.source.title}", f"Others: {OLD.source.title}"),
    ],
)  # fmt: skip
def test_one_difference_is_one_line_with_both_texts(old, new, subject, what, before, after):
    ruleset = newer((old, new))
    assert diff_rulesets(OLD, ruleset) == (RulesetChange(subject, what, before, after),)
    (back,) = diff_rulesets(ruleset, OLD)
    assert (back.what, back.before, back.after) == (what, after, before)


def test_differences_are_told_in_the_order_of_the_newer_rules():
    ruleset = newer(
        ("valid_months = 12", "valid_months = 6"),
        ("right = { at_most = 10 }", "right = { at_most = 5 }"),
        ('question = "Do you have the cells counted?"', 'question = "Are the cells counted?"'),
    )
    assert [(change.subject, change.what) for change in diff_rulesets(OLD, ruleset)] == [
        (VOLUME, "Right"), ("Are the cells counted?", "Question"), ("The whole", "How long answers count"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "what", "words"),
    [
        ('right = ["posterior_iliac_crest", "anterior_iliac_crest"]', 'right = ["posterior_iliac_crest"]', "Right",
         "The hip bone (iliac crest), back or front"),
        ('wrong = ["tibia", "femur"', 'wrong = ["vertebra", "tibia", "femur"', "Wrong",
         "The shin, thigh, heel, upper arm, breastbone or another bone"),
    ],
)  # fmt: skip
def test_limits_that_move_under_the_same_words_do_not_pass_in_silence(old, new, what, words):
    ruleset = newer((old, new))
    expected = (RulesetChange(BONE, what, words, "Same words, other limits"),)
    assert diff_rulesets(OLD, ruleset) == expected == diff_rulesets(ruleset, OLD)


def test_a_criterion_that_came_or_went_is_told_with_its_rule(five_criteria):
    kind, rulesets = five_criteria
    new, old = rulesets.newest_first
    rule = {
        "quantity": "Right: 2 to 3.25 mm. Wrong: 1 mm or less, or 6.5 mm or more.",
        "count": "Right: 2 or more. Wrong: Nobody.",
        "choice": "Right: Yes. Wrong: No.",
        "choices": "Right: The lining of the bone. Wrong: Nothing.",
    }[kind]
    assert diff_rulesets(old, new) == (RulesetChange("Which will you?", "Question", "Not asked", rule),)
    assert diff_rulesets(new, old) == (RulesetChange("Which will you?", "Question", rule, "Not asked"),)


def without_sides() -> str:
    start = TEXT.index('[[details]]\nkey = "sides"')
    return TEXT[:start] + TEXT[TEXT.index("[[details]]", start + 1) :]


def test_a_detail_that_came_or_went_is_told_as_not_graded():
    both_ways(parse_ruleset(without_sides()), RulesetChange(SIDES, "Question", "Asked, and not graded", "Not asked"))


def test_a_question_that_is_graded_from_now_on_is_told_with_all_that_is_new():
    text = without_sides().replace("# Asked and shown", GRADED_SIDES + "# Asked and shown", 1)
    asked, *new = diff_rulesets(OLD, parse_ruleset(text))
    assert asked == RulesetChange("Will you draw from both sides?", "Question", SIDES, "Will you draw from both sides?")
    assert [(change.what, change.before, change.after) for change in new] == [
        ("Right", "–", "Both sides"), ("Wrong", "–", "One side"), ("Why", "–", "This is made up for a test."),
        ("Evidence", "–", "Nobody has looked."),
    ]  # fmt: skip


def test_another_kind_of_answer_is_told_by_what_can_be_chosen():
    asked = "How many of these procedures do you perform in a year?"
    counted = 'kind = "count"\nshort = "How many a year"\nunit = "a year"\nlimits = { at_least = 0, at_most = 5000 }'
    chosen = 'kind = "choice"\nshort = "How many a year"\noptions = [\n' + "".join(
        f'    {{ value = "{word}", label = "{word.title()}", phrase = "{word}" }},\n' for word in ("few", "many")
    )
    both_ways(newer((counted, chosen + "]")), RulesetChange(asked, "Answers to choose from", "–", "Few; Many"))
