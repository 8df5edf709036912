"""What time and newer rules do to signed answers: page, search and history agree, and no job has run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from support.factories import BROOMFIELD, NOW, make_attestation, make_listing
from support.two_rulesets import FIRST, MATCHING_IN_BOTH, MATCHING_IN_SECOND, SECOND, both_versions

from directory.accounts.tables import Account
from directory.attestations import queries
from directory.attestations.history import public_history
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.badges import listing_standing
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.certification.wording import Standing
from directory.errors import Conflict
from directory.listings.lifecycle import Move as ListingMove
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation, decide_listing
from directory.search.filters import Filters
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery

INSTANT = timedelta(microseconds=1)
EXPIRES = NOW.replace(year=2027)
ENDS = datetime(2027, 4, 1, tzinfo=UTC)
BADGE = SearchQuery(origin=BROOMFIELD, within_miles=25, filters=Filters(badge="1"))
IMAGING = SearchQuery(origin=BROOMFIELD, within_miles=25, filters=Filters(imaging="fluoroscopy"))


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider, now=NOW - timedelta(days=3))


def today(session: Session, listing: Listing, rulesets: Rulesets, now: datetime) -> listing_standing.CurrentStanding:
    return listing_standing.current_standing(
        queries.accepted_attestations(session, [listing.id]).get(listing.id), rulesets, now
    )


def found(session: Session, index: SearchIndex, now: datetime) -> tuple[int, int]:
    """How many listings a search for the badge finds, and how many one for imaging."""
    return index.find(session, BADGE, now=now).total, index.find(session, IMAGING, now=now).total


def test_page_and_search_say_expired_at_the_same_instant_with_no_job(
    session: Session, index: SearchIndex, listing: Listing
) -> None:
    make_attestation(session, listing)
    for now, standing, hits in (
        (EXPIRES, Standing.BADGE, (1, 1)),
        (EXPIRES + INSTANT, Standing.EXPIRED, (0, 0)),
    ):
        assert today(session, listing, bundled_rulesets(), now).standing is standing
        assert found(session, index, now) == hits
    assert (
        "Their answers ran out in Nov 2027" in today(session, listing, bundled_rulesets(), EXPIRES + INSTANT).words.line
    )


def test_newer_rules_end_older_answers_everywhere_at_the_same_instant(
    session: Session, tmp_path: Path, listing: Listing
) -> None:
    make_attestation(session, listing, rulesets=both_versions(), ruleset_id=FIRST)
    session.commit()
    index = SearchIndex(tmp_path / "two", both_versions())
    for now, standing, hits in ((ENDS, Standing.BADGE, (1, 1)), (ENDS + INSTANT, Standing.EXPIRED, (0, 0))):
        assert today(session, listing, both_versions(), now).standing is standing
        assert found(session, index, now) == hits
    assert today(session, listing, both_versions(), NOW).dates.endswith("Counts until April 1, 2027.")


def test_a_snapshot_that_was_built_under_other_rules_is_built_again(
    session: Session, tmp_path: Path, listing: Listing
) -> None:
    make_attestation(session, listing, ruleset_id=FIRST)
    session.commit()
    before = SearchIndex(tmp_path / "search", bundled_rulesets())
    assert found(session, before, ENDS + INSTANT) == (1, 1)
    assert not before.is_due(session, now=NOW)
    after = SearchIndex(tmp_path / "search", both_versions())
    assert after.is_due(session, now=NOW)
    assert found(session, after, ENDS + INSTANT) == (0, 0)


def test_newer_rules_without_an_end_leave_older_answers_until_they_expire(
    session: Session, index: SearchIndex, listing: Listing
) -> None:
    lasting = both_versions(supersedes_after=None)
    make_attestation(session, listing, rulesets=lasting, ruleset_id=FIRST)
    assert today(session, listing, lasting, EXPIRES).standing is Standing.BADGE
    assert found(session, index, EXPIRES) == (1, 1)
    assert today(session, listing, lasting, EXPIRES + INSTANT).standing is Standing.EXPIRED


def test_old_answers_keep_their_assessment_and_new_ones_get_the_new(
    session: Session, provider: Account, other_provider: Account
) -> None:
    eight = {**MATCHING_IN_BOTH, "volume_per_site_ml": 8}
    old, new = make_listing(session, provider), make_listing(session, other_provider)
    make_attestation(session, old, answers=eight)
    before = today(session, old, bundled_rulesets(), NOW).technique
    make_attestation(session, new, answers={**MATCHING_IN_SECOND, "volume_per_site_ml": 8}, rulesets=both_versions())
    after = today(session, old, both_versions(), NOW)
    assert after.standing is Standing.BADGE
    assert after.technique is not None
    assert before is not None
    assert after.technique.assessment == before.assessment
    assert after.technique.ruleset.id == FIRST
    assert len(after.technique.assessment.findings) == 4
    newer = today(session, new, both_versions(), NOW)
    assert newer.standing is Standing.NOT_EVERY_RULE
    assert newer.technique is not None
    assert newer.technique.ruleset.id == SECOND
    assert len(newer.technique.assessment.findings) == 5


def test_answers_whose_rules_ended_while_they_waited_cannot_be_accepted(
    session: Session, listing: Listing, reviewer: Account
) -> None:
    waiting = make_attestation(
        session, listing, state=AttestationState.SUBMITTED, rulesets=both_versions(), ruleset_id=FIRST
    )
    with pytest.raises(Conflict, match="expired while it waited"):
        decide_attestation(
            session, waiting, Move.ACCEPT, by=reviewer.actor, now=ENDS + INSTANT, rulesets=both_versions()
        )
    decide_attestation(session, waiting, Move.ACCEPT, by=reviewer.actor, now=ENDS, rulesets=both_versions())


def a_long_story(session: Session, listing: Listing, reviewer: Account) -> dict[str, datetime]:
    """Accepted, renewed, suspended, reinstated, revoked: one event a month, and the moments of each."""
    months = {name: NOW + timedelta(days=30 * number) for number, name in enumerate(STORY)}
    make_attestation(session, listing, now=months["accepted"], reviewer=reviewer)
    second = make_attestation(session, listing, now=months["renewed"], reviewer=reviewer)
    by, facts = reviewer.actor, {"rulesets": bundled_rulesets(), "reason": "For a test."}
    decide_listing(session, listing, ListingMove.SUSPEND, by=by, now=months["suspended"], **facts)
    decide_listing(session, listing, ListingMove.REINSTATE, by=by, now=months["reinstated"], **facts)
    decide_attestation(session, second, Move.REVOKE, by=by, now=months["revoked"], **facts)
    session.expire_all()
    return months


STORY = ("accepted", "renewed", "suspended", "reinstated", "revoked")


def counted_at(session: Session, listing: Listing, moment: datetime) -> Attestation | None:
    """The attestation that patients saw at that moment."""
    return next((one.attestation for one in public_history(session, listing.id) if one.counted_at(moment)), None)


def test_any_past_moment_is_shown_as_it_was(session: Session, listing: Listing, reviewer: Account) -> None:
    months = a_long_story(session, listing, reviewer)
    first, second = sorted(queries.attestations_of(session, [listing.id]), key=lambda row: row.id)
    told = [
        (listing.created_at - INSTANT, None),
        (months["accepted"] - INSTANT, None),
        (months["accepted"], first),
        (months["renewed"] - INSTANT, first),
        (months["renewed"], second),
        (months["suspended"] - INSTANT, second),
        (months["suspended"], second),
        (months["reinstated"], second),
        (months["revoked"] - INSTANT, second),
        (months["revoked"], None),
    ]
    for moment, attestation in told:
        assert counted_at(session, listing, moment) is attestation, moment


def test_newer_rules_do_not_rewrite_the_past(session: Session, listing: Listing, reviewer: Account) -> None:
    first = make_attestation(session, listing, rulesets=both_versions(), ruleset_id=FIRST, reviewer=reviewer)
    renewed = ENDS + timedelta(days=20)
    second = make_attestation(
        session, listing, answers=MATCHING_IN_SECOND, rulesets=both_versions(), now=renewed, reviewer=reviewer
    )
    for moment, counted, standing, ruleset_id in (
        (NOW, first, Standing.BADGE, FIRST),
        (ENDS, first, Standing.BADGE, FIRST),
        (ENDS + INSTANT, first, Standing.EXPIRED, FIRST),
        (renewed, second, Standing.BADGE, SECOND),
    ):
        row = counted_at(session, listing, moment)
        assert row is counted
        was = listing_standing.standing_at(row, both_versions(), moment)
        assert was.standing is standing
        assert (was.technique.ruleset.id if was.technique else None) == ruleset_id


def test_a_listing_that_never_was_has_no_past(session: Session) -> None:
    assert public_history(session, 404) == ()
