"""A badge shows while it is earned, accepted and valid, not a second longer, and says no more than is known."""

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest

from directory.attestations.lifecycle import State
from directory.badges.badge import Standing, day, month, standing, words
from directory.certification.answers import from_json
from directory.certification.ruleset import shipped
from directory.certification.scoring import assess

RULES = shipped().load("bma-2021.1")
SIGNED = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
UNTIL = RULES.valid_until(SIGNED)
SECOND = timedelta(seconds=1)
ALL_RIGHT = {
    "volume_per_site_ml": [5, 10],
    "distinct_sites": 6,
    "imaging_guidance": {"methods": ["ultrasound"], "how_often": "always"},
    "harvest_bone": "posterior_iliac_crest",
}


def assessed(**changes):
    return assess(RULES, from_json(RULES, ALL_RIGHT | changes))


def worded(assessment, now=SIGNED):
    found = standing(State.ACCEPTED, UNTIL, assessment, now=now)
    return words(found, RULES, assessment, signed_at=SIGNED, valid_until=UNTIL)


def test_the_badge_says_exactly_what_the_rules_say():
    badge = worded(assessed())
    assert badge.title == "Self-certified technique"
    assert badge.line == "Self-certified technique · answers match all 4 rules · valid to Nov 2027"
    assert badge.beside == (
        "This provider told us how they take bone marrow. Their answers match our published rules. "
        "We did not watch the procedure. It is not a promise that treatment will work, and not a medical license."
    )
    assert badge.dates == "Signed November 22, 2026. Valid to November 22, 2027."
    assert badge.reasons == ()


def test_it_shows_to_its_last_moment_and_no_longer():
    for now, expected in [
        (SIGNED, Standing.BADGE), (UNTIL - SECOND, Standing.BADGE), (UNTIL, Standing.BADGE),
        (UNTIL + timedelta(microseconds=1), Standing.EXPIRED), (UNTIL + SECOND, Standing.EXPIRED),
    ]:  # fmt: skip
        assert standing(State.ACCEPTED, UNTIL, assessed(), now=now) is expected


def test_only_an_accepted_attestation_counts():
    for state, now, assessment in itertools.product(
        [None, *State], [SIGNED, UNTIL + SECOND], [assessed(), assessed(harvest_bone="tibia")]
    ):
        found = standing(state, UNTIL, assessment, now=now)
        assert (found is Standing.NOT_STATED) == (state is not State.ACCEPTED)
        earned = state is State.ACCEPTED and assessment.badge_earned
        assert (found is Standing.BADGE) == (earned and now <= UNTIL)


def test_without_anything_stated_it_says_so():
    for found in (
        standing(None, None, None, now=SIGNED),
        standing(State.ACCEPTED, None, assessed(), now=SIGNED),
        standing(State.ACCEPTED, UNTIL, assess(RULES, {}), now=SIGNED),
        standing(State.REVOKED, UNTIL, assessed(), now=SIGNED),
    ):
        assert found is Standing.NOT_STATED
    assert words(Standing.NOT_STATED).title == "Not stated"


def test_answers_that_do_not_match_are_named_one_by_one():
    said = worded(assessed(volume_per_site_ml=30, imaging_guidance=None))
    assert said.title == "Answers do not match every rule"
    assert said.line.endswith("Amount from one place; Pictures to guide the needle (not stated)")
    assert said.reasons == (
        "They take up to 30 mL from each place. The rule is 10 mL or less.",
        "They do not say if they use pictures to guide the needle. The rule is to use pictures every time.",
    )


@pytest.mark.parametrize("changes", [{}, {"distinct_sites": 3}, {"harvest_bone": None}, {"harvest_bone": "other"}])
@pytest.mark.parametrize("now", [SIGNED, UNTIL + SECOND])
def test_every_line_says_that_it_is_self_certified_and_nothing_forbidden(changes, now):
    said = worded(assessed(**changes), now)
    text = f"{said.title} {said.line} {said.beside} {said.dates}".lower()
    assert "self-certified" in said.line.lower()
    assert "We did not watch the procedure." in said.beside
    for forbidden in ("verified", "approved", "accredited", "safe", "best", "star", "percent", "%", "failed"):
        assert forbidden not in text


def test_what_is_out_of_date_shows_no_badge_words():
    said = worded(assessed(), UNTIL + SECOND)
    assert said.title == "Answers are out of date"
    assert "match" not in f"{said.title} {said.line} {said.beside}"


def test_the_number_of_rules_is_the_rulesets():
    three = dataclasses.replace(RULES, criteria=RULES.criteria[:3])
    badge = words(Standing.BADGE, three, assessed(), signed_at=SIGNED, valid_until=UNTIL)
    assert "answers match all 3 rules" in badge.line


def test_every_month_is_named_in_universal_time():
    assert [month(datetime(2027, number, 1, tzinfo=UTC))[:3] for number in range(1, 13)] == (
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    )
    late = datetime(2027, 11, 30, 20, tzinfo=timezone(timedelta(hours=-7)))
    assert (month(late), day(late)) == ("Dec 2027", "December 1, 2027")


@pytest.mark.parametrize("of", [Standing.BADGE, Standing.NOT_EVERY_RULE, Standing.EXPIRED])
def test_words_about_an_attestation_need_it(of):
    with pytest.raises(ValueError, match="whole attestation"):
        words(of, RULES, assessed(), signed_at=SIGNED)
