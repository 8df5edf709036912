"""Signing in and out, and everything that must not let anybody in."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support import databases
from support.factories import NOW, PASSWORD, make_account, sign_in
from support.http_client import Browser, Page
from support.mailbox import emails_to, link_in

from directory import config
from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account

LOGIN = "/signin/login"


@pytest.fixture
def account(app: Flask, session: Session) -> Account:
    """A provider with a password."""
    with app.app_context():
        account = create_account(
            session, email="pat@example.com", password=PASSWORD, name="Pat Provider", roles=[Role.PROVIDER], now=NOW
        )
    session.commit()
    return account


def log_in(visitor: Browser, email: str = "pat@example.com", password: str = PASSWORD, *, path: str = LOGIN) -> Page:
    return visitor.press(visitor.open(path), "Sign in", {"email": email, "password": password}, follow=False)


@pytest.mark.usefixtures("account")
def test_signing_in_leads_to_the_portal(visitor: Browser) -> None:
    answer = log_in(visitor)
    assert (answer.status, answer.location) == (302, "/signin/arrived")
    assert visitor.open("/signin/arrived", follow=False).location == "/portal/"
    assert visitor.open("/portal/").status == 200


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
def test_reviewers_and_admins_arrive_at_the_console(app: Flask, session: Session, role: Role) -> None:
    account = make_account(session, role)
    session.commit()
    browser = Browser(sign_in(app.test_client(), account))
    assert browser.open("/signin/arrived", follow=False).location == "/console/"


def test_nobody_arrives_without_signing_in(visitor: Browser) -> None:
    assert visitor.open("/signin/arrived", follow=False).location == LOGIN


@pytest.mark.usefixtures("account")
def test_signing_in_leads_back_to_the_page_that_asked_for_it(visitor: Browser) -> None:
    asked = visitor.open("/portal/listings/new?a=1")
    assert asked.path == LOGIN
    answer = visitor.press(asked, "Sign in", {"email": "pat@example.com", "password": PASSWORD}, follow=False)
    assert answer.location == "/portal/listings/new?a=1"


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(visitor: Browser, elsewhere: str) -> None:
    page = visitor.open(LOGIN)
    values = {"email": "pat@example.com", "password": PASSWORD, "next": elsewhere}
    answer = visitor.press(page, "Sign in", values, follow=False)
    assert urlsplit(urljoin("http://localhost/signin/login", answer.location))[:2] == ("http", "localhost")
    assert "\\" not in answer.location


def test_every_failed_sign_in_gets_the_same_answer(visitor: Browser, account: Account, session: Session) -> None:
    closed = make_account(session, Role.PROVIDER, email="closed@example.com", password=account.password)
    closed.active = False
    without = make_account(session, Role.PROVIDER, email="without@example.com")
    session.commit()
    tries = [
        log_in(visitor, "pat@example.com", "not the right password"),
        log_in(visitor, "nobody@example.com", "not the right password"),
        log_in(visitor, closed.email, PASSWORD),
        log_in(visitor, without.email, PASSWORD),
    ]
    bodies = {re.sub(r'value="[^"]*"', "", page.html) for page in tries}
    assert len(bodies) == 1
    assert "do not belong together" in tries[0].text
    assert {page.status for page in tries} == {200}


@pytest.mark.parametrize(
    "email", ["\0@example.com", "pat@example.com\0", "a" * 300 + "@example.com", "\u202e@example.com", ""]
)
@pytest.mark.parametrize("password", ["\0", "x" * 5000, ""])
def test_odd_input_is_a_failed_sign_in_and_no_accident(visitor: Browser, email: str, password: str) -> None:
    assert log_in(visitor, email, password).status == 200


@pytest.mark.usefixtures("account")
def test_a_cookie_copied_before_signing_out_is_worthless_after_it(app: Flask, visitor: Browser) -> None:
    log_in(visitor)
    copied = visitor.client.get_cookie("bma")
    assert copied is not None
    thief = Browser(app.test_client())
    thief.client.set_cookie("bma", copied.value)
    assert thief.open("/portal/", follow=False).status == 200
    visitor.press(visitor.open("/portal/"), "Sign out")
    assert thief.open("/portal/", follow=False).location.startswith(LOGIN)
    assert visitor.open("/portal/", follow=False).location.startswith(LOGIN)


@pytest.mark.usefixtures("account")
def test_whoever_signed_out_can_sign_in_again(visitor: Browser) -> None:
    log_in(visitor)
    visitor.press(visitor.open("/portal/"), "Sign out")
    log_in(visitor)
    assert visitor.open("/portal/", follow=False).status == 200


@pytest.mark.usefixtures("account")
def test_the_token_of_a_form_from_before_signing_in_is_worthless_after_it(visitor: Browser) -> None:
    before = visitor.open(LOGIN).forms[0].fields["csrf_token"]
    log_in(visitor)
    page = visitor.open("/portal/")
    assert visitor.press(page, "Sign out", {"csrf_token": before}).status == 400
    assert visitor.open("/portal/", follow=False).status == 200


def test_the_next_request_of_a_closed_account_is_refused(
    as_provider: Browser, provider: Account, session: Session
) -> None:
    assert as_provider.open("/portal/", follow=False).status == 200
    provider.active = False
    session.commit()
    assert as_provider.open("/portal/", follow=False).location.startswith(LOGIN)


def test_a_token_in_a_header_or_an_address_signs_nobody_in(app: Flask, account: Account) -> None:
    with app.test_request_context():
        token = account.get_auth_token()
    client = app.test_client()
    header = client.get("/portal/", headers={"Authentication-Token": token})
    address = client.get("/portal/", query_string={"auth_token": token})
    assert (header.status_code, address.status_code) == (302, 302)


@pytest.mark.parametrize("path", [LOGIN, "/signin/logout", "/signin/verify"])
def test_forms_of_signing_in_and_out_need_their_token(as_provider: Browser, path: str) -> None:
    assert as_provider.client.post(path, data={}).status_code == 400
    assert as_provider.client.post(path, json={}).status_code == 400


def test_signing_out_is_never_a_link(as_provider: Browser) -> None:
    assert as_provider.client.get("/signin/logout").status_code == 405


@pytest.mark.parametrize("path", [LOGIN, "/signin/verify"])
def test_pages_of_signing_in_are_our_own(app: Flask, account: Account, path: str) -> None:
    client = app.test_client()
    browser = Browser(client if path == LOGIN else sign_in(client, account))
    page = browser.open(path)
    assert page.status == 200
    assert 'class="site-header"' in page.html
    assert "fs-" not in page.html
    assert "style=" not in page.html


def test_whoever_is_signed_in_is_sent_on_from_the_form(as_provider: Browser) -> None:
    assert as_provider.open(LOGIN).path == "/portal/"


@pytest.mark.usefixtures("account")
def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(visitor: Browser) -> None:
    log_in(visitor)
    cookie = visitor.client.get_cookie("bma")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")


def test_over_https_the_cookie_is_bound_to_its_host(environment: dict[str, str]) -> None:
    settings = config.read(environment | {"BMA_BASE_URL": "https://directory.example"})
    with databases.create_application(settings) as app:
        client = app.test_client()
        client.get(LOGIN, base_url="https://directory.example")
    cookie = client.get_cookie("__Host-bma", domain="directory.example")
    assert cookie is not None
    assert (cookie.secure, cookie.http_only, cookie.path, cookie.origin_only) == (True, True, "/", True)


def test_passwords_are_stored_as_argon2_hashes(account: Account) -> None:
    assert str(account.password).startswith("$argon2id$")


@pytest.mark.usefixtures("account")
def test_signing_in_works_however_the_address_is_written(visitor: Browser) -> None:
    assert log_in(visitor, "  PAT@Example.com ").status == 302


@pytest.mark.usefixtures("provider", "other_provider")
def test_the_roles_are_rows_made_once(session: Session) -> None:
    names = session.scalars(sa.text("SELECT name FROM roles")).all()
    assert len(names) == len(set(names))


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("email", ["new@example.com", "pat@example.com"])
def test_the_address_of_a_new_account_waits_in_the_form_of_that_browser_alone(
    app: Flask, visitor: Browser, session: Session, email: str
) -> None:
    typed = {"name": "Nell New", "email": email, "password": PASSWORD}
    visitor.press(visitor.open("/signin/register"), "Create an account", typed)
    assert visitor.open(LOGIN).form("Sign in").fields["email"] == email
    path = link_in(emails_to(session, email)[-1], "confirm") if email.startswith("new") else LOGIN
    asked = visitor.open(path)
    page = visitor.press(asked, "Confirm this address") if path != LOGIN else asked
    assert page.form("Sign in").fields["email"] == email
    assert not Browser(app.test_client()).open(LOGIN).form("Sign in").fields["email"]
