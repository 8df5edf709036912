"""A report about a listing that nobody manages: nobody is asked, nothing waits for an answer, and everybody is told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.corrections import correct
from support.dispute_factories import OUTCOME_LINE, logged_actions, make_dispute, move_dispute, queued_emails
from support.factories import NOW

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.disputes import queries
from directory.disputes.lifecycle import ANSWER_WITHIN, DisputeState, Move, Remedy
from directory.errors import Conflict, Invalid
from directory.listings.tables import Listing, ListingManager

SECOND = timedelta(seconds=1)


@pytest.fixture
def unmanaged(session: Session, listing: Listing) -> Listing:
    listing.managers.clear()
    session.flush()
    return listing


def letters(session: Session) -> list[str]:
    return [mail.subject for mail in queued_emails(session) if mail.to == "joe@example.com"]


@pytest.mark.parametrize("inactive", [True, False])
def test_nobody_is_asked_if_nobody_can_be(
    session: Session, listing: Listing, provider: Account, *, inactive: bool
) -> None:
    if inactive:
        provider.active = False
    else:
        listing.managers.clear()
    dispute = make_dispute(session, listing, about="entry")
    before = len(queued_emails(session))
    with pytest.raises(Conflict, match="nobody can be asked"):
        move_dispute(session, dispute, Move.OPEN)
    assert (dispute.state, dispute.answer_by) == (DisputeState.REPORTED, None)
    assert len(queued_emails(session)) == before


def test_somebody_who_can_be_asked_is_asked_before_anything_is_decided(session: Session, listing: Listing) -> None:
    dispute = make_dispute(session, listing, about="entry")
    for move in (Move.UPHOLD, Move.DECLINE):
        with pytest.raises(Conflict, match="Ask the provider first"):
            move_dispute(session, dispute, move, remedy=Remedy.CORRECTED_BY_US)


def test_who_takes_the_listing_over_is_asked(
    session: Session, unmanaged: Listing, provider: Account, other_provider: Account
) -> None:
    dispute = make_dispute(session, unmanaged, about="entry")
    unmanaged.managers.append(
        ListingManager(account_id=other_provider.id, right=Right.OWNER, since=NOW, by_id=provider.id)
    )
    session.flush()
    move_dispute(session, dispute, Move.OPEN)
    assert dispute.answer_by == NOW + ANSWER_WITHIN


def test_corrected_by_us_takes_a_correction_by_a_reviewer_since_the_report(
    session: Session, unmanaged: Listing, reviewer: Account
) -> None:
    correct(session, unmanaged, by=reviewer.actor, now=NOW - SECOND, practice="Before the report")
    dispute = make_dispute(session, unmanaged, about="entry")
    with pytest.raises(Conflict, match="Correct it first"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.CORRECTED_BY_US)
    correct(session, unmanaged, by=reviewer.actor, now=NOW + SECOND, practice="After the report")
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.CORRECTED_BY_US)
    session.expire_all()
    assert (dispute.state, dispute.remedy) == (DisputeState.UPHELD, Remedy.CORRECTED_BY_US)
    assert logged_actions(session)[-1] == "dispute.uphold"
    (told,) = letters(session)
    assert told.startswith("We corrected the listing of ")
    (outcome,) = queries.public_outcomes(session, unmanaged.id)
    assert (outcome.remedy, outcome.asked_at, outcome.reported_at) == (Remedy.CORRECTED_BY_US, None, NOW)
    assert outcome.line == OUTCOME_LINE


def test_what_the_provider_changed_is_no_correction_by_us(
    session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    dispute = make_dispute(session, listing, about="entry", state=DisputeState.ANSWERED)
    correct(session, listing, by=provider.actor, now=NOW + SECOND, practice="By its owner")
    with pytest.raises(Conflict, match="Correct it first"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.CORRECTED_BY_US)
    correct(session, listing, by=reviewer.actor, now=NOW + SECOND, practice="By a reviewer")
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.CORRECTED_BY_US)
    assert "is upheld, and we corrected the listing" in queued_emails(session)[-1].subject


def test_nobody_is_unreachable_before_the_deadline_unless_nobody_manages_the_listing(
    session: Session, listing: Listing
) -> None:
    dispute = make_dispute(session, listing, about="entry", state=DisputeState.OPEN)
    with pytest.raises(Conflict, match="before you say that you could not reach them"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.COULD_NOT_REACH, now=NOW + ANSWER_WITHIN)
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.COULD_NOT_REACH, now=NOW + ANSWER_WITHIN + SECOND)
    assert dispute.remedy is Remedy.COULD_NOT_REACH
    mails = {mail.to: mail for mail in queued_emails(session)[-2:]}
    assert mails.pop("joe@example.com").subject.startswith("We could not reach ")
    (told,) = mails.values()
    assert told.subject.endswith("is closed: we could not reach you")
    listing.managers.clear()
    session.flush()
    other = make_dispute(session, listing, about="entry")
    move_dispute(session, other, Move.UPHOLD, remedy=Remedy.COULD_NOT_REACH)


def test_who_has_answered_was_reached(session: Session, listing: Listing) -> None:
    dispute = make_dispute(session, listing, about="entry", state=DisputeState.ANSWERED)
    with pytest.raises(Invalid, match="Say what became of it"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.COULD_NOT_REACH, now=NOW + 2 * ANSWER_WITHIN)


def test_an_open_report_waits_for_nobody_once_the_last_manager_is_gone(
    session: Session, attestation: Attestation, listing: Listing
) -> None:
    dispute = make_dispute(session, listing, state=DisputeState.OPEN)
    listing.managers.clear()
    session.flush()
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.REVOKED)
    assert attestation.state is AttestationState.REVOKED


def test_the_answers_of_a_listing_that_nobody_manages_can_be_revoked_and_not_corrected(
    session: Session, attestation: Attestation, unmanaged: Listing
) -> None:
    dispute = make_dispute(session, unmanaged)
    for remedy in (Remedy.CORRECTED, Remedy.CORRECTED_BY_US):
        with pytest.raises(Invalid, match="became of it: revoked, or could not reach the provider"):
            move_dispute(session, dispute, Move.UPHOLD, remedy=remedy)
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.REVOKED)
    assert attestation.state is AttestationState.REVOKED


def test_a_report_that_is_not_upheld_says_that_nobody_could_be_asked(session: Session, unmanaged: Listing) -> None:
    dispute = make_dispute(session, unmanaged, about="entry")
    move_dispute(session, dispute, Move.DECLINE)
    (mail,) = [mail for mail in queued_emails(session) if mail.to == "joe@example.com"]
    assert "Nobody manages this listing, so we could not ask." in mail.body
    assert [one.outcome for one in queries.public_outcomes(session, unmanaged.id)] == [DisputeState.NOT_UPHELD]


def test_which_of_many_listings_can_be_asked_takes_one_statement(
    session: Session, listing: Listing, database_engine: sa.Engine
) -> None:
    listing_id = listing.id
    session.commit()
    statements: list[str] = []
    sa.event.listen(database_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert queries.askable_listings(session, range(listing_id, 40)) == {listing_id}
    assert len([text for text in statements if text.startswith("SELECT")]) == 1
