"""The messages and notes about a listing in the console: on whom they wait, and what a reviewer may not do."""

import pytest
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing, set_second_factor
from support.http_client import Browser
from support.message_factories import QUESTION, make_message

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.tables import Attestation
from directory.listings.tables import Listing
from directory.messages.commands import answer_message
from directory.messages.queries import messages_of


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider, now=clock.now(), name="Some Clinic")
    session.commit()
    return made


@pytest.fixture
def attestation(session: Session, listing: Listing) -> Attestation:
    made = make_attestation(session, listing, now=clock.now())
    session.commit()
    return made


def home(listing: Listing) -> str:
    return f"/console/listings/{listing.id}/messages"


def test_a_question_is_sent_and_its_answer_comes_back_to_the_page(
    as_reviewer: Browser, session: Session, listing: Listing, provider: Account
) -> None:
    path = as_reviewer.open(f"/console/listings/{listing.id}").html
    assert home(listing) in path
    page = as_reviewer.press(as_reviewer.open(home(listing)), "Send the message", {"text": QUESTION})
    assert page.status == 200
    assert "It goes to Pat Provider" in page.text
    assert "Waiting for provider" in page.text
    assert "Not read yet" in page.text
    (written,) = messages_of(session, listing.id)
    answer_message(session, written.message, "It is.", seen=None, by=provider.actor, now=clock.now())
    session.commit()
    page = as_reviewer.open(home(listing))
    assert "Waiting for reviewer" in page.text
    assert "It is." in page.text
    page = as_reviewer.press(page, "Nothing more to do")
    assert "Waiting for" not in page.text


def test_a_message_is_about_the_listing_or_one_of_its_answers(
    as_reviewer: Browser, session: Session, listing: Listing, attestation: Attestation
) -> None:
    chosen = {"text": QUESTION, "about": f"{attestation.id}-distinct_sites", "needs_no_answer": "y"}
    page = as_reviewer.press(as_reviewer.open(home(listing)), "Send the message", chosen)
    assert "about “Number of places”" in page.text
    assert "Waiting for" not in page.text
    (written,) = messages_of(session, listing.id)
    assert (written.message.attestation_id, written.message.question) == (attestation.id, "distinct_sites")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": ""}, "Enter your message."),
        ({"text": "x" * 2001}, "at most 2,000 characters; this has 2,001"),
        ({"text": QUESTION, "about": "999-distinct_sites"}, "Choose an answer of this listing"),
        ({"text": QUESTION, "about": "\0"}, "Choose an answer of this listing"),
        ({"text": QUESTION, "asks_for_evidence": "y"}, "Choose the answer for which you ask"),
    ],
)
def test_what_is_refused_comes_back_with_all_that_was_typed(
    as_reviewer: Browser, session: Session, listing: Listing, values: dict[str, str], sentence: str
) -> None:
    page = as_reviewer.press(as_reviewer.open(home(listing)), "Send the message", values)
    assert page.status == 422
    assert sentence in page.text
    assert page.form("Send the message").fields["text"] == values["text"]
    assert not messages_of(session, listing.id)


def test_a_button_pressed_twice_sends_one_message_and_keeps_the_text(
    as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    page = as_reviewer.open(home(listing))
    as_reviewer.press(page, "Send the message", {"text": QUESTION})
    again = as_reviewer.press(page, "Send the message", {"text": QUESTION})
    assert again.status == 409
    assert "Another message was written in the meantime." in again.text
    assert again.form("Send the message").fields["text"] == QUESTION
    assert len(messages_of(session, listing.id)) == 1
    assert as_reviewer.press(again, "Send the message").status == 200


def test_a_listing_that_nobody_manages_says_so_and_how_to_reach_the_practice(
    as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    token = as_reviewer.open(home(listing)).form("Send the message").fields["csrf_token"]
    listing.managers.clear()
    session.commit()
    page = as_reviewer.open(home(listing))
    assert "Nobody manages this listing, so nobody can be asked here, and no email is sent." in page.text
    for words in ("(303) 555-0100", "403 Summit Boulevard", "Broomfield, CO 80021"):
        assert words in page.text
    assert "Send the message" not in page.html
    sent = as_reviewer.client.post(home(listing), data={"csrf_token": token, "text": QUESTION, "seen": "0"})
    assert sent.status_code == 409
    assert "nobody can be asked" in sent.text


def test_a_note_is_kept_for_reviewers_and_the_provider_never_sees_it(
    as_reviewer: Browser, as_provider: Browser, listing: Listing
) -> None:
    page = as_reviewer.press(as_reviewer.open(home(listing)), "Keep the note", {"note": "Shares a front desk."})
    assert "Shares a front desk." in page.text
    assert "Ruth Reviewer" in page.text
    refused = as_reviewer.press(page, "Keep the note", {"note": "x" * 1001})
    assert refused.status == 422
    assert "at most 1,000 characters" in refused.text
    for path in ("/portal/", f"/portal/listings/{listing.id}", f"/portal/listings/{listing.id}/messages"):
        assert "front desk" not in as_provider.open(path).text


def test_reviewers_see_no_notes_and_write_nothing_about_a_listing_that_they_manage(
    as_provider: Browser, as_reviewer: Browser, session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    as_reviewer.press(as_reviewer.open(home(listing)), "Keep the note", {"note": "Shares a front desk."})
    provider.roles = [*provider.roles, *reviewer.roles]
    set_second_factor(provider)
    made = make_message(session, listing, now=clock.now())
    session.commit()
    page = as_provider.open(home(listing))
    assert "You manage this listing" in page.text
    assert "front desk" not in page.text
    assert "Send the message" not in page.html
    token = as_provider.open(f"/portal/listings/{listing.id}/messages").form("Send my answer").fields["csrf_token"]
    paths = (home(listing), f"{home(listing)}/{made.id}/close", f"/console/listings/{listing.id}/notes")
    for path in paths:
        sent = as_provider.client.post(path, data={"csrf_token": token, "text": "Hello.", "note": "Hello."})
        assert sent.status_code == 403, path


def test_there_are_no_messages_of_a_listing_that_does_not_exist(as_reviewer: Browser, listing: Listing) -> None:
    for path in (f"/console/listings/{listing.id + 1}/messages", "/console/listings/x/messages"):
        assert as_reviewer.open(path).status == 404
    token = as_reviewer.open(home(listing)).form("Send the message").fields["csrf_token"]
    assert as_reviewer.client.post(f"{home(listing)}/7/close", data={"csrf_token": token}).status_code == 404
