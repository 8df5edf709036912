"""Forgotten and changed passwords: the same answer for every address, links that work once, and sessions that end."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, PASSWORD, make_account
from support.http_client import Browser, Page
from support.mailbox import emails_to, link_in

from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountEvent, UserSession

FORGOT, CHANGE, LOGIN = "/signin/reset", "/signin/change", "/signin/login"
EMAIL = "pat@example.com"
OTHER_PASSWORD = "seven loud geese cross the old road"


@pytest.fixture(autouse=True)
def account(app: Flask, session: Session) -> Account:
    """A provider with a password."""
    with app.app_context():
        made = create_account(
            session, email=EMAIL, password=PASSWORD, name="Pat Provider", roles=[Role.PROVIDER], now=NOW
        )
    session.commit()
    return made


def log_in(app: Flask, password: str = PASSWORD) -> Browser:
    browser = Browser(app.test_client())
    browser.press(browser.open(LOGIN), "Sign in", {"email": EMAIL, "password": password}, follow=False)
    return browser


def is_signed_in(browser: Browser) -> bool:
    return browser.open("/portal/", follow=False).status == 200


def ask(visitor: Browser, email: str) -> Page:
    return visitor.press(visitor.open(FORGOT), "Send the link", {"email": email})


def set_new(visitor: Browser, path: str, password: str = OTHER_PASSWORD, *, follow: bool = True) -> Page:
    values = {"password": password, "password_confirm": password}
    return visitor.press(visitor.open(path), "Set the password", values, follow=follow)


def reset_path(app: Flask, session: Session) -> str:
    ask(Browser(app.test_client()), EMAIL)
    return link_in(emails_to(session, EMAIL)[-1], "reset")


def test_a_forgotten_password_is_set_anew_and_all_sessions_end(app: Flask, visitor: Browser, session: Session) -> None:
    devices = [log_in(app), log_in(app)]
    page = set_new(visitor, reset_path(app, session))
    assert page.path == LOGIN
    assert "Your new password is set" in page.text
    assert [is_signed_in(device) for device in devices] == [False, False]
    assert not is_signed_in(log_in(app))
    assert is_signed_in(log_in(app, OTHER_PASSWORD))
    assert emails_to(session, EMAIL)[-1].subject == "Your password was reset"
    assert session.scalars(sa.select(AccountEvent.event)).all() == ["reset_password"]


def test_the_same_answer_for_an_address_with_and_without_an_account(app: Flask, session: Session) -> None:
    closed = make_account(session, Role.PROVIDER, email="closed@example.com")
    closed.active = False
    waiting = make_account(session, Role.PROVIDER, email="waiting@example.com")
    waiting.confirmed_at = None
    session.commit()
    answers = set()
    for email in (EMAIL, "nobody@example.com", "closed@example.com", "waiting@example.com"):
        page = ask(Browser(app.test_client()), email)
        answers.add((page.status, page.text.replace(email, "")))
    assert len(answers) == 1
    assert "If there is an account" in next(iter(answers))[1]
    assert len(emails_to(session, EMAIL)) == 1
    for email in ("nobody@example.com", "closed@example.com", "waiting@example.com"):
        assert not emails_to(session, email)


def test_no_mail_is_sent_within_the_request(app: Flask, session: Session) -> None:
    ask(Browser(app.test_client()), EMAIL)
    (mail,) = emails_to(session, EMAIL)
    assert (mail.attempts, mail.sent_at, mail.forget) == (0, None, True)


def test_a_second_link_within_the_hour_is_not_sent(app: Flask, session: Session) -> None:
    for _ in range(3):
        ask(Browser(app.test_client()), EMAIL)
    assert len(emails_to(session, EMAIL)) == 1


def test_a_malformed_address_is_named(visitor: Browser) -> None:
    page = ask(visitor, "pat@")
    assert page.status == 422
    assert "not a complete email address" in page.text
    assert page.form("Send the link").fields["email"] == "pat@"


def test_opening_the_link_changes_nothing(app: Flask, session: Session, visitor: Browser) -> None:
    device = log_in(app)
    path = reset_path(app, session)
    for _ in range(2):
        assert visitor.open(path).status == 200
    assert visitor.client.post(path, data={"password": OTHER_PASSWORD}).status_code == 400
    assert is_signed_in(device)
    assert is_signed_in(log_in(app))


@pytest.mark.parametrize("damage", ["reused", "altered", "expired"])
def test_a_link_that_does_not_work_says_so_and_leads_on(
    app: Flask, session: Session, visitor: Browser, damage: str
) -> None:
    path = reset_path(app, session)
    if damage == "reused":
        set_new(visitor, path)
    if damage == "altered":
        path = f"{path[:-3]}xyz"
    if damage == "expired":
        app.config["SECURITY_RESET_PASSWORD_WITHIN"] = timedelta(seconds=-1)
    page = visitor.open(path)
    assert (page.status, page.path) == (200, FORGOT)
    assert ("has run out" if damage == "expired" else "does not work") in page.text
    assert page.form("Send the link")


def test_a_link_that_runs_out_while_the_form_is_open_leads_on(app: Flask, session: Session, visitor: Browser) -> None:
    opened = visitor.open(reset_path(app, session))
    app.config["SECURITY_RESET_PASSWORD_WITHIN"] = timedelta(seconds=-1)
    values = {"password": OTHER_PASSWORD, "password_confirm": OTHER_PASSWORD}
    page = visitor.press(opened, "Set the password", values)
    assert page.path == FORGOT
    assert "has run out" in page.text
    assert is_signed_in(log_in(app))


def test_a_weak_new_password_is_refused(app: Flask, session: Session, visitor: Browser) -> None:
    page = set_new(visitor, reset_path(app, session), "short")
    assert page.status == 422
    assert "at least 15 characters" in page.text


def test_the_way_back_survives_a_forgotten_password(session: Session, visitor: Browser) -> None:
    asked = visitor.open("/portal/listings/new")
    link = re.search(r'href="(/signin/reset[^"]*)"', asked.html)
    assert link
    visitor.press(visitor.open(link[1]), "Send the link", {"email": EMAIL})
    page = set_new(visitor, link_in(emails_to(session, EMAIL)[-1], "reset"))
    answer = visitor.press(page, "Sign in", {"email": EMAIL, "password": OTHER_PASSWORD}, follow=False)
    assert answer.location == "/portal/listings/new"


def change(browser: Browser, current: str = PASSWORD, new: str = OTHER_PASSWORD) -> Page:
    values = {"password": current, "new_password": new, "new_password_confirm": new}
    return browser.press(browser.open(CHANGE), "Change the password", values)


def test_a_changed_password_ends_all_other_sessions_and_tells_the_owner(app: Flask, session: Session) -> None:
    here, elsewhere = log_in(app), log_in(app)
    before = here.client.get_cookie("bma")
    page = change(here)
    assert page.path == "/account/"
    assert "Your password is changed" in page.text
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)
    assert here.client.get_cookie("bma") != before
    session.rollback()
    rows = session.scalars(sa.select(UserSession).where(UserSession.account_id.is_not(None))).all()
    assert len(rows) == 1
    (mail,) = emails_to(session, EMAIL)
    assert mail.subject == "Your password was changed"
    assert session.scalars(sa.select(AccountEvent.event)).all() == ["change_password"]
    assert is_signed_in(log_in(app, OTHER_PASSWORD))


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("not the right password", OTHER_PASSWORD, "This is not your password."),
        (PASSWORD, PASSWORD, "Choose another one."),
        (PASSWORD, "short", "at least 15 characters"),
        ("", OTHER_PASSWORD, "Enter your password."),
    ],
)
def test_a_change_that_is_refused_says_why(app: Flask, current: str, new: str, said: str) -> None:
    here, elsewhere = log_in(app), log_in(app)
    page = change(here, current, new)
    assert page.status == 422
    assert said in page.text
    assert is_signed_in(elsewhere)
