"""Every 90 days, the owner of a public listing is asked whether it is still right: once, and not more often."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import LISTING_MOVES, NOW, make_listing

from directory.accounts.tables import Account
from directory.listings.confirmation_reminders import queue_confirmation_reminders
from directory.listings.facts import ListingFacts
from directory.listings.lifecycle import ListingState
from directory.outbox.tables import Email
from directory.review.confirmation import confirm_listing

HOME = "https://directory.example"


def remind(session: Session, days: int, limit: int = 10) -> int:
    return queue_confirmation_reminders(session, home=HOME, now=NOW + timedelta(days=days), limit=limit)


def test_an_owner_is_asked_after_90_days_and_again_90_days_later(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    session.commit()
    version = listing.version
    asked = [day for day in range(80, 281, 10) if remind(session, day)]
    assert asked == [90, 180, 270]
    mail = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert mail is not None
    assert (mail.to, mail.subject) == (provider.email, f"Is the listing of {listing.name} still right?")
    assert mail.action_path == f"{HOME}/portal/listings/{listing.id}"
    assert mail.topic == "confirmations"
    session.expire_all()
    assert listing.version == version


def test_who_confirmed_is_asked_90_days_after_that(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    when = NOW + timedelta(days=50)
    facts = ListingFacts.of(listing)
    confirm_listing(session, listing, facts, version=listing.version, by=provider.actor, now=when)
    assert [day for day in range(90, 151, 10) if remind(session, day)] == [140]


@pytest.mark.parametrize("state", [state for state in LISTING_MOVES if state is not ListingState.PUBLISHED])
def test_only_what_patients_find_is_asked_about(session: Session, provider: Account, state: ListingState) -> None:
    make_listing(session, provider, state=state)
    assert remind(session, 100) == 0


def test_an_account_that_is_closed_gets_no_mail(session: Session, provider: Account) -> None:
    make_listing(session, provider)
    provider.active = False
    session.flush()
    assert remind(session, 100) == 0


def test_a_run_stops_at_its_limit_and_the_next_goes_on(session: Session, provider: Account) -> None:
    for _ in range(3):
        make_listing(session, provider)
    assert [remind(session, 100, limit=2) for _ in range(3)] == [2, 1, 0]
