"""A form that is sent late: after two hours it is saved, without its session it comes back with all that was typed."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import PASSWORD, make_attestation, make_listing, sign_in
from support.http_client import Browser, Page

from directory import clock
from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account, UserSession
from directory.attestations.lifecycle import AttestationState
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

NEW, SAVE, AGAIN = "/portal/listings/new", "Save and continue", "Send again"
SIGN_IN = "/signin/login"
GOOD = {
    "kind": "person",
    "name": "Ann <b>Example</b>",
    "npi": "1234567893",
    "languages": ["es", "fr"],
    "accepts_new_patients": "yes",
    "addresses-0-line1": "403 Summit Boulevard",
    "addresses-0-city": "Broomfield",
    "addresses-0-state": "CO",
    "addresses-0-postal_code": "80021",
}


@pytest.fixture
def opened(app: Flask, session: Session) -> Account:
    """A provider with a password."""
    with app.app_context():
        account = create_account(
            session, email="pat@example.com", password=PASSWORD, name="Pat", roles=[Role.PROVIDER], now=clock.now()
        )
    session.commit()
    return account


def log_in(browser: Browser, path: str = SIGN_IN) -> Page:
    return browser.press(browser.open(path), "Sign in", {"email": "pat@example.com", "password": PASSWORD})


def end_all_sessions(session: Session) -> None:
    session.execute(sa.delete(UserSession))
    session.commit()


def names(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(sa.select(Listing.name)))


@pytest.mark.usefixtures("opened")
def test_a_form_that_was_open_for_two_hours_is_saved(
    visitor: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(visitor)
    page, start = visitor.open(NEW), clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=2))
    monkeypatch.setattr("time.time", (start + timedelta(hours=2)).timestamp)
    assert visitor.press(page, SAVE, GOOD).path == "/portal/listings/1"
    assert names(session) == ["Ann <b>Example</b>"]


@pytest.mark.usefixtures("opened")
def test_after_the_session_ended_everything_typed_comes_back_and_is_saved_after_signing_in_beside_it(
    visitor: Browser, session: Session
) -> None:
    log_in(visitor)
    page = visitor.open(NEW)
    end_all_sessions(session)
    kept = visitor.press(page, SAVE, GOOD)
    assert kept.status == 400
    assert "You are signed out. Your text is kept." in kept.text
    for words in (
        "This listing is for A person",
        "Ann <b>Example</b>",
        "Spanish, French",
        "Street address",
        "403 Summit",
    ):
        assert words in kept.text, words
    for machine_words in ("addresses-0", "csrf", "form_key", "CSRF", "accepts_new_patients"):
        assert machine_words not in kept.text
    assert "<b>" not in kept.html
    fields = kept.form(AGAIN).fields
    assert fields.getlist("languages") == ["es", "fr"]
    assert "csrf_token" not in fields
    assert "Ann" not in kept.html.partition("<ol")[2].partition("</ol>")[0], "nothing typed in an address"

    too_early = visitor.press(kept, AGAIN)
    assert "You are signed out" in too_early.text
    assert names(session) == []

    done = log_in(visitor, f"{SIGN_IN}?next=%2Fsignin%2Freturn")
    assert "Close this tab" in done.text
    ready = visitor.press(too_early, AGAIN)
    assert (ready.status, "Please send this again" in ready.text) == (400, True)
    assert visitor.press(ready, AGAIN).path == "/portal/listings/1"
    assert names(session) == ["Ann <b>Example</b>"]


@pytest.mark.usefixtures("opened")
def test_the_link_to_sign_in_leads_back(visitor: Browser, session: Session) -> None:
    log_in(visitor)
    page = visitor.open(NEW)
    end_all_sessions(session)
    assert f'href="{SIGN_IN}?next=/signin/return" target="_blank"' in visitor.press(page, SAVE, GOOD).html
    assert visitor.open("/signin/return", follow=False).location.startswith(f"{SIGN_IN}?next=")


@pytest.mark.usefixtures("opened")
def test_a_form_from_before_the_last_sign_in_is_sent_again_with_one_press(visitor: Browser, session: Session) -> None:
    log_in(visitor)
    page = visitor.open(NEW)
    visitor.press(visitor.open("/portal/"), "Sign out")
    log_in(visitor)
    kept = visitor.press(page, SAVE, GOOD)
    assert (kept.status, names(session)) == (400, [])
    assert visitor.press(kept, AGAIN).path == "/portal/listings/1"


def test_the_sign_in_form_itself_keeps_the_address_and_no_password(visitor: Browser, session: Session) -> None:
    page = visitor.open(SIGN_IN)
    end_all_sessions(session)
    kept = visitor.press(page, "Sign in", {"email": "pat@example.com", "password": PASSWORD})
    assert kept.status == 400
    assert PASSWORD not in kept.html
    back = visitor.press(kept, AGAIN)
    assert back.form("Sign in").fields["email"] == "pat@example.com"


def test_answers_and_decisions_come_back_under_their_labels(
    as_provider: Browser, as_reviewer: Browser, session: Session, provider: Account
) -> None:
    made = make_attestation(session, make_listing(session, provider), state=AttestationState.SUBMITTED)
    session.commit()
    questions = as_provider.open(f"/portal/listings/{made.listing_id}/attestation")
    decision = as_reviewer.open(f"/console/attestations/{made.id}")
    end_all_sessions(session)
    kept = as_provider.press(questions, "Save and review", {"volume_per_site_ml-low": "about eight"})
    assert "about eight" in kept.text
    assert "volume_per_site" not in kept.text
    kept = as_reviewer.press(
        decision, "Return with the reason", {"reason": "A long reason.", "comment_harvest_bone": "?"}
    )
    assert "Reason A long reason." in kept.text
    assert kept.form(AGAIN).fields["move"] == "return"
    sign_in(as_reviewer.client, session.scalars(sa.select(Account).where(Account.name == "Ruth Reviewer")).one())
    ready = as_reviewer.press(kept, AGAIN)
    assert as_reviewer.press(ready, AGAIN).path == "/console/"
    session.expire_all()
    assert made.state is AttestationState.RETURNED


def test_a_document_has_to_be_chosen_again(as_provider: Browser, session: Session, provider: Account) -> None:
    made = make_attestation(session, make_listing(session, provider), state=AttestationState.DRAFT)
    session.commit()
    sent = {"note": "A note.", "criterion": "harvest_bone", "document": (io.BytesIO(b"%PDF"), "a.pdf")}
    kept = Page(as_provider.client.post(f"/portal/attestations/{made.id}/evidence", data=sent))
    assert "You have to choose your document again" in kept.text
    assert "A note." in kept.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_what_another_site_sends_is_not_offered_to_be_sent_again(
    as_provider: Browser, visitor: Browser, session: Session, headers: dict[str, str]
) -> None:
    for browser in (as_provider, visitor):
        page = Page(browser.client.post(NEW, data=GOOD, headers=headers))
        assert page.status == 400
        assert AGAIN not in page.html
        assert "from another site" in page.text
    assert names(session) == []


def test_forms_work_over_https_where_no_referrer_is_sent(app: Flask, provider: Account, session: Session) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, npi="1234567893", name="As it was")
    session.commit()
    browser = Browser(sign_in(app.test_client(), provider))
    cookie = browser.client.get_cookie("bma")
    assert cookie is not None
    fields = dict(browser.open("/portal/listings/1/edit").form(SAVE).fields) | {"name": "Over https"}
    answer = browser.client.post("/portal/listings/1/edit", data=fields, base_url="https://localhost")
    assert answer.status_code == 303
    assert names(session) == ["Over https"]


def test_nobody_else_sees_what_was_typed(visitor: Browser, as_other_provider: Browser) -> None:
    page = Page(visitor.client.post(NEW, data=GOOD))
    assert "You are signed out" in page.text
    assert "Ann" not in as_other_provider.open(NEW).html
    assert "Ann" not in visitor.open(SIGN_IN).html
    assert "no-store" in visitor.client.post(NEW, data=GOOD).headers["Cache-Control"]
