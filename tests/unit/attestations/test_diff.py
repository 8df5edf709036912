"""What one set of answers says otherwise than another is said in words, answer by answer, and nothing else."""

from support import two_rulesets

from directory.attestations.diff import AnswerSet, Difference, diff_answers
from directory.certification.answers import answers_from_json, details_from_json
from directory.certification.ruleset_diff import NOT_ASKED

FIRST, SECOND = two_rulesets.both_versions().load(two_rulesets.FIRST), two_rulesets.second_version()


def said(ruleset, answers, details=None):
    return AnswerSet(ruleset, {**answers_from_json(ruleset, answers), **details_from_json(ruleset, details or {})})


def test_an_answer_that_changed_is_named_in_words():
    before = said(FIRST, {"distinct_sites": 2, "harvest_bone": "tibia"}, {"sides": "one"})
    after = said(FIRST, {"distinct_sites": [6, 8], "harvest_bone": "tibia"}, {"cortical_entries": 1})
    assert diff_answers(before, after) == (
        Difference("Number of places", "2 places", "6 to 8 places"),
        Difference("Sides", "One side", "No answer"),
        Difference("Holes in the bone", "No answer", "1 hole"),
    )


def test_the_same_answers_under_newer_rules_differ_only_in_what_is_newly_asked():
    older = said(FIRST, two_rulesets.MATCHING_IN_BOTH)
    newer = said(SECOND, two_rulesets.MATCHING_IN_SECOND)
    assert diff_answers(older, newer) == (Difference("Speed of the pull", NOT_ASKED, "Fast, in a second or two"),)
    assert diff_answers(newer, older) == (Difference("Speed of the pull", "Fast, in a second or two", NOT_ASKED),)


def test_a_new_question_that_nobody_answered_is_no_difference():
    assert diff_answers(said(FIRST, {}), said(SECOND, {})) == ()
