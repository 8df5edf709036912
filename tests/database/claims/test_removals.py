"""Taking a listing down: anybody may ask, a reviewer decides, and no import brings it back."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_listing

from directory.accounts.tables import Account
from directory.claims.lifecycle import RemovalMove, RemovalState
from directory.claims.removals import request_removal
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, SuppressedNpi
from directory.outbox.tables import Email
from directory.review.removals import decide_removal

NUMBER = "0123456789abcdef" * 2


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider, npi="1234567893")


def test_an_accepted_request_retires_the_listing_and_suppresses_its_npi(
    session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    made = request_removal(session, listing, "I retired.", by=None, now=NOW, reply_to="me@example.com")
    decide_removal(session, made, RemovalMove.ACCEPT, reason="Confirmed by phone.", by=reviewer.actor, now=NOW)
    assert (listing.state, made.state, made.reply_to) == (ListingState.RETIRED, RemovalState.ACCEPTED, "")
    assert session.scalars(sa.select(SuppressedNpi.npi)).one() == "1234567893"
    told = session.scalars(sa.select(Email.to).where(Email.subject == f"{listing.name} is taken down")).all()
    assert set(told) == {"me@example.com", provider.email}


def test_a_declined_request_changes_nothing(session: Session, listing: Listing, reviewer: Account) -> None:
    made = request_removal(session, listing, "Spite.", by=None, now=NOW)
    decide_removal(session, made, RemovalMove.DECLINE, reason="Not from the practice.", by=reviewer.actor, now=NOW)
    assert listing.state is ListingState.PUBLISHED
    assert session.scalar(sa.select(SuppressedNpi)) is None
    with pytest.raises(Conflict):
        decide_removal(session, made, RemovalMove.ACCEPT, reason="After all.", by=reviewer.actor, now=NOW)


def test_the_same_form_sent_twice_is_one_request(session: Session, listing: Listing) -> None:
    first, again = (request_removal(session, listing, "I retired.", by=None, now=NOW, number=NUMBER) for _ in range(2))
    assert first is again
    assert request_removal(session, listing, "I retired.", by=None, now=NOW, number="\0" * 99).public_id != NUMBER


def test_bad_requests_are_refused(
    session: Session, listing: Listing, provider: Account, other_provider: Account, reviewer: Account
) -> None:
    with pytest.raises(Invalid) as refused:
        request_removal(session, listing, " ", by=None, now=NOW, reply_to="nobody")
    assert {fault.field for fault in refused.value.faults} == {"reason", "reply_to"}
    with pytest.raises(NotAllowed):
        request_removal(session, listing, "Not mine.", by=other_provider.actor, now=NOW)
    draft = make_listing(session, provider, state=ListingState.DRAFT)
    with pytest.raises(Conflict):
        request_removal(session, draft, "Mine.", by=provider.actor, now=NOW)
    made = request_removal(session, listing, "Mine.", by=provider.actor, now=NOW)
    provider.roles = [*provider.roles, *reviewer.roles]
    with pytest.raises(NotAllowed):
        decide_removal(session, made, RemovalMove.ACCEPT, reason="Mine.", by=provider.actor, now=NOW)
