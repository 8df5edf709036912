"""Registration: from nothing to an account, with the same answer for every address, and one mail a day for each."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_security import registerable
from sqlalchemy.orm import Session
from support.factories import PASSWORD, make_account
from support.fake_clock import later
from support.http_client import Browser, Page
from support.mail import deliver_next
from support.mailbox import emails_to, link_in

from directory import clock
from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountEvent
from directory.audit.tables import AuditEntry

REGISTER, CONFIRM, LOGIN = "/signin/register", "/signin/confirm", "/signin/login"
NEW = "new@example.com"


def register(visitor: Browser, email: str = NEW, *, path: str = REGISTER, follow: bool = True, **changes: str) -> Page:
    values = {"name": "Nell New", "email": email, "password": PASSWORD, **changes}
    return visitor.press(visitor.open(path), "Create an account", values, follow=follow)


def log_in(visitor: Browser, email: str = NEW, password: str = PASSWORD, *, path: str = LOGIN) -> Page:
    return visitor.press(visitor.open(path), "Sign in", {"email": email, "password": password}, follow=False)


def confirm(visitor: Browser, session: Session, email: str = NEW) -> Page:
    page = visitor.open(link_in(emails_to(session, email)[-1], "confirm"))
    return visitor.press(page, "Confirm this address")


def account_of(session: Session, email: str = NEW) -> Account | None:
    session.rollback()
    return session.scalar(sa.select(Account).where(Account.email == email))


def the_account(session: Session, email: str = NEW) -> Account:
    found = account_of(session, email)
    assert found is not None
    return found


def test_registering_confirming_and_signing_in_makes_a_provider(visitor: Browser, session: Session) -> None:
    assert "Check your email" in register(visitor).text
    assert log_in(visitor).status == 200
    page = confirm(visitor, session)
    assert page.path == LOGIN
    assert "Your email address is confirmed" in page.text
    assert log_in(visitor).location == "/signin/arrived"
    made = the_account(session)
    assert (made.name, made.actor.roles) == ("Nell New", {Role.PROVIDER})
    assert made.created_at is not None
    assert visitor.open("/portal/").status == 200


def test_a_confirmation_is_recorded_and_a_registration_is_not(visitor: Browser, session: Session) -> None:
    register(visitor)
    assert session.scalars(sa.select(AuditEntry.action)).all() == []
    session.rollback()
    confirm(visitor, session)
    made = the_account(session)
    event = session.scalars(sa.select(AccountEvent)).one()
    assert (event.account_id, event.event, event.by_id) == (made.id, "confirm", made.id)
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.object, entry.actor) == ("account.confirm", f"account:{made.id}", made.id)


def test_the_same_answer_for_an_address_with_and_without_an_account(app: Flask, provider: Account) -> None:
    answers = []
    for email in (NEW, provider.email, provider.email.upper()):
        browser = Browser(app.test_client())
        first = register(browser, email, follow=False)
        second = browser.open(first.location)
        answers.append((first.status, first.location, second.status, re.sub(r"\S+@\S+", "", second.text.lower())))
    assert len(set(answers)) == 1
    assert answers[0][:2] == (302, "/signin/inbox")


def test_a_script_gets_the_same_answer_for_an_address_with_and_without_an_account(
    app: Flask, provider: Account
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answers = []
    for email in (NEW, provider.email):
        sent = {"name": "N", "email": email, "password": PASSWORD}
        answer = app.test_client().post(REGISTER, data=sent, headers={"Accept": "application/json"})
        answers.append((answer.status_code, answer.headers["Location"], answer.get_data(as_text=True)))
    assert answers[0] == answers[1]


def test_whoever_has_an_account_is_told_by_mail(visitor: Browser, session: Session, provider: Account) -> None:
    email = provider.email
    register(visitor, email, name="Somebody Else")
    (mail,) = emails_to(session, email)
    assert mail.subject == "You have an account already"
    assert "sign in with your password" in mail.body
    assert the_account(session, email).name == "Pat Provider"
    page = visitor.open(link_in(mail, "reset"))
    assert "Set a new password" in page.text


def test_no_address_gets_two_mails_within_a_day_however_they_are_asked_for(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (REGISTER, REGISTER):
        register(Browser(app.test_client()), path=path)
    register(Browser(app.test_client()), NEW.upper())
    visitor = Browser(app.test_client())
    visitor.press(visitor.open(CONFIRM), "Send the link", {"email": NEW})
    assert len(emails_to(session, NEW)) == 1
    with later(monkeypatch, app, by=timedelta(hours=23)):
        visitor.press(visitor.open(CONFIRM), "Send the link", {"email": NEW})
        assert len(emails_to(session, NEW)) == 1
    with later(monkeypatch, app, by=timedelta(hours=25)):
        visitor.press(visitor.open(CONFIRM), "Send the link", {"email": NEW})
        register(Browser(app.test_client()))
        assert [mail.subject for mail in emails_to(session, NEW)] == ["Confirm your email address"] * 2


def test_asking_for_the_link_again_says_the_same_of_every_address(
    app: Flask, session: Session, provider: Account
) -> None:
    register(Browser(app.test_client()))
    known = provider.email
    answers = set()
    for email in (NEW, known, "nobody@example.com"):
        browser = Browser(app.test_client())
        page = browser.press(browser.open(CONFIRM), "Send the link", {"email": email})
        answers.add((page.status, page.text.replace(email, "")))
    assert len(answers) == 1
    assert not emails_to(session, known)


def test_opening_the_link_confirms_nothing_and_the_button_does(visitor: Browser, session: Session) -> None:
    register(visitor)
    path = link_in(emails_to(session, NEW)[0], "confirm")
    for _ in range(2):
        assert visitor.open(path).status == 200
        assert visitor.client.head(path).status_code == 200
    assert the_account(session).confirmed_at is None
    assert visitor.client.post(path).status_code == 400
    assert the_account(session).confirmed_at is None
    visitor.press(visitor.open(path), "Confirm this address")
    assert the_account(session).confirmed_at is not None


@pytest.mark.parametrize("damage", ["reused", "altered", "expired"])
def test_a_link_that_does_not_work_says_so_and_leads_on(
    app: Flask, visitor: Browser, session: Session, damage: str
) -> None:
    register(visitor)
    path = link_in(emails_to(session, NEW)[0], "confirm")
    if damage == "reused":
        visitor.press(visitor.open(path), "Confirm this address")
    if damage == "altered":
        path = f"{path[:-3]}xyz"
    if damage == "expired":
        app.config["SECURITY_CONFIRM_EMAIL_WITHIN"] = timedelta(seconds=-1)
    page = visitor.press(visitor.open(path), "Confirm this address")
    assert (page.status, page.path) == (200, CONFIRM)
    said = {"reused": "confirmed already", "altered": "does not work", "expired": "has run out"}
    assert said[damage] in page.text
    assert page.form("Send the link")


def test_the_way_back_survives_registration_and_confirmation(app: Flask, session: Session) -> None:
    wanted = "/portal/listings/new?a=1"
    visitor = Browser(app.test_client())
    asked = visitor.open(wanted)
    link = re.search(r'href="(/signin/register[^"]*)"', asked.html)
    assert link
    register(visitor, path=link[1].replace("&amp;", "&"))
    other_device = Browser(app.test_client())
    page = confirm(other_device, session)
    answer = other_device.press(page, "Sign in", {"email": NEW, "password": PASSWORD}, follow=False)
    assert answer.location == wanted


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil"])
def test_no_mail_and_no_step_leads_to_another_site(visitor: Browser, session: Session, elsewhere: str) -> None:
    page = visitor.open(REGISTER)
    values = {"name": "N", "email": NEW, "password": PASSWORD, "next": elsewhere}
    visitor.press(page, "Create an account", values)
    for mail in emails_to(session, NEW):
        assert "evil" not in mail.body + mail.action_path
    register(visitor, "second@example.com")
    path = link_in(emails_to(session, "second@example.com")[0], "confirm")
    page = visitor.open(f"{path}?next={elsewhere}")
    answer = visitor.press(page, "Confirm this address", follow=False)
    assert answer.location == LOGIN


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED"])
def test_links_in_mail_ignore_the_host_that_a_stranger_sends(app: Flask, session: Session, header: str) -> None:
    client = app.test_client()
    client.environ_base[header] = "host=evil.example" if header == "HTTP_FORWARDED" else "evil.example"
    visitor = Browser(client)
    register(visitor)
    (mail,) = emails_to(session, NEW)
    assert "evil.example" not in mail.body + mail.action_path
    assert mail.action_path.startswith("http://127.0.0.1:8000/signin/confirm/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter your name."),
        ({"name": "n" * 201}, "at most 200 characters"),
        ({"name": "\u202e!"}, "must have letters"),
        ({"name": "a\0b"}, "must have letters"),
        ({"name": "🦴🦴"}, "must have letters"),
        ({"email": "nell"}, "not a complete email address"),
        ({"email": "a" * 300 + "@example.com"}, "not a complete email address"),
        ({"email": ""}, "Enter your email address."),
        ({"password": "short"}, "at least 15 characters"),
        ({"password": "passwordpassword"}, "harder to guess"),
        ({"password": "x" * 600}, "at most 512 characters"),
        ({"password": ""}, "Enter your password."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_typed_is_lost(
    visitor: Browser, session: Session, changes: dict[str, str], said: str
) -> None:
    page = register(visitor, **{"email": NEW, **changes})
    assert page.status == 422
    assert said in page.text
    kept = page.form("Create an account").fields
    assert kept["name"] == changes.get("name", "Nell New")
    assert kept["email"] == changes.get("email", NEW)
    assert account_of(session) is None


@pytest.mark.parametrize("name", ["O", "Ó Súilleabháin-D'Arcy", "李", "محمد"])
def test_names_of_one_letter_and_of_any_script_are_taken(visitor: Browser, session: Session, name: str) -> None:
    assert "Check your email" in register(visitor, name=name).text
    assert the_account(session).name == name


def test_a_form_cannot_choose_its_role_or_confirm_itself(visitor: Browser, session: Session) -> None:
    register(visitor, roles="admin", confirmed_at="2026-01-01", active="1", id="1")
    made = the_account(session)
    assert (made.actor.roles, made.confirmed_at) == ({Role.PROVIDER}, None)


def test_nothing_is_looked_up_on_the_internet(app: Flask) -> None:
    assert app.config["SECURITY_PASSWORD_CHECK_BREACHED"] is False
    assert app.config["SECURITY_EMAIL_VALIDATOR_ARGS"]["check_deliverability"] is False


def test_a_mail_with_a_link_is_erased_once_it_is_sent(visitor: Browser, session: Session) -> None:
    register(visitor)
    (mail,) = emails_to(session, NEW)
    deliver_next(session, lambda _message: None, now=clock.now())
    assert (mail.to, mail.body, mail.action_path) == ("", "", "")


def test_whoever_is_signed_in_needs_no_second_account(as_provider: Browser) -> None:
    assert as_provider.open(REGISTER).path == "/portal/"


def test_the_second_of_two_registrations_at_once_gets_the_same_answer(
    visitor: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_beside_another(password: str) -> str:
        make_account(session, Role.PROVIDER, email=NEW)
        session.commit()
        return password

    monkeypatch.setattr(registerable, "hash_password", hash_beside_another)
    answer = register(visitor, follow=False)
    assert (answer.status, answer.location) == (302, "/signin/inbox")
    assert not emails_to(session, NEW)


def test_whoever_may_not_have_chosen_the_password_is_told_how_to_set_one(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(Browser(app.test_client()), name="A Stranger")
    with later(monkeypatch, app, by=timedelta(hours=25)):
        register(Browser(app.test_client()))
        mail = emails_to(session, NEW)[-1]
        assert link_in(mail, "confirm")
        assert "choose “Forgot your password?”" in mail.body


@pytest.mark.parametrize("path", [REGISTER, CONFIRM, LOGIN, "/signin/reset"])
@pytest.mark.parametrize("odd", [{"email": {"a": 1}}, ["x"], 7, {"next": 7}])
def test_json_is_refused(app: Flask, path: str, odd: object) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post(path, json=odd).status_code == 415
