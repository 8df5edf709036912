"""Passkeys: added after a recent sign-in, used instead of the password, and of no help to anybody else."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.authenticator import Authenticator
from support.factories import NOW, PASSWORD, make_account
from support.http_client import Browser

from directory.accounts.commands import create_account
from directory.accounts.passkeys import works_on
from directory.accounts.policy import Role
from directory.accounts.tables import Account, Passkey
from directory.audit.tables import AuditEntry

LOGIN, REGISTER, SIGN_IN, VERIFY = "/signin/login", "/signin/wan-register", "/signin/wan-signin", "/signin/wan-verify"
EMAIL = "pat@example.com"


@pytest.fixture
def owner(app: Flask, session: Session) -> Account:
    with app.app_context():
        account = create_account(session, email=EMAIL, password=PASSWORD, name="Pat", roles=[Role.PROVIDER], now=NOW)
    session.commit()
    return account


@pytest.fixture
def signed_in(app: Flask, owner: Account) -> Browser:
    browser = Browser(app.test_client())
    browser.press(browser.open(LOGIN), "Sign in", {"email": owner.email, "password": PASSWORD})
    return browser


def post(browser: Browser, path: str, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What passkey.js sends; gives the status and the answer."""
    browser.client.get("/signin/login")
    page = browser.open("/signin/second-factor")
    token = next(form.fields["csrf_token"] for form in page.forms if "csrf_token" in form.fields)
    answer = browser.client.post(path, json=values, headers={"X-CSRFToken": token, "Accept": "application/json"})
    return answer.status_code, answer.get_json().get("response", {})


def add_passkey(browser: Browser, passkey: Authenticator, name: str = "My phone") -> tuple[int, dict[str, Any]]:
    status, start = post(browser, REGISTER, {"name": name})
    assert status == 200, start
    return post(
        browser, f"{REGISTER}/{start['wan_state']}", {"credential": passkey.create(start["credential_options"])}
    )


def use_passkey(browser: Browser, passkey: Authenticator, path: str = SIGN_IN) -> tuple[int, dict[str, Any]]:
    status, start = post(browser, path, {})
    assert status == 200, start
    return post(browser, f"{path}/{start['wan_state']}", {"credential": passkey.get(start["credential_options"])})


def sentence(answer: dict[str, Any]) -> str:
    return json.dumps(answer)


def names(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(sa.select(Passkey.name)))


def test_a_passkey_is_added_and_signs_in_without_the_password(app: Flask, signed_in: Browser, session: Session) -> None:
    passkey = Authenticator()
    assert add_passkey(signed_in, passkey)[0] == 200
    assert names(session) == ["My phone"]
    assert "My phone" in signed_in.open("/signin/second-factor").text
    browser = Browser(app.test_client())
    status, answer = use_passkey(browser, passkey)
    assert (status, answer["post_login_url"]) == (200, "/signin/arrived")
    assert browser.open("/portal/", follow=False).status == 200
    assert session.scalars(sa.select(AuditEntry.action)).all() == ["account.passkey_added"]


def test_a_new_passkey_must_ask_for_pin_finger_or_face_and_may_be_in_the_device(signed_in: Browser) -> None:
    _, start = post(signed_in, REGISTER, {"name": "My phone"})
    chosen = start["credential_options"]["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "required")
    assert "authenticatorAttachment" not in chosen
    status, answer = add_passkey(signed_in, Authenticator(verifies=False))
    assert (status, "user" in sentence(answer).lower()) == (400, True)


def test_a_passkey_that_asks_for_nothing_signs_nobody_in(app: Flask, signed_in: Browser) -> None:
    passkey = Authenticator()
    add_passkey(signed_in, passkey)
    passkey.verifies = False
    browser = Browser(app.test_client())
    assert use_passkey(browser, passkey)[0] == 400
    assert browser.open("/portal/", follow=False).status == 302


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost", "http://localhost.evil.example"])
def test_the_passkey_of_another_site_is_refused(app: Flask, signed_in: Browser, session: Session, origin: str) -> None:
    assert add_passkey(signed_in, Authenticator(origin=origin))[0] == 400
    assert names(session) == []
    passkey = Authenticator()
    add_passkey(signed_in, passkey)
    passkey.origin = origin
    assert use_passkey(Browser(app.test_client()), passkey)[0] == 400


def test_an_answer_to_another_question_is_refused(app: Flask, signed_in: Browser) -> None:
    passkey = Authenticator()
    add_passkey(signed_in, passkey)
    browser = Browser(app.test_client())
    _, first = post(browser, SIGN_IN, {})
    _, second = post(browser, SIGN_IN, {})
    credential = passkey.get(first["credential_options"])
    assert post(browser, f"{SIGN_IN}/{second['wan_state']}", {"credential": credential})[0] == 400
    assert post(browser, f"{SIGN_IN}/forged", {"credential": credential})[0] == 400


def test_a_removed_passkey_and_a_closed_account_sign_nobody_in(
    app: Flask, signed_in: Browser, session: Session, owner: Account
) -> None:
    passkey = Authenticator()
    add_passkey(signed_in, passkey)
    owner.active = False
    session.commit()
    assert use_passkey(Browser(app.test_client()), passkey)[0] == 400
    owner.active = True
    session.commit()
    signed_in.press(signed_in.open(REGISTER), "Remove")
    assert names(session) == []
    assert use_passkey(Browser(app.test_client()), passkey)[0] == 400
    assert session.scalars(sa.select(AuditEntry.action)).all()[-1] == "account.passkey_removed"


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "My phone"])
def test_a_passkey_needs_a_name_of_its_own(signed_in: Browser, session: Session, name: str) -> None:
    add_passkey(signed_in, Authenticator())
    status, answer = post(signed_in, REGISTER, {"name": name})
    assert status == 400
    assert answer["field_errors"]["name"]
    assert names(session) == ["My phone"]


