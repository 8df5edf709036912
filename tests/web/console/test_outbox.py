"""The outbox: for admins, without the texts outside a demonstration, and what was given up can be sent again."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support import databases
from support.factories import NOW, make_listing, sign_in
from support.http_client import Browser
from support.mail import make_email

from directory import config
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.listings.lifecycle import ListingState

AGAIN = "Send again"


def test_only_admins_see_the_outbox(as_reviewer: Browser, as_provider: Browser, as_admin: Browser) -> None:
    assert as_admin.open("/console/outbox").status == 200
    assert "Outbox" in as_admin.open("/console/").text
    assert as_reviewer.open("/console/outbox").status == 403
    assert "Outbox" not in as_reviewer.open("/console/").text
    assert as_provider.open("/console/outbox").status == 403


def test_texts_are_shown_in_a_demonstration_only_because_they_can_hold_a_link_that_signs_in(
    environment: dict[str, str], as_admin: Browser, provider: Account, admin: Account, session: Session
) -> None:
    make_listing(session, provider, state=ListingState.PUBLISHED, name="<i>Ann</i>")
    session.commit()
    page = as_admin.open("/console/outbox")
    assert "<i>Ann</i> is published" in page.text
    assert "<i>" not in page.html
    assert "Patients can find it now" not in page.text
    with databases.create_application(config.read(environment | {"BMA_DEMO": "1"})) as demo:
        page = Browser(sign_in(demo.test_client(), admin)).open("/console/outbox")
    assert "Patients can find it now" in page.text
    assert "<i>" not in page.html


def test_an_admin_sends_again_what_was_given_up_and_it_is_logged(
    as_admin: Browser, admin: Account, session: Session
) -> None:
    mail = make_email(session, given_up_at=NOW, attempts=12, last_error="550 <no> such user")
    session.commit()
    page = as_admin.open("/console/outbox?state=given-up")
    assert "550 <no> such user" in page.text
    assert "<no>" not in page.html
    done = as_admin.press(page, AGAIN)
    assert "is sent again" in done.text
    session.expire_all()
    assert (mail.given_up_at, mail.attempts) == (None, 0)
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.object, entry.actor) == ("mail.resend", f"mail:{mail.id}", admin.id)
    assert as_admin.press(page, AGAIN).status == 409


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
    make_email(session, to="", body="", given_up_at=NOW, forget=True)
    session.commit()
    page = as_admin.open("/console/outbox")
    assert "an address that we deleted" in page.text
    assert AGAIN not in page.html
