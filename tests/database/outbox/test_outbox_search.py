"""Email is found by recipient, subject, letter and listing, and failed email by the listing that it is about."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_listing
from support.mail import make_email

from directory.accounts.tables import Account
from directory.certification.ruleset import bundled_rulesets
from directory.listings.lifecycle import DECISIONS, MOVES, ListingState, Move
from directory.outbox.queries import EmailFilter, EmailState, count_emails, failed_mail, find_emails
from directory.outbox.tables import Email
from directory.review.commands import decide_listing


def found(session: Session, **wanted: Any) -> list[str]:
    return sorted(mail.to for mail, _ in find_emails(session, EmailFilter(**wanted), now=NOW, limit=100))


def test_emails_are_found_by_recipient_subject_letter_and_listing(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    session.query(Email).delete()
    make_email(session, to="ann@example.com", subject="100% right", letter="reminder", listing_id=listing.id)
    make_email(session, to="BOB_1@example.com", subject="For Ann", letter="reminder")
    make_email(session, to="cy@example.com", subject="Your code: 123456", letter="claim_code", forget=True)
    assert found(session, text="ANN") == ["BOB_1@example.com", "ann@example.com"]
    assert found(session, text="bob_1") == found(session, text="b_1@") == ["BOB_1@example.com"]
    assert found(session, text="0%") == found(session, listing_id=listing.id) == ["ann@example.com"]
    assert found(session, text="%%") == []
    assert found(session, text="123") == [], "a code cannot be guessed digit by digit"
    assert found(session, text="ann", letter="claim_code") == []
    assert found(session, letter="claim_code") == ["cy@example.com"]
    counts = count_emails(session, EmailFilter(EmailState.SENT, letter="reminder"), now=NOW)
    assert (counts[EmailState.WAITING], counts[EmailState.SENT]) == (2, 0)


@pytest.mark.parametrize("move", sorted(DECISIONS))
def test_failed_mail_is_found_by_the_listing_it_is_about(
    session: Session, provider: Account, reviewer: Account, move: Move
) -> None:
    listing, other = (make_listing(session, provider, state=next(iter(MOVES[move][0]))) for _ in range(2))
    session.query(Email).delete()
    for each in (listing, other):
        decide_listing(session, each, move, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets(), reason="Why")
    assert failed_mail(session, [listing.id, other.id]) == []
    session.execute(sa.update(Email).values(given_up_at=NOW, last_error="550 no such user"))
    make_email(session, to="", given_up_at=NOW, listing_id=listing.id, forget=True)
    assert [mail.listing_id for mail in failed_mail(session, [listing.id])] == [listing.id]
    assert len(failed_mail(session, [listing.id, other.id])) == 2
    assert failed_mail(session, []) == []


def test_an_email_about_a_listing_that_is_deleted_stays(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.DRAFT)
    mail = make_email(session, listing_id=listing.id)
    session.flush()
    session.delete(listing)
    session.flush()
    session.refresh(mail)
    assert mail.listing_id is None
