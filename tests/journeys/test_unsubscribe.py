"""From an email to the page that stops it, and back, on a telephone."""

from flask import Flask
from playwright.sync_api import Page, expect
from support.accessibility import assert_accessible
from support.factories import NOW
from support.input_devices import Keyboard

from directory import transaction
from directory.outbox.queue import enqueue_email


def test_an_email_is_stopped_and_resumed_without_an_account(app: Flask, phone: Page, live_server_url: str) -> None:
    with app.app_context(), transaction.atomic() as session:
        mail = enqueue_email(session, "review_digest", to="rae@example.com", now=NOW, waiting=[("listing", 1)])
        token = mail.unsubscribe_token
    phone.goto(f"{live_server_url}/unsubscribe/{token}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Stop this email?")
    assert_accessible(phone)
    hands = Keyboard(phone)
    hands.press(phone.get_by_role("button", name="Stop this email"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("We have stopped this email")
    assert_accessible(phone)
    hands.press(phone.get_by_role("button", name="Send it again"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Stop this email?")
