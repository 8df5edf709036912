"""What two versions of the rules say otherwise is said whole: nothing that differs is left out, and nothing made up."""

from dataclasses import replace

import pytest
import rulesets_of_two

from directory.attestations.differences import Difference, Said, differences
from directory.certification.answers import details_from_json, from_json
from directory.certification.changes import NOT_ASKED, SAME_WORDS, Change, changes
from directory.certification.criteria import Bounds, Rule
from directory.certification.ruleset import parse, shipped

FIRST, SECOND = rulesets_of_two.two().load(rulesets_of_two.FIRST), rulesets_of_two.second()
VOLUME, SPEED = "How much volume do you take from one spot in my bone marrow?", "How fast will you pull the plunger?"


def test_a_moved_threshold_and_a_new_question_are_all_that_changed():
    assert changes(FIRST, SECOND) == (
        Change(VOLUME, "Right", "10 mL or less", "5 mL or less"),
        Change(SPEED, "Question", NOT_ASKED, "Right: Fast. Wrong: Slow."),
    )


def test_the_way_back_says_the_same_the_other_way_round():
    forth, back = changes(FIRST, SECOND), changes(SECOND, FIRST)
    assert {(change.subject, change.what, change.before, change.after) for change in forth} == {
        (change.subject, change.what, change.after, change.before) for change in back
    }


def test_nothing_changed_where_nothing_changed():
    assert changes(FIRST, shipped().load("bma-2021.1")) == ()


def reworded(old, new):
    text = rulesets_of_two.first_text()
    assert old in text
    return parse(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("valid_months = 12", "valid_months = 18", "How long answers count"),
        ("I am authorised to answer", "I may answer", "What is signed"),
        ('publisher = "Regenexx"', 'publisher = "Somebody"', "Where the rules come from"),
        ("right = { at_least = 5, at_most = 15 }", "right = { at_least = 6, at_most = 15 }", "Right"),
        ("wrong = { at_most = 2 }", "wrong = { at_most = 3 }", "Wrong"),
        ('label = "Heel bone (calcaneus)"', 'label = "Heel"', "Answers to choose from"),
        ("The first small pull is rich", "The first pull is rich", "Why"),
        ("Strong lab evidence", "Weak lab evidence", "Evidence"),
        ("Will you use imaging guidance", "Do you use pictures", "Question"),
        ("Which syringe do you draw with?", "Which syringe?", "Question"),
    ],
)
def test_each_kind_of_change_is_named(old, new, what):
    (change,) = changes(FIRST, reworded(old, new))
    assert change.what == what
    assert change.before != change.after


def test_a_question_that_went_away_is_named():
    fewer = replace(FIRST, criteria=FIRST.criteria[1:], details=FIRST.details[1:])
    found = changes(FIRST, fewer)
    assert [(change.subject, change.after) for change in found] == [
        (VOLUME, NOT_ASKED),
        (FIRST.details[0].question, NOT_ASKED),
    ]


@pytest.mark.parametrize(("side", "words"), [("right", "Right"), ("wrong", "Wrong")])
def test_a_limit_that_moves_under_the_same_words_is_not_hidden(side, words):
    first, *others = FIRST.criteria
    moved = replace(first, **{side: Rule(spans=(Bounds(at_most=first.limits.at_least),))})
    (change,) = changes(FIRST, replace(FIRST, criteria=(moved, *others)))
    assert (change.subject, change.what, change.after) == (VOLUME, words, SAME_WORDS)


# ---- between answers ----


def said(ruleset, answers, details=None):
    return Said(ruleset, {**from_json(ruleset, answers), **details_from_json(ruleset, details or {})})


def test_an_answer_that_changed_is_named_in_words():
    before = said(FIRST, {"distinct_sites": 2, "harvest_bone": "tibia"}, {"sides": "one"})
    after = said(FIRST, {"distinct_sites": [6, 8], "harvest_bone": "tibia"}, {"cortical_entries": 1})
    assert differences(before, after) == (
        Difference("Number of places", "2 places", "6 to 8 places"),
        Difference("Sides", "One side", "Not stated"),
        Difference("Holes in the bone", "Not stated", "1 hole"),
    )


def test_the_same_answers_under_newer_rules_differ_only_in_what_is_newly_asked():
    older = said(FIRST, rulesets_of_two.RIGHT_IN_BOTH)
    newer = said(SECOND, rulesets_of_two.RIGHT_IN_SECOND)
    assert differences(older, newer) == (Difference("Speed of the pull", NOT_ASKED, "Fast, in a second or two"),)
    assert differences(newer, older) == (Difference("Speed of the pull", "Fast, in a second or two", NOT_ASKED),)


def test_a_new_question_that_nobody_answered_is_no_difference():
    assert differences(said(FIRST, {}), said(SECOND, {})) == ()
