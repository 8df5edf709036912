"""A badge shows while it is earned and valid, and not a second longer; whoever asks is told the same."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from support.two_rulesets import FIRST, both_versions

from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.certification.standing import GradedAnswers, grade_stored
from directory.certification.wording import Standing
from directory.errors import Invalid, NotFound

RULES = bundled_rulesets().load("bma-2021.1")
SIGNED = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
UNTIL = RULES.valid_until(SIGNED)
INSTANT = timedelta(microseconds=1)
ALL_RIGHT: dict[str, object] = {
    "volume_per_site_ml": [5, 10],
    "distinct_sites": 6,
    "imaging_guidance": {"methods": ["ultrasound"], "how_often": "always"},
    "harvest_bone": "posterior_iliac_crest",
}


def graded(rulesets: Rulesets = bundled_rulesets(), **changes: object) -> GradedAnswers:  # noqa: B008  read once and immutable
    return grade_stored(rulesets, "bma-2021.1", ALL_RIGHT | changes)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (SIGNED, Standing.BADGE), (UNTIL - INSTANT, Standing.BADGE), (UNTIL, Standing.BADGE),
        (UNTIL + INSTANT, Standing.EXPIRED), (UNTIL + timedelta(days=400), Standing.EXPIRED),
    ],
)  # fmt: skip
def test_it_shows_to_its_last_moment_and_no_longer(now: datetime, expected: Standing) -> None:
    assert graded().standing(UNTIL, now) is expected


@pytest.mark.parametrize("changes", [{"distinct_sites": 3}, {"harvest_bone": "tibia"}, {"harvest_bone": None}])
def test_one_answer_that_does_not_match_is_enough_for_no_badge(changes: dict[str, object]) -> None:
    assert graded(**changes).standing(UNTIL, UNTIL) is Standing.NOT_EVERY_RULE
    assert graded(**changes).standing(UNTIL, UNTIL + INSTANT) is Standing.EXPIRED


def test_without_any_answer_there_is_nothing_to_show_at_any_time() -> None:
    silent = grade_stored(bundled_rulesets(), "bma-2021.1", {})
    assert {silent.standing(UNTIL, now) for now in (SIGNED, UNTIL + INSTANT)} == {Standing.NOT_STATED}


def test_newer_rules_end_it_before_its_own_date() -> None:
    ended = both_versions().superseded_at(FIRST)
    assert ended is not None
    far = ended + timedelta(days=100)
    found = grade_stored(both_versions(), FIRST, ALL_RIGHT)
    assert (found.counts_until(far), found.counts_until(ended - INSTANT)) == (ended, ended - INSTANT)
    assert found.standing(far, ended) is Standing.BADGE
    assert found.standing(far, ended + INSTANT) is Standing.EXPIRED


def test_text_and_mapping_are_graded_alike_and_equal_texts_once() -> None:
    text = json.dumps(ALL_RIGHT)
    assert grade_stored(bundled_rulesets(), "bma-2021.1", text).assessment == graded().assessment
    assert grade_stored(bundled_rulesets(), "bma-2021.1", text) is grade_stored(bundled_rulesets(), "bma-2021.1", text)


@pytest.mark.parametrize("as_text", [True, False])
def test_what_cannot_be_graded_is_refused(as_text: bool) -> None:
    for ruleset_id, answers, refusal in (
        ("bma-1999.1", ALL_RIGHT, NotFound),
        ("bma-2021.1", {"distinct_sites": 1000}, Invalid),
    ):
        with pytest.raises(refusal):
            grade_stored(bundled_rulesets(), ruleset_id, json.dumps(answers) if as_text else answers)
