"""Unsubscribing by the link in an email: one click of the mail program, or a button; never by only opening the link."""

from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session
from support.factories import NOW
from support.http_client import Browser
from support.mail import deliver_next

from directory.outbox.queue import enqueue_email
from directory.outbox.tables import Email

STOP, AGAIN = "Stop this email", "Send it again"
WAITING = [("listing", 1)]


def a_digest(session: Session, to: str = "Rae@example.com") -> Email:
    mail = enqueue_email(session, "review_digest", to=to, now=NOW, waiting=WAITING)
    session.commit()
    return mail


def a_reminder(session: Session, letter: str) -> Email:
    listing = SimpleNamespace(name="A clinic", last_confirmed=None)
    facts = {"listing": listing, "until": NOW, "ended": False, "days": 7, "by_newer_rules": False, "shown_then": ""}
    mail = enqueue_email(session, letter, to="rae@example.com", now=NOW, address="/portal/", **facts)
    session.commit()
    return mail


def is_cancelled(session: Session, mail: Email) -> bool:
    session.refresh(mail)
    return mail.cancelled_at is not None


def test_opening_the_link_changes_nothing_and_the_button_stops_the_email(visitor: Browser, session: Session) -> None:
    mail = a_digest(session)
    page = visitor.open(f"/unsubscribe/{mail.unsubscribe_token}")
    assert page.status == 200
    assert "the daily summary of what waits for review" in page.text
    assert "rae@example.com" not in page.text.lower()
    assert not is_cancelled(session, mail)
    assert "We no longer send you" in visitor.press(page, STOP).text
    assert is_cancelled(session, mail)
    assert is_cancelled(session, a_digest(session, "rae@EXAMPLE.com"))
    assert not is_cancelled(session, a_digest(session, "other@example.com"))


def test_the_mail_program_unsubscribes_with_one_post_that_may_be_repeated(visitor: Browser, session: Session) -> None:
    mail = a_digest(session)
    for _ in range(2):
        answer = visitor.client.post(
            f"/unsubscribe/{mail.unsubscribe_token}",
            data={"List-Unsubscribe": "One-Click"},
            headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert is_cancelled(session, mail)


def test_it_can_be_taken_back(visitor: Browser, session: Session) -> None:
    mail = a_digest(session)
    page = visitor.press(visitor.open(f"/unsubscribe/{mail.unsubscribe_token}"), STOP)
    assert STOP in str(visitor.press(page, AGAIN).forms)
    assert not is_cancelled(session, a_digest(session))
    assert is_cancelled(session, mail)


@pytest.mark.parametrize(
    ("stopped", "kept", "label"),
    [
        ("reminder", "confirm_listing", "reminders to renew answers before they run out"),
        ("confirm_listing", "reminder", "the question every 90 days whether a listing is still right"),
    ],
)
def test_the_link_of_each_reminder_stops_that_kind_and_not_the_other(
    visitor: Browser, session: Session, stopped: str, kept: str, label: str
) -> None:
    page = visitor.open(f"/unsubscribe/{a_reminder(session, stopped).unsubscribe_token}")
    assert label in page.text
    visitor.press(page, STOP)
    assert is_cancelled(session, a_reminder(session, stopped))
    assert not is_cancelled(session, a_reminder(session, kept))


def test_email_that_is_a_duty_is_sent_all_the_same(visitor: Browser, session: Session) -> None:
    visitor.press(visitor.open(f"/unsubscribe/{a_digest(session).unsubscribe_token}"), STOP)
    facts = {"listing": type("Listing", (), {"id": 7, "name": "A clinic"})()}
    duty = enqueue_email(session, "listing_received", to="rae@example.com", now=NOW, **facts)
    a_digest(session)
    assert duty.unsubscribe_token is None
    claimed = deliver_next(session, lambda _message: None, now=NOW)
    assert claimed is not None
    assert claimed.id == duty.id
    assert deliver_next(session, lambda _message: None, now=NOW) is None


@pytest.mark.parametrize("token", ["x", "\0", "%00", "a" * 5_000, "ä", "..", "' OR 1=1 --"])
def test_a_link_that_was_altered_is_not_found(visitor: Browser, session: Session, token: str) -> None:
    mail = a_digest(session)
    assert visitor.open(f"/unsubscribe/{token}").status == 404
    assert visitor.client.post(f"/unsubscribe/{token}").status_code == 404
    assert visitor.open(f"/unsubscribe/{mail.unsubscribe_token}x").status == 404
    assert not is_cancelled(session, mail)
