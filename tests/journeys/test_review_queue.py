"""A reviewer's day: a queue of thirty cases by keyboard alone, one key each where nothing is to be typed."""

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect
from support import user_actions
from support.accessibility import assert_accessible
from support.claims import DOCUMENT
from support.factories import make_account, make_attestation, make_listing
from support.input_devices import Keyboard
from support.revision_actions import submitted

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.attestations.lifecycle import AttestationState
from directory.claims.commands import make_claim
from directory.claims.request import ClaimRequest
from directory.claims.tables import Proof
from directory.listings.lifecycle import ListingState
from directory.review.case_tables import ReviewCase
from directory.review.tables import Decision

REVIEWER = "day.reviewer@example.com"
NEW, CHANGED, ANSWERED, BOTH, CLAIMED = 9, 6, 7, 4, 3
RETURNED = "Returned Provider"


@pytest.fixture(scope="module", autouse=True)
def cases(app: Flask) -> None:
    """Thirty cases: new listings, changes, answers, new listings with answers, claims, and one to return."""
    user_actions.open_accounts(app, (REVIEWER, Role.REVIEWER))
    with app.app_context(), transaction.atomic() as session:
        now = clock.now()
        provider, claimant = (make_account(session, Role.PROVIDER) for _ in range(2))
        for number in range(NEW):
            make_listing(session, provider, state=ListingState.SUBMITTED, name=f"New {number}", now=now)
        for number in range(CHANGED):
            listing = make_listing(session, provider, name=f"Changed {number}", now=now)
            submitted(session, listing, provider, practice=f"Practice {number}")
        for number in range(ANSWERED):
            listing = make_listing(session, provider, name=f"Answered {number}", now=now)
            make_attestation(session, listing, state=AttestationState.SUBMITTED, now=now)
        for number in range(BOTH):
            listing = make_listing(session, provider, state=ListingState.SUBMITTED, name=f"Both {number}", now=now)
            make_attestation(session, listing, state=AttestationState.SUBMITTED, now=now)
        for number in range(CLAIMED):
            listing = make_listing(session, provider, name=f"Claimed {number}", now=now)
            listing.managers.clear()
            request = ClaimRequest("Owner", "303-555-0199", Proof.DOCUMENT, document=DOCUMENT)
            make_claim(session, listing, request, by=claimant.actor, now=now)
        make_listing(session, provider, state=ListingState.SUBMITTED, name=RETURNED, now=now)


def test_thirty_cases_by_keyboard_alone(app: Flask, page: Page, live_server_url: str) -> None:
    user_actions.sign_in(Keyboard(page), REVIEWER, f"{live_server_url}/console/")
    expect(page.get_by_text("30 waiting")).to_be_visible()
    page.keyboard.press("n")
    for _ in range(30):
        heading = page.get_by_role("heading", level=1)
        expect(page.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
        name = heading.text_content() or ""
        if RETURNED in name:
            page.keyboard.press("1")
            expect(page.get_by_role("checkbox").first).to_be_checked()
            page.keyboard.press("r")
        else:
            page.keyboard.press("p")
        expect(heading).not_to_have_text(name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    expect(page.get_by_text("0 waiting")).to_be_visible()
    with app.app_context():
        session = transaction.session()
        assert (
            session.scalar(sa.select(sa.func.count()).select_from(Decision).where(Decision.undoes_id.is_(None))) >= 30
        )
        waiting = sa.select(sa.func.count()).where(ReviewCase.waiting_on == "reviewer")
        assert session.scalar(waiting) == 0
        session.rollback()
    _undoes_the_last_decision(page)


def _undoes_the_last_decision(page: Page) -> None:
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="The mail, before it goes")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")