@pytest.mark.parametrize(
    "credential",
    ["", "{}", "[]", "nonsense", "null", '{"id": "a", "rawId": "b", "type": "public-key", "response": {}}', "\0" * 9],
)
def test_odd_answers_are_refused(app: Flask, signed_in: Browser, credential: str) -> None:
    _, start = post(signed_in, REGISTER, {"name": "My phone"})
    assert post(signed_in, f"{REGISTER}/{start['wan_state']}", {"credential": credential})[0] == 400
    browser = Browser(app.test_client())
    _, start = post(browser, SIGN_IN, {})
    assert post(browser, f"{SIGN_IN}/{start['wan_state']}", {"credential": credential})[0] == 400


def test_what_a_browser_says_of_extensions_is_not_stored(signed_in: Browser, session: Session) -> None:
    _, start = post(signed_in, REGISTER, {"name": "My phone"})
    credential = json.loads(Authenticator().create(start["credential_options"])) | {"extensions": {"not": "text"}}
    status, _ = post(signed_in, f"{REGISTER}/{start['wan_state']}", {"credential": json.dumps(credential)})
    assert status == 200
    assert session.scalars(sa.select(Passkey.extensions)).one() == ""
    assert signed_in.open(REGISTER).status == 200


@pytest.mark.usefixtures("owner")
def test_nobody_learns_from_passkeys_who_has_an_account(app: Flask, signed_in: Browser) -> None:
    add_passkey(signed_in, Authenticator())
    answers = []
    for email in (EMAIL, "nobody@example.com", "", "\0"):
        status, answer = post(Browser(app.test_client()), SIGN_IN, {"identity": email})
        options = answer["credential_options"] | {"challenge": ""}
        answers.append((status, options, sorted(answer), len(answer["wan_state"])))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][1]["allowCredentials"] == []


def test_a_passkey_confirms_that_its_owner_is_there_and_no_other(
    app: Flask, signed_in: Browser, session: Session
) -> None:
    passkey, other = Authenticator(), Authenticator()
    add_passkey(signed_in, passkey)
    with app.app_context():
        create_account(session, email="eve@example.com", password=PASSWORD, name="E", roles=[Role.PROVIDER], now=NOW)
    session.commit()
    eve = Browser(app.test_client())
    eve.press(eve.open(LOGIN), "Sign in", {"email": "eve@example.com", "password": PASSWORD})
    add_passkey(eve, other)
    assert use_passkey(signed_in, passkey, VERIFY)[0] == 200
    assert use_passkey(signed_in, other, VERIFY)[0] == 400


def test_staff_with_a_passkey_still_need_app_and_codes(app: Flask, signed_in: Browser, session: Session) -> None:
    passkey = Authenticator()
    add_passkey(signed_in, passkey)
    reviewer = make_account(session, Role.REVIEWER)
    reviewer.tf_totp_secret = None
    session.execute(sa.update(Passkey).values(account_id=reviewer.id))
    session.commit()
    passkey.user_handle = b""
    browser = Browser(app.test_client())
    assert use_passkey(browser, passkey)[0] == 200
    assert browser.open("/console/", follow=False).location == "/signin/second-factor"


@pytest.mark.parametrize(
    ("host", "works"),
    [
        ("localhost", True),
        ("localhost:8000", True),
        ("directory.example.org", True),
        ("127.0.0.1", False),
        ("127.0.0.1:8000", False),
        ("[::1]:8000", False),
        ("[2001:db8::1]", False),
    ],
)
def test_passkeys_are_hidden_with_the_reason_where_browsers_refuse_them(
    app: Flask, owner: Account, host: str, works: bool
) -> None:
    assert works_on(host) == works
    client: FlaskClient = app.test_client()
    address = f"http://{host}"
    html = client.get(LOGIN, base_url=address).get_data(as_text=True)
    assert ("Sign in with a passkey" in html) == works
    token = html.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    sent = {"email": owner.email, "password": PASSWORD, "csrf_token": token}
    assert client.post(LOGIN, data=sent, base_url=address).status_code == 302
    for path in ("/signin/second-factor", REGISTER):
        page = client.get(path, base_url=address).get_data(as_text=True)
        assert ("Passkeys do not work here" in page) != works
        assert ("Add a passkey" in page) == works
