"""When a listing showed a badge: from acceptance until it runs out, is revoked, or the listing leaves the map."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, get_reviewer, make_account, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationMove
from directory.certification.ruleset import bundled_rulesets
from directory.listings.lifecycle import Move
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation, decide_listing
from directory.statistics.badge_periods import BadgePeriod, Loss, badge_periods

RULES = bundled_rulesets()
YEAR_AGO = NOW - timedelta(days=400)


def periods(session: Session) -> list[BadgePeriod]:
    return list(badge_periods(session, RULES))


def a_listing(session: Session, now: datetime = NOW) -> Listing:
    return make_listing(session, make_account(session, Role.PROVIDER), now=now)


def until(signed_at: datetime) -> datetime:
    return RULES.current.valid_until(signed_at)


def test_a_badge_lasts_until_it_runs_out(session: Session) -> None:
    make_attestation(session, a_listing(session))
    make_attestation(session, a_listing(session, YEAR_AGO), now=YEAR_AGO)
    assert sorted(periods(session)) == [
        BadgePeriod(YEAR_AGO, until(YEAR_AGO), Loss.RAN_OUT),
        BadgePeriod(NOW, until(NOW), Loss.RAN_OUT),
    ]


def test_answers_that_do_not_match_or_do_not_count_give_no_badge(session: Session) -> None:
    make_attestation(session, a_listing(session), answers={**MATCHING_ANSWERS, "volume_per_site_ml": 20})
    for state in AttestationState.SUBMITTED, AttestationState.RETURNED, AttestationState.WITHDRAWN:
        make_attestation(session, a_listing(session), state=state)
    assert periods(session) == []


def test_a_renewal_ends_no_period_and_other_answers_end_one(session: Session) -> None:
    listing, later = a_listing(session, YEAR_AGO), YEAR_AGO + timedelta(days=300)
    make_attestation(session, listing, now=YEAR_AGO)
    make_attestation(session, listing, now=later)
    assert periods(session) == [BadgePeriod(YEAR_AGO, until(later), Loss.RAN_OUT)]
    make_attestation(session, listing, answers={**MATCHING_ANSWERS, "distinct_sites": 2}, now=NOW)
    assert periods(session) == [BadgePeriod(YEAR_AGO, NOW, Loss.OTHER)]


def test_a_renewal_after_the_end_is_a_new_period(session: Session) -> None:
    listing = a_listing(session, YEAR_AGO)
    make_attestation(session, listing, now=YEAR_AGO)
    make_attestation(session, listing, now=NOW)
    assert periods(session) == [
        BadgePeriod(YEAR_AGO, until(YEAR_AGO), Loss.RAN_OUT),
        BadgePeriod(NOW, until(NOW), Loss.RAN_OUT),
    ]


def test_a_revocation_ends_the_period(session: Session) -> None:
    found, later = make_attestation(session, a_listing(session)), NOW + timedelta(days=3)
    by = get_reviewer(session).actor
    decide_attestation(session, found, AttestationMove.REVOKE, by=by, now=later, rulesets=RULES, reason="Not so.")
    make_attestation(session, a_listing(session), state=AttestationState.REVOKED)
    assert periods(session) == [BadgePeriod(NOW, later, Loss.REVOKED)], "the other was revoked at once"


def test_a_listing_off_the_map_shows_no_badge(session: Session) -> None:
    listing, by = a_listing(session), get_reviewer(session).actor
    make_attestation(session, listing)
    off, back = NOW + timedelta(days=1), NOW + timedelta(days=5)
    decide_listing(session, listing, Move.SUSPEND, by=by, now=off, rulesets=RULES, reason="A test.")
    decide_listing(session, listing, Move.REINSTATE, by=by, now=back, rulesets=RULES)
    assert periods(session) == [BadgePeriod(NOW, off, Loss.OTHER), BadgePeriod(back, until(NOW), Loss.RAN_OUT)]
