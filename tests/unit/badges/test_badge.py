"""A badge shows while it is earned, accepted and valid, and not a second longer."""

import itertools
from datetime import UTC, datetime, timedelta

from directory.attestations.lifecycle import State
from directory.badges.badge import standing
from directory.certification.answers import from_json
from directory.certification.ruleset import shipped
from directory.certification.scoring import assess
from directory.certification.wording import Standing

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
