"""What providers are promised of reports: they are asked, they have their say, and nobody else's is shown."""

import pytest
from sqlalchemy.orm import Session
from support.dispute_factories import OUTCOME_LINE, REPORT_TEXT, make_dispute, move_dispute
from support.factories import make_attestation, make_listing
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.disputes.lifecycle import DisputeState, Move
from directory.disputes.tables import Dispute
from directory.listings.tables import Listing

QUESTION = "Is it still 8 mL from each place?"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider, now=clock.now(), name="Some Clinic")
    make_attestation(session, made, now=clock.now())
    session.commit()
    return made


@pytest.fixture
def open_dispute(session: Session, listing: Listing) -> Dispute:
    made = make_dispute(session, listing, now=clock.now())
    move_dispute(session, made, Move.OPEN, text=QUESTION, now=clock.now())
    session.commit()
    return made


def test_a_provider_sees_the_question_and_what_they_had_stated(as_provider: Browser, open_dispute: Dispute) -> None:
    assert "Answer a report" in as_provider.open("/portal/").text
    assert "Please answer by" in as_provider.open("/portal/disputes").text
    page = as_provider.open(f"/portal/disputes/{open_dispute.id}")
    for words in (QUESTION, "They take up to 8 mL from each place.", "Please answer by", "Answer again"):
        assert words in page.text
    for secret in (REPORT_TEXT, "joe@example.com", open_dispute.public_id):
        assert secret not in page.html


def test_an_answer_is_given_once_and_shown(as_provider: Browser, open_dispute: Dispute) -> None:
    page = as_provider.open(f"/portal/disputes/{open_dispute.id}")
    done = as_provider.press(page, "Send my answer", {"answer": "It is 8 mL, always."})
    assert "Your answer is sent." in done.text
    assert "It is 8 mL, always." in done.text
    assert "Reports 1" not in done.text
    again = as_provider.press(page, "Send my answer", {"answer": "Something else."})
    assert again.status == 409


@pytest.mark.parametrize("text", ["", "x" * 2001, "a\u202eb"])
def test_an_answer_that_cannot_be_kept_comes_back(as_provider: Browser, open_dispute: Dispute, text: str) -> None:
    page = as_provider.press(
        as_provider.open(f"/portal/disputes/{open_dispute.id}"), "Send my answer", {"answer": text}
    )
    assert page.status == 422
    assert "our answer" in page.text
    assert page.form("Send my answer").fields["answer"] == text


@pytest.mark.parametrize("state", [DisputeState.UPHELD, DisputeState.NOT_UPHELD, DisputeState.WITHDRAWN])
def test_the_outcome_stands_there(
    as_provider: Browser, session: Session, listing: Listing, state: DisputeState
) -> None:
    made = make_dispute(session, listing, state=state, now=clock.now())
    session.commit()
    page = as_provider.open(f"/portal/disputes/{made.id}")
    assert OUTCOME_LINE in page.text
    assert "Send my answer" not in page.html


@pytest.mark.parametrize("state", [DisputeState.REPORTED, DisputeState.DISMISSED])
def test_what_nobody_asked_about_does_not_exist_for_the_provider(
    as_provider: Browser, session: Session, listing: Listing, state: DisputeState
) -> None:
    made = make_dispute(session, listing, state=state, now=clock.now())
    session.commit()
    assert as_provider.open(f"/portal/disputes/{made.id}").status == 404
    assert "Nobody has reported anything" in as_provider.open("/portal/disputes").text


def test_a_report_about_another_provider_does_not_exist(as_other_provider: Browser, open_dispute: Dispute) -> None:
    path = f"/portal/disputes/{open_dispute.id}"
    assert as_other_provider.open(path).status == 404
    token = as_other_provider.open("/portal/").form("Sign out").fields["csrf_token"]
    answer = as_other_provider.client.post(path, data={"csrf_token": token, "answer": "Yes.", "version": "1"})
    assert answer.status_code == 404
    assert "Some Clinic" not in as_other_provider.open("/portal/disputes").text
