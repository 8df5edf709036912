"""Two versions of the rules: which is current, and until when the older one's attestations count."""

from datetime import UTC, date, datetime, timedelta

import pytest
from support import two_rulesets
from support.two_rulesets import (
    FIRST,
    MATCHING_IN_BOTH,
    MATCHING_IN_SECOND,
    SECOND,
    SUPERSEDES_AFTER,
    both_versions,
    both_versions_from,
)

from directory.certification.answers import answers_from_json
from directory.certification.ruleset import MIN_NOTICE, InvalidRuleset, Rulesets, bundled_rulesets, parse_ruleset
from directory.certification.scoring import Grade, assess
from directory.errors import NotFound

ENDS = datetime(2027, 4, 1, tzinfo=UTC)
FAR = datetime(2028, 1, 1, tzinfo=UTC)


def test_the_second_version_moves_one_threshold_and_asks_one_thing_more():
    first, second = both_versions().load(FIRST), both_versions().load(SECOND)
    assert both_versions().current is second
    assert [c.key for c in second.criteria if first.question(c.key) is None] == [two_rulesets.NEW_QUESTION]
    for volume, grades in {5: ("right", "right"), 5.1: ("right", "between"), 10: ("right", "between")}.items():
        answers = {**MATCHING_IN_SECOND, "volume_per_site_ml": volume}
        old = {key: value for key, value in answers.items() if first.question(key)}
        found = (
            assess(first, answers_from_json(first, old)).grade.word,
            assess(second, answers_from_json(second, answers)).grade.word,
        )
        assert found == grades
    assert assess(second, answers_from_json(second, dict(MATCHING_IN_BOTH))).grade is Grade.UNANSWERED


def test_only_the_older_version_is_ended_and_only_by_a_newer_one():
    assert both_versions().superseded_at(FIRST) == ENDS
    assert both_versions().superseded_at(SECOND) is None
    assert bundled_rulesets().superseded_at(FIRST) is None
    assert both_versions(supersedes_after=None).superseded_at(FIRST) is None


@pytest.mark.parametrize(
    ("valid_until", "counts_until"),
    [
        (ENDS - timedelta(microseconds=1), ENDS - timedelta(microseconds=1)),
        (ENDS, ENDS),
        (ENDS + timedelta(microseconds=1), ENDS),
        (FAR, ENDS),
    ],
)
def test_an_attestation_counts_until_the_first_of_its_two_ends(valid_until, counts_until):
    assert both_versions().counts_until(FIRST, valid_until) == counts_until
    assert both_versions().counts_until(SECOND, valid_until) == valid_until


def test_of_several_newer_versions_the_earliest_end_counts_whichever_came_last():
    second, first = both_versions().newest_first
    text = two_rulesets.second_version_text(supersedes_after=date(2027, 5, 1), published=date(2027, 2, 1))
    third = parse_ruleset(text.replace(f'id = "{SECOND}"', 'id = "bma-2027.2"', 1))
    three = Rulesets((third, second, first))
    assert three.superseded_at(FIRST) == ENDS
    assert three.superseded_at(SECOND) == datetime(2027, 5, 1, tzinfo=UTC)
    assert three.superseded_at("bma-2027.2") is None


def test_rules_that_nobody_published_end_nothing():
    with pytest.raises(NotFound):
        both_versions().superseded_at("bma-1999.1")
    with pytest.raises(NotFound):
        both_versions().counts_until("bma-1999.1", FAR)


def test_fewer_than_sixty_days_of_notice_are_refused():
    published = SUPERSEDES_AFTER - MIN_NOTICE
    assert both_versions_from(published).superseded_at(FIRST) == ENDS
    with pytest.raises(InvalidRuleset, match="at least 60 days"):
        parse_ruleset(two_rulesets.second_version_text(published=published + timedelta(days=1)))
