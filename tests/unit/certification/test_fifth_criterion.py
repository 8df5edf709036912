"""A fifth criterion of any kind is asked, read, graded and worded with no code changed."""

import json
from pathlib import Path

import pytest

from directory.certification import form_values
from directory.certification import ruleset as ruleset_module
from directory.certification.answers import answers_from_json, answers_to_json, format_answer
from directory.certification.scoring import Grade, assess
from directory.errors import Invalid

FOUR_RIGHT = {
    "volume_per_site_ml": 8,
    "distinct_sites": [5, 15],
    "imaging_guidance": {"methods": ["fluoroscopy"], "how_often": "always"},
    "harvest_bone": "posterior_iliac_crest",
}
GRADED = {
    "quantity": [(2.55, "right", "2.55 mm"), ([3.25, 3.26], "between", "3.25 to 3.26 mm"), (1, "wrong", "1 mm"),
                 ([3, 6.5], "wrong", "3 to 6.5 mm"), ([0.5, 3], "wrong", "0.5 to 3 mm")],
    "count": [(2, "right", "2 people"), (1, "between", "1 person"), (0, "wrong", "0 people")],
    "choice": [("yes", "right", "Yes"), ("partly", "between", "Partly"), ("no", "wrong", "No")],
    "choices": [({"methods": ["bone", "skin"]}, "right", "Skin and Bone lining"),
                ({"methods": ["skin"]}, "between", "Skin"), ({"methods": []}, "wrong", "Nothing")],
}  # fmt: skip
REFUSED = {
    "quantity": [0.49, 9.76, 2.555, "3"],
    "count": [-1, 100, 1.5, True],
    "choice": ["maybe", 1],
    "choices": [{"methods": ["none", "skin"]}, {"methods": ["skin"], "how_often": "always"}, ["skin"]],
}


def test_it_is_the_current_ruleset_and_the_older_one_stays(five_criteria):
    _, rulesets = five_criteria
    assert [ruleset.id for ruleset in rulesets.newest_first] == ["bma-2027.1", "bma-2021.1"]
    assert len(rulesets.current.criteria) == 5
    assert len(rulesets.load("bma-2021.1").criteria) == 4


def test_it_is_graded_and_worded(five_criteria):
    kind, rulesets = five_criteria
    ruleset, fifth = rulesets.current, rulesets.current.criteria[4]
    for value, grade, words in GRADED[kind]:
        answers = answers_from_json(ruleset, FOUR_RIGHT | {fifth.key: value})
        assessment = assess(ruleset, answers)
        finding = assessment.findings[4]
        assert (finding.criterion, finding.grade.word) == (fifth.key, grade)
        assert finding.answer_text == words == format_answer(fifth, answers[fifth.key])
        assert finding.sentence.endswith(fifth.sentences.rule)
        assert "{" not in finding.sentence
        assert assessment.badge_earned is (grade == "right")
        assert answers_from_json(ruleset, json.loads(json.dumps(answers_to_json(ruleset, answers)))) == answers


def test_without_it_four_right_answers_earn_no_badge(five_criteria):
    _, rulesets = five_criteria
    assessment = assess(rulesets.current, answers_from_json(rulesets.current, FOUR_RIGHT))
    assert assessment.grade is Grade.UNANSWERED
    assert not assessment.badge_earned
    old = rulesets.load("bma-2021.1")
    assert assess(old, answers_from_json(old, FOUR_RIGHT)).badge_earned


def test_it_is_refused_outside_its_limits(five_criteria):
    kind, rulesets = five_criteria
    key = rulesets.current.criteria[4].key
    for value in REFUSED[kind]:
        with pytest.raises(Invalid) as refusal:
            answers_from_json(rulesets.current, FOUR_RIGHT | {key: value})
        assert [fault.field for fault in refusal.value.faults] == [f"/answers/{key}"]
        assert "The fifth" in refusal.value.sentence


def test_a_form_shows_and_reads_it(five_criteria):
    kind, rulesets = five_criteria
    fifth = rulesets.current.criteria[4]
    for value, _, _ in GRADED[kind]:
        answer = answers_from_json(rulesets.current, {fifth.key: value})[fifth.key]
        texts = form_values.form_texts(fifth, answer)
        assert list(texts) == [form_values.input_name(fifth, part) for part in form_values.input_parts(fifth)]
        assert form_values.parse_form([fifth], texts) == {fifth.key: answer}


def test_the_older_rules_know_nothing_of_it(five_criteria):
    _, rulesets = five_criteria
    key = rulesets.current.criteria[4].key
    with pytest.raises(Invalid, match="no such question"):
        answers_from_json(rulesets.load("bma-2021.1"), {key: None})


def test_machines_read_it(five_criteria):
    _, rulesets = five_criteria
    document = json.loads(json.dumps(rulesets.current.as_json()))
    assert document["criteria"][4]["key"] == rulesets.current.criteria[4].key
    assert "{" not in document["criteria"][4]["right_answer"]


def test_no_code_of_the_rules_names_a_question_or_an_option():
    """The proof that a new question needs no code: none of the old ones is in it."""
    package = Path(ruleset_module.__file__).parents[1]
    code = "\n".join(
        path.read_text("utf-8") for part in ("certification", "badges") for path in (package / part).glob("*.py")
    )
    rules = ruleset_module.bundled_rulesets().current
    words = {question.key for question in rules.questions}
    words |= {option.value for criterion in rules.criteria for option in criterion.options}
    named = {word for word in words if f'"{word}"' in code or f"'{word}'" in code}
    assert named == set()
