"""A case that somebody has taken is nobody else's for 30 minutes, and every way out frees it."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AnswersMove
from directory.certification.ruleset import bundled_rulesets
from directory.errors import NotAllowed
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing
from directory.review.case_filter import QueueFilter
from directory.review.case_holds import case_hold, release_case, release_cases_of, take_case
from directory.review.case_queue import next_case
from directory.review.case_tables import ReviewHold
from directory.review.commands import decide_attestation, decide_listing


@pytest.fixture
def reviewers(session: Session) -> list[Account]:
    return [make_account(session, Role.REVIEWER, name=name) for name in ("Iris", "Dell")]


@pytest.fixture
def listing(session: Session) -> Listing:
    made = make_listing(session, make_account(session, Role.PROVIDER), state=ListingState.SUBMITTED)
    session.commit()
    return made


def holder(session: Session, listing: Listing, now: datetime = NOW) -> int | None:
    hold = case_hold(session, listing.id, now=now)
    return hold.by_id if hold else None


def test_who_opens_a_case_first_has_it_for_thirty_minutes(
    session: Session, reviewers: list[Account], listing: Listing
) -> None:
    first, second = reviewers
    taken = take_case(session, listing.id, by=first.actor, now=NOW)
    assert taken is not None
    assert (taken.name, taken.until) == ("Iris", NOW + timedelta(minutes=30))
    later = NOW + timedelta(minutes=29)
    assert take_case(session, listing.id, by=second.actor, now=later) == taken
    assert next_case(session, QueueFilter(), by=second.actor, now=later) is None
    assert next_case(session, QueueFilter(), by=first.actor, now=later) == listing.id
    over = NOW + timedelta(minutes=30)
    assert next_case(session, QueueFilter(), by=second.actor, now=over) == listing.id
    taken = take_case(session, listing.id, by=second.actor, now=over)
    assert taken is not None
    assert taken.by_id == second.id


def test_opening_a_case_again_starts_the_time_anew(
    session: Session, reviewers: list[Account], listing: Listing
) -> None:
    take_case(session, listing.id, by=reviewers[0].actor, now=NOW)
    again = take_case(session, listing.id, by=reviewers[0].actor, now=NOW + timedelta(minutes=20))
    assert again is not None
    assert again.until == NOW + timedelta(minutes=50)


def test_only_the_holder_releases_a_case(session: Session, reviewers: list[Account], listing: Listing) -> None:
    first, second = reviewers
    take_case(session, listing.id, by=first.actor, now=NOW)
    release_case(session, listing.id, by=second.actor)
    assert holder(session, listing) == first.id
    release_case(session, listing.id, by=first.actor)
    assert holder(session, listing) is None


def test_a_decision_frees_the_case_even_if_more_waits(
    session: Session, reviewers: list[Account], listing: Listing
) -> None:
    made = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    session.commit()
    first, how = reviewers[0].actor, {"now": NOW, "rulesets": bundled_rulesets()}
    take_case(session, listing.id, by=first, now=NOW)
    decide_listing(session, listing, Move.PUBLISH, by=first, **how)
    session.commit()
    assert holder(session, listing) is None
    take_case(session, listing.id, by=first, now=NOW)
    decide_attestation(session, made, AnswersMove.ACCEPT, by=reviewers[1].actor, **how)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(ReviewHold)) == 0, "nothing waits any more"


def test_what_the_provider_does_meanwhile_does_not_free_the_case(
    session: Session, reviewers: list[Account], listing: Listing
) -> None:
    take_case(session, listing.id, by=reviewers[0].actor, now=NOW)
    make_attestation(session, listing, state=AttestationState.SUBMITTED)
    session.commit()
    assert holder(session, listing) == reviewers[0].id


def test_signing_out_frees_all_cases(session: Session, reviewers: list[Account], listing: Listing) -> None:
    take_case(session, listing.id, by=reviewers[0].actor, now=NOW)
    release_cases_of(session, reviewers[0].id)
    assert holder(session, listing) is None


def test_where_nothing_waits_nothing_is_taken(session: Session, reviewers: list[Account]) -> None:
    quiet = make_listing(session, make_account(session, Role.PROVIDER))
    session.commit()
    assert take_case(session, quiet.id, by=reviewers[0].actor, now=NOW) is None


def test_a_provider_takes_no_case(session: Session, listing: Listing) -> None:
    with pytest.raises(NotAllowed):
        take_case(session, listing.id, by=make_account(session, Role.PROVIDER).actor, now=NOW)


def test_nobody_is_sent_to_a_case_of_their_own(session: Session) -> None:
    both = make_account(session, Role.PROVIDER, Role.REVIEWER)
    make_listing(session, both, state=ListingState.SUBMITTED)
    session.commit()
    assert next_case(session, QueueFilter(), by=both.actor, now=NOW) is None


def test_next_goes_on_after_a_case_that_was_skipped(session: Session, reviewers: list[Account]) -> None:
    owner = make_account(session, Role.PROVIDER)
    ids = [make_listing(session, owner, state=ListingState.SUBMITTED).id for _ in range(3)]
    session.commit()
    how = {"by": reviewers[0].actor, "now": NOW}
    nexts = [next_case(session, QueueFilter(), after=after, **how) for after in (None, *ids)]
    assert nexts == [ids[0], ids[1], ids[2], ids[0]]
