"""The messages of reviewers in the portal: a task on the home page, an answer, and nobody else's business."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.http_client import Browser
from support.message_factories import QUESTION, make_message

from directory import clock
from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.listings.tables import Listing, ListingManager
from directory.messages.commands import close_message
from directory.messages.queries import messages_of


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider, now=clock.now(), name="Some Clinic")
    session.commit()
    return made


def home(listing: Listing) -> str:
    return f"/portal/listings/{listing.id}/messages"


def asked(session: Session, listing: Listing, text: str = QUESTION, *, hours_ago: int = 0) -> int:
    made = make_message(session, listing, text, now=clock.now() - timedelta(hours=hours_ago))
    session.commit()
    return made.id


def test_a_question_is_a_task_until_it_is_answered(as_provider: Browser, session: Session, listing: Listing) -> None:
    assert "No messages yet." in as_provider.open(home(listing)).text
    assert "Answer a message" not in as_provider.open("/portal/").text
    asked(session, listing)
    first = as_provider.open("/portal/")
    assert "Answer a message" in first.text
    assert home(listing) in first.html
    page = as_provider.open(home(listing))
    assert QUESTION in page.text
    assert "Rae" not in page.text, "providers do not see who reviews"
    done = as_provider.press(page, "Send my answer", {"message": "It is."})
    assert "Your answer is sent." in done.text
    assert "It is." in done.text
    assert "Send my answer" not in done.html
    assert "Answer a message" not in as_provider.open("/portal/").text


def test_of_several_messages_each_can_be_answered_the_oldest_first(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    first, second = asked(session, listing, hours_ago=2), asked(session, listing, "And the fax?", hours_ago=1)
    assert "Answer 2 messages" in as_provider.open("/portal/").text
    page = as_provider.open(home(listing))
    assert page.form("Send my answer").action == f"{home(listing)}/{first}"
    page = as_provider.open(f"{home(listing)}?to={second}")
    page = as_provider.press(page, "Send my answer", {"message": "We have none."})
    assert page.form("Send my answer").action == f"{home(listing)}/{first}"
    page = as_provider.press(page, "Send my answer", {"message": "It is."})
    assert [row.message.reply_to_id for row in messages_of(session, listing.id)] == [first, second, None, None]


@pytest.mark.parametrize("text", ["", "x" * 2001])
def test_what_is_refused_comes_back_with_all_that_was_typed(
    as_provider: Browser, session: Session, listing: Listing, text: str
) -> None:
    asked(session, listing)
    page = as_provider.press(as_provider.open(home(listing)), "Send my answer", {"message": text})
    assert page.status == 422
    assert page.form("Send my answer").fields["message"] == text


def test_an_answer_to_what_was_closed_meanwhile_is_not_lost(
    as_provider: Browser, session: Session, listing: Listing, reviewer: Account
) -> None:
    asked(session, listing)
    page = as_provider.open(home(listing))
    close_message(session, messages_of(session, listing.id)[0].message, by=reviewer.actor, now=clock.now())
    session.commit()
    page = as_provider.press(page, "Send my answer", {"message": "It is."})
    assert page.status == 409
    assert "needs no answer any more" in page.text
    assert "It is." in page.text


def test_a_signer_reads_messages_and_does_not_answer(
    as_other_provider: Browser, session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    message_id = asked(session, listing)
    assert as_other_provider.open(home(listing)).status == 404
    row = ListingManager(account_id=other_provider.id, right=Right.SIGNER, since=clock.now(), by_id=provider.id)
    listing.managers.append(row)
    session.commit()
    page = as_other_provider.open(home(listing))
    assert QUESTION in page.text
    assert "Owners and editors of the listing answer messages." in page.text
    assert "Send my answer" not in page.html
    assert "Answer a message" not in as_other_provider.open("/portal/").text
    token = as_other_provider.open("/portal/listings/new").forms[-1].fields["csrf_token"]
    sent = as_other_provider.client.post(f"{home(listing)}/{message_id}", data={"csrf_token": token, "message": "Hi."})
    assert sent.status_code == 403


def test_a_message_of_another_listing_is_not_answered(
    as_provider: Browser, session: Session, listing: Listing, other_provider: Account
) -> None:
    theirs = asked(session, make_listing(session, other_provider, now=clock.now()))
    asked(session, listing)
    token = as_provider.open(home(listing)).form("Send my answer").fields["csrf_token"]
    sent = as_provider.client.post(f"{home(listing)}/{theirs}", data={"csrf_token": token, "message": "Hi."})
    assert sent.status_code == 404
