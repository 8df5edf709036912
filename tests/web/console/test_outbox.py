"""The outbox: for admins, without secrets outside a demonstration; email is found, sent again and canceled."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support import databases
from support.factories import NOW, make_listing, sign_in
from support.http_client import Browser
from support.mail import make_email
from support.statements import recorded_statements

from directory import clock, config, resources
from directory.accounts.tables import Account
from directory.audit.chain import digest
from directory.audit.tables import AuditEntry
from directory.listings.lifecycle import ListingState
from directory.listings.notices import notify_owners
from directory.outbox.queue import letter_names
from directory.outbox.tables import Email

AGAIN = "Send again"


def test_only_admins_see_the_outbox(as_reviewer: Browser, as_provider: Browser, as_admin: Browser) -> None:
    assert as_admin.open("/console/outbox").status == 200
    assert "Outbox" in as_admin.open("/console/").text
    assert as_reviewer.open("/console/outbox").status == 403
    assert "Outbox" not in as_reviewer.open("/console/").text
    assert as_provider.open("/console/outbox").status == 403


def test_an_email_is_shown_without_its_link_outside_a_demonstration(
    environment: dict[str, str], as_admin: Browser, provider: Account, admin: Account, session: Session
) -> None:
    listing = make_listing(session, provider, state=ListingState.PUBLISHED, name="<i>Ann</i>")
    notify_owners(session, listing.id, "confirm_listing", now=NOW, listing=listing, address="/portal/secret")
    session.commit()
    mail = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert mail is not None
    assert mail.unsubscribe_token
    page = as_admin.open(f"/console/outbox/{mail.id}")
    assert "Patients see the day of your last confirmation." in page.text
    assert f"Listing {listing.id}" in page.text
    assert mail.to in page.text
    assert "The link is not shown" in page.text
    for secret in ("/portal/secret", mail.unsubscribe_token, "<i>"):
        assert secret not in page.html
    with databases.create_application(config.read(environment | {"BMA_DEMO": "1"})) as demo:
        page = Browser(sign_in(demo.test_client(), admin)).open(f"/console/outbox/{mail.id}")
    assert "/portal/secret" in page.text
    assert "<i>" not in page.html


def test_nothing_of_an_email_with_a_code_or_a_link_that_signs_in_is_shown(as_admin: Browser, session: Session) -> None:
    mail = make_email(
        session,
        letter="claim_code",
        subject="Your code: 918273",
        body="Type 918273",
        action_path="/signin/reset/t0ken",
        forget=True,
    )
    session.commit()
    for path in ("/console/outbox", "/console/outbox?q=9182", f"/console/outbox/{mail.id}"):
        page = as_admin.open(path)
        assert page.status == 200
        assert "918273" not in page.html
        assert "t0ken" not in page.html
    assert "Claim code" in as_admin.open("/console/outbox").text
    assert "The text is not shown" in as_admin.open(f"/console/outbox/{mail.id}").text


SECRETS = re.compile(r"\b(links\.(?!login)\w+|link|code)\b")
"""What letters call a link that signs in or acts, and a code; `links.login` is the page to sign in."""


@pytest.mark.parametrize("letter", letter_names())
def test_a_letter_holds_a_secret_in_its_link_only_which_is_stored_apart(letter: str) -> None:
    text = (resources.folder("templates") / "mail" / f"{letter}.txt").read_text()
    printed = re.findall(r"\{\{.*?\}\}", text)
    assert any(SECRETS.search(each) for each in printed) == (letter == "claim_code")


def test_an_admin_sends_again_what_was_given_up_and_it_is_logged(
    as_admin: Browser, admin: Account, session: Session
) -> None:
    mail = make_email(session, given_up_at=NOW, attempts=12, last_error="550 <no> such user")
    session.commit()
    assert "550 <no> such user" in as_admin.open("/console/outbox?state=given-up").text
    page = as_admin.open(f"/console/outbox/{mail.id}")
    assert "Tried 12 times. The last answer: 550 <no> such user" in page.text
    assert "<no>" not in page.html
    done = as_admin.press(page, AGAIN)
    assert "is sent again" in done.text
    session.expire_all()
    assert (mail.given_up_at, mail.attempts) == (None, 0)
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.object, entry.actor) == ("mail.resend", f"mail:{mail.id}", admin.id)
    assert as_admin.press(page, AGAIN).status == 409


def test_all_that_was_given_up_and_found_is_sent_again_at_once(as_admin: Browser, session: Session) -> None:
    ann = [make_email(session, to="ann@example.com", given_up_at=NOW, attempts=12) for _ in range(2)]
    others = [make_email(session, given_up_at=NOW, **facts) for facts in ({"to": "b@example.com"}, {"to": ""})]
    sent = make_email(session, to="ann@example.com", sent_at=NOW)
    session.commit()
    done = as_admin.press(as_admin.open("/console/outbox?q=ann&state=sent"), "Send all again")
    assert "2 emails are sent again" in done.text
    session.expire_all()
    assert [(mail.given_up_at, mail.attempts) for mail in ann] == [(None, 0)] * 2
    assert [mail.given_up_at for mail in others] == [NOW] * 2
    assert sent.sent_at == NOW
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.after) == ("mail.resend_all", digest({"emails": [mail.id for mail in ann]}))


def test_an_email_is_canceled_until_it_was_tried(as_admin: Browser, session: Session) -> None:
    held = make_email(session, next_attempt_at=clock.now() + timedelta(days=1))
    tried = make_email(session, attempts=1)
    session.commit()
    page = as_admin.open(f"/console/outbox/{held.id}")
    assert "Canceled" in as_admin.press(page, "Cancel this email").text
    assert as_admin.press(page, "Cancel this email").status == 409
    assert "Cancel this email" not in as_admin.open(f"/console/outbox/{tried.id}").text
    session.expire_all()
    assert held.cancelled_at is not None
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.object) == ("mail.cancel", f"mail:{held.id}")


def test_the_outbox_has_pages_of_25_and_a_bounded_number_of_statements(as_admin: Browser, session: Session) -> None:
    make_email(session, subject="The first")
    session.commit()
    with recorded_statements() as few:
        as_admin.open("/console/outbox")
    for number in range(60):
        make_email(session, subject=f"Number {number}")
    session.commit()
    with recorded_statements() as many:
        page = as_admin.open("/console/outbox")
    assert len(many) <= len(few)
    assert page.html.count("Number ") == 25
    assert "Page 1 of 3" in page.text
    assert "The first" in as_admin.open("/console/outbox?page=3").text


@pytest.mark.parametrize("listing", ["abc", "-1", "0", "99999999999", "1.5"])
def test_what_is_no_number_of_a_listing_is_refused_in_words(as_admin: Browser, session: Session, listing: str) -> None:
    make_email(session, subject="Hello there")
    session.commit()
    page = as_admin.open(f"/console/outbox?listing={listing}&q=there")
    assert page.status == 422
    assert "Please type the number of a listing" in page.text
    assert "Hello there" not in page.text
    assert 'value="there"' in page.html


def test_a_reviewer_cannot_send_again(as_reviewer: Browser, session: Session) -> None:
    mail = make_email(session, given_up_at=NOW)
    session.commit()
    token = as_reviewer.open("/console/").form("Sign out").fields["csrf_token"]
    answer = as_reviewer.client.post(f"/console/outbox/{mail.id}/again", data={"csrf_token": token})
    assert answer.status_code == 403
    session.expire_all()
    assert mail.given_up_at is not None


@pytest.mark.parametrize("state", ["", "held", "waiting", "retrying", "given-up", "sent", "cancelled", "x", "\0"])
def test_any_state_can_be_asked_for(as_admin: Browser, session: Session, state: str) -> None:
    make_email(session, subject="Hello there")
    session.commit()
    page = as_admin.open(f"/console/outbox?state={state}")
    assert page.status == 200
    assert ("Hello there" in page.text) == (state in {"", "waiting", "x", "\0"})


def test_an_email_that_was_erased_cannot_be_sent_again(as_admin: Browser, session: Session) -> None:
    mail = make_email(session, to="", body="", given_up_at=NOW, forget=True)
    session.commit()
    assert "an address that we deleted" in as_admin.open("/console/outbox").text
    page = as_admin.open(f"/console/outbox/{mail.id}")
    assert "The text was erased" in page.text
    assert AGAIN not in page.html
