"""The console: what a decision needs, who may take it, and what it leads to."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support import factories
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_entry, make_listing, sign_in
from support.http_client import Browser, Page

from directory.accounts.commands import find_or_create_role
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings import commands
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

BUTTONS = {
    ListingState.DRAFT: set(),
    ListingState.SUBMITTED: {"Publish", "Return with the reason", "Reject"},
    ListingState.PUBLISHED: {"Take off the map", "Retire"},
    ListingState.SUSPENDED: {"Publish again"},
    ListingState.REJECTED: set(),
    ListingState.RETIRED: set(),
}
"""What can be decided on an entry in each state."""

ANSWER_BUTTONS = {
    AttestationState.SUBMITTED: {"Accept", "Return with the reason"},
    AttestationState.ACCEPTED: {"Revoke"},
    AttestationState.RETURNED: set(),
    AttestationState.WITHDRAWN: set(),
    AttestationState.SUPERSEDED: set(),
    AttestationState.REVOKED: set(),
}
"""What can be decided on signed answers in each state."""

LEADS_TO = {
    "Publish": ListingState.PUBLISHED,
    "Return with the reason": ListingState.DRAFT,
    "Reject": ListingState.REJECTED,
    "Take off the map": ListingState.SUSPENDED,
    "Publish again": ListingState.PUBLISHED,
    "Retire": ListingState.RETIRED,
}


def buttons(page: Page) -> set[str]:
    return {words for form in page.forms for words in form.buttons} - {"Sign out", "Compare"}


def a_listing(
    session: Session, owner: Account, state: ListingState = ListingState.SUBMITTED, **changes: object
) -> Listing:
    made = make_listing(session, owner, state=state, **changes)
    session.commit()
    return made


@pytest.mark.parametrize("state", list(ListingState))
def test_an_entry_offers_exactly_the_decisions_of_its_state(
    as_reviewer: Browser, provider: Account, session: Session, state: ListingState
) -> None:
    a_listing(session, provider, state)
    assert buttons(as_reviewer.open("/console/listings/1")) == BUTTONS[state]


@pytest.mark.parametrize(
    ("state", "button"), [(state, button) for state in ListingState for button in sorted(BUTTONS[state])]
)
def test_a_decision_on_an_entry_is_taken_told_and_written_down(
    as_reviewer: Browser, provider: Account, session: Session, state: ListingState, button: str
) -> None:
    listing = a_listing(session, provider, state)
    page = as_reviewer.press(as_reviewer.open("/console/listings/1"), button, {"reason": "Looked at by two."})
    assert page.path == "/console/"
    session.expire_all()
    assert listing.state is LEADS_TO[button]
    page = as_reviewer.open("/console/listings/1")
    assert "Looked at by two." in page.text
    assert "Ruth Reviewer" in page.text


@pytest.mark.parametrize("state", list(ANSWER_BUTTONS))
def test_signed_answers_offer_exactly_the_decisions_of_their_state(
    as_reviewer: Browser, provider: Account, session: Session, state: AttestationState
) -> None:
    made = make_attestation(session, a_listing(session, provider, ListingState.PUBLISHED), state=state)
    session.commit()
    assert buttons(as_reviewer.open(f"/console/attestations/{made.id}")) == ANSWER_BUTTONS[state]


def test_a_draft_is_nobodys_business_but_its_owners(as_reviewer: Browser, provider: Account, session: Session) -> None:
    made = make_attestation(session, a_listing(session, provider), state=AttestationState.DRAFT)
    session.commit()
    assert as_reviewer.open(f"/console/attestations/{made.id}").status == 404
    for path in ("/console/listings/1", "/console/listings/1/answers"):
        assert f"attestations/{made.id}" not in as_reviewer.open(path).html
    assert "No answers were signed" in as_reviewer.open("/console/listings/1/answers").text


@pytest.mark.parametrize("button", ["Return with the reason", "Reject"])
def test_without_a_reason_the_page_comes_back(
    as_reviewer: Browser, provider: Account, session: Session, button: str
) -> None:
    listing = a_listing(session, provider)
    page = as_reviewer.press(as_reviewer.open("/console/listings/1"), button, {"reason": "  "})
    assert page.status == 422
    assert 'href="#reason"' in page.html
    session.expire_all()
    assert listing.state is ListingState.SUBMITTED


def test_returning_answers_keeps_the_reason_and_each_remark(
    as_reviewer: Browser, as_provider: Browser, provider: Account, session: Session
) -> None:
    made = make_attestation(
        session, a_listing(session, provider, ListingState.PUBLISHED), state=AttestationState.SUBMITTED
    )
    session.commit()
    page = as_reviewer.open(f"/console/attestations/{made.id}")
    remarks = {"comment_harvest_bone": "Which side?", "comment_distinct_sites": ""}
    failed = as_reviewer.press(page, "Return with the reason", remarks)
    assert failed.status == 422
    assert failed.form("Accept").fields["comment_harvest_bone"] == "Which side?"
    as_reviewer.press(failed, "Return with the reason", {"reason": "Please say more."})
    session.expire_all()
    assert made.state is AttestationState.RETURNED
    page = as_provider.open(f"/portal/attestations/{made.id}")
    assert "Please say more." in page.text
    assert "Which side?" in page.text


def test_a_decision_on_what_was_changed_meanwhile_is_refused_and_the_reason_kept(
    as_reviewer: Browser, as_admin: Browser, provider: Account, session: Session
) -> None:
    listing = a_listing(session, provider)
    mine, other = as_reviewer.open("/console/listings/1"), as_admin.open("/console/listings/1")
    as_admin.press(other, "Return with the reason", {"reason": "The ZIP."})
    page = as_reviewer.press(mine, "Publish", {"reason": "All is well."})
    assert page.status == 409
    assert "changed in the meantime" in page.text
    assert "Publish" not in buttons(page)
    session.expire_all()
    assert listing.state is ListingState.DRAFT


def test_an_entry_that_came_back_changed_is_not_published_unseen(
    as_reviewer: Browser, provider: Account, session: Session
) -> None:
    listing = a_listing(session, provider)
    mine = as_reviewer.open("/console/listings/1")
    other = as_reviewer.open("/console/listings/1")
    as_reviewer.press(other, "Return with the reason", {"reason": "The ZIP."})
    session.expire_all()
    entry = make_entry(name="Somebody else entirely")
    commands.update(session, listing, entry, version=listing.version, by=provider.actor, now=NOW)
    commands.submit(session, listing, by=provider.actor, now=NOW)
    session.commit()
    page = as_reviewer.press(mine, "Publish", {"reason": "All is well."})
    assert page.status == 409
    assert "Somebody else entirely" in page.text
    assert page.form("Publish").fields["reason"] == "All is well."
    assert as_reviewer.press(page, "Publish").path == "/console/"


def test_answers_decided_on_meanwhile_are_not_decided_twice(
    as_reviewer: Browser, as_admin: Browser, provider: Account, session: Session
) -> None:
    made = make_attestation(
        session, a_listing(session, provider, ListingState.PUBLISHED), state=AttestationState.SUBMITTED
    )
    session.commit()
    path = f"/console/attestations/{made.id}"
    mine, other = as_reviewer.open(path), as_admin.open(path)
    as_admin.press(other, "Accept")
    assert as_reviewer.press(mine, "Return with the reason", {"reason": "Too late."}).status == 409
    session.expire_all()
    assert made.state is AttestationState.ACCEPTED


@pytest.mark.parametrize("move", ["submit", "supersede", "withdraw", "", "PUBLISH", "accept "])
def test_what_is_no_decision_is_refused(as_reviewer: Browser, provider: Account, session: Session, move: str) -> None:
    made = make_attestation(session, a_listing(session, provider), state=AttestationState.SUBMITTED)
    session.commit()
    for path in ("/console/listings/1", f"/console/attestations/{made.id}"):
        form = as_reviewer.open(path).form("Return with the reason")
        answer = as_reviewer.client.post(path, data={**form.fields, "move": move, "reason": "x"})
        assert answer.status_code == 422, path


def test_nobody_decides_on_their_own_and_the_page_says_why(app: Flask, provider: Account, session: Session) -> None:
    provider.roles = [*provider.roles, find_or_create_role(session, Role.ADMIN)]
    factories.set_second_factor(provider)
    listing = a_listing(session, provider)
    made = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    session.commit()
    browser = Browser(sign_in(app.test_client(), provider))
    token = browser.open("/portal/listings/new").form("Save and continue").fields["csrf_token"]
    for path in ("/console/listings/1", f"/console/attestations/{made.id}"):
        page = browser.open(path)
        assert buttons(page) == set()
        assert "somebody else has to decide" in page.text
        sent = {"csrf_token": token, "version": "1", "move": "publish" if "listings" in path else "accept"}
        assert browser.client.post(path, data=sent).status_code == 403, path
    session.expire_all()
    assert (listing.state, made.state) == (ListingState.SUBMITTED, AttestationState.SUBMITTED)


def test_accepting_shows_what_it_replaces(as_reviewer: Browser, provider: Account, session: Session) -> None:
    listing = a_listing(session, provider, ListingState.PUBLISHED)
    first = make_attestation(session, listing, now=NOW - timedelta(days=30))
    second = make_attestation(
        session, listing, state=AttestationState.SUBMITTED, answers=MATCHING_ANSWERS | {"harvest_bone": "tibia"}
    )
    session.commit()
    page = as_reviewer.open(f"/console/attestations/{second.id}")
    assert "Accepting these answers replaces it" in page.text
    assert "Shin bone (tibia)" in page.text
    as_reviewer.press(page, "Accept")
    session.expire_all()
    assert (first.state, second.state) == (AttestationState.SUPERSEDED, AttestationState.ACCEPTED)


def test_what_was_explained_stands_beside_what_does_not_fit(
    as_reviewer: Browser, provider: Account, session: Session
) -> None:
    made = make_attestation(
        session,
        a_listing(session, provider),
        state=AttestationState.SUBMITTED,
        details={"total_volume_ml": 2000},
        explanations={"total_volume": "Two visits are counted <b>together</b>."},
    )
    session.commit()
    page = as_reviewer.open(f"/console/attestations/{made.id}")
    assert "You say 2000 mL in all" in page.text
    assert "Two visits are counted <b>together</b>." in page.text
    assert "<b>" not in page.html


def test_answers_that_expired_while_they_waited_say_so_and_are_not_accepted(
    as_reviewer: Browser, provider: Account, session: Session
) -> None:
    listing = a_listing(session, provider, ListingState.PUBLISHED)
    made = make_attestation(session, listing, state=AttestationState.SUBMITTED, now=NOW - timedelta(days=800))
    session.commit()
    page = as_reviewer.open(f"/console/attestations/{made.id}")
    assert "This attestation has run out" in page.text
    assert as_reviewer.press(page, "Accept").status == 409
    session.expire_all()
    assert session.get_one(Attestation, made.id).state is AttestationState.SUBMITTED


@pytest.mark.parametrize("number", ["0", "2147483648", "99999999999999999999", "x"])
def test_numbers_behind_which_there_is_nothing_are_not_found(as_reviewer: Browser, number: str) -> None:
    assert as_reviewer.open(f"/console/listings/{number}").status == 404
    assert as_reviewer.open(f"/console/attestations/{number}").status == 404
