"""Second factors: set up in our own pages, asked for at sign-in, accepted once, and required of staff."""

import re
import time

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy.orm import Session
from support.factories import NOW, PASSWORD, sign_in
from support.http_client import Browser, Page

from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account, UserSession
from directory.audit.tables import AuditEntry
from directory.outbox.tables import Email

LOGIN, HOME = "/signin/login", "/signin/second-factor"
EMAIL = "ada@example.com"


@pytest.fixture
def admin_account(app: Flask, session: Session) -> Account:
    """An admin with a password and without a second factor."""
    with app.app_context():
        account = create_account(session, email=EMAIL, password=PASSWORD, name="Ada", roles=[Role.ADMIN], now=NOW)
    session.commit()
    return account


@pytest.fixture
def provider_account(app: Flask, session: Session) -> Account:
    with app.app_context():
        account = create_account(session, email=EMAIL, password=PASSWORD, name="Pat", roles=[Role.PROVIDER], now=NOW)
    session.commit()
    return account


@pytest.fixture
def clock_steps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that authenticator apps see; tests move it on."""
    now = [time.time() // 30 * 30 + 1]
    monkeypatch.setattr(TOTP, "now", staticmethod(lambda: now[0]))
    return now


def enter_password(browser: Browser, path: str = LOGIN) -> Page:
    page = browser.open(path)
    return browser.press(page, "Sign in", {"email": EMAIL, "password": PASSWORD})


def key_on(page: Page) -> str:
    found = re.search(r'<b class="key"[^>]*>([A-Z2-7-]+)</b>', page.html)
    assert found, page.text
    return found[1].replace("-", "")


def app_code(key: str, steps: int = 0) -> str:
    """What an authenticator app shows, some steps of 30 seconds from now."""
    return str(TOTP(key).generate(TOTP.now() + 30 * steps).token)


def set_up(browser: Browser) -> str:
    """Set up an app from the page of second factors, and return its key."""
    page = browser.press(browser.open(HOME), "Set up the app", follow=True)
    key = key_on(page)
    assert browser.press(page, "Turn on", {"code": app_code(key)}).path == HOME
    return key


def codes_on(page: Page) -> list[str]:
    return re.findall(r"<li>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</li>", page.html)


def actions(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)))


@pytest.mark.usefixtures("admin_account")
def test_staff_set_up_app_and_codes_before_the_console_and_come_back(visitor: Browser, session: Session) -> None:
    page = enter_password(visitor, "/console/disputes?page=1")
    assert page.path == HOME
    assert "Two steps are needed" in page.text
    key = key_on(setup := visitor.press(page, "Set up the app"))
    page = visitor.press(setup, "Turn on", {"code": app_code(key)})
    assert visitor.open("/console/").path == HOME, "an app without recovery codes is not enough"
    codes = codes_on(page := visitor.press(visitor.open(HOME), "Make recovery codes"))
    assert len(codes) == 10
    assert visitor.open("/console/", follow=False).status == 200
    assert visitor.open(HOME, follow=False).location in {"/console/", "/console/disputes?page=1"}
    assert "10 of 10 codes left" in visitor.open(HOME).text
    assert actions(session) == ["account.second_factor_on", "account.recovery_codes_made"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Email).where(Email.to == EMAIL)) == 2


def test_every_page_of_the_console_asks_for_the_second_factor(app: Flask, session: Session, admin: Account) -> None:
    browser = Browser(sign_in(app.test_client(), admin))
    assert browser.open("/console/", follow=False).status == 200
    admin.tf_totp_secret = None
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):
            choices = {name: getattr(converter, "items", {1}) for name, converter in rule._converters.items()}
            _, path = rule.build({name: min(values) for name, values in choices.items()}) or (None, "")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                answer = browser.client.open(path, method=method)
                assert (answer.status_code, answer.headers["Location"]) == (302, HOME), (method, path)


def test_a_passkey_instead_of_an_app_does_not_open_the_console(
    admin: Account, as_admin: Browser, session: Session
) -> None:
    admin.tf_totp_secret = None
    session.commit()
    assert as_admin.open("/console/", follow=False).location == HOME
    assert not admin.has_second_factor


def test_providers_are_offered_a_second_factor_and_need_none(as_provider: Browser) -> None:
    assert as_provider.open("/portal/", follow=False).status == 200
    page = as_provider.open(HOME)
    assert "Two steps are needed" not in page.text
    assert "Set up the app" in page.text


def test_the_page_needs_a_sign_in(visitor: Browser) -> None:
    assert visitor.open(HOME, follow=False).location == "/signin/login?next=/signin/second-factor"


@pytest.mark.usefixtures("provider_account")
def test_a_code_signs_in_once(app: Flask, visitor: Browser, clock_steps: list[float]) -> None:
    enter_password(visitor)
    key = set_up(visitor)
    clock_steps[0] += 90
    first, second = Browser(app.test_client()), Browser(app.test_client())
    asked = [enter_password(browser, "/portal/listings/new") for browser in (first, second)]
    assert {page.path for page in asked} == {"/signin/tf-validate"}
    assert first.open("/portal/", follow=False).status == 302, "the password alone signs nobody in"
    code, before = app_code(key), first.client.get_cookie("bma")
    done = first.press(asked[0], "Go on", {"code": f" {code[:3]} {code[3:]} "}, follow=False)
    assert done.location == "/portal/listings/new"
    after = first.client.get_cookie("bma")
    assert before is not None
    assert after is not None
    assert before.value != after.value, "the session from before signing in signs nobody in"
    again = second.press(asked[1], "Go on", {"code": code}, follow=False)
    assert "used already" in again.text
    assert second.open("/portal/", follow=False).status == 302
    clock_steps[0] += 30
    assert second.press(asked[1], "Go on", {"code": app_code(key)}, follow=False).status == 302


@pytest.mark.usefixtures("provider_account")
@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_code_is_accepted_half_a_minute_early_and_late(
    app: Flask, visitor: Browser, clock_steps: list[float], steps: int
) -> None:
    enter_password(visitor)
    key = set_up(visitor)
    clock_steps[0] += 300
    browser = Browser(app.test_client())
    answer = browser.press(enter_password(browser), "Go on", {"code": app_code(key, steps)}, follow=False)
    assert (answer.status == 302) == (abs(steps) <= 1)


@pytest.mark.usefixtures("provider_account")
@pytest.mark.parametrize("code", ["", "abc", "123", "١٢٣٤٥٦", "\0", "1" * 5000, "-1", "000000 OR 1=1"])
def test_odd_codes_are_refused_with_a_sentence(visitor: Browser, code: str) -> None:
    enter_password(visitor)
    page = visitor.press(visitor.open(HOME), "Set up the app")
    answer = visitor.press(page, "Turn on", {"code": code})
    assert answer.status == 200
    assert "Enter the code" in answer.text
    assert "Turn on" not in answer.text
    assert visitor.press(answer, "Go on", {"code": app_code(key_on(page))}).path == HOME, "the same image still works"


@pytest.mark.usefixtures("provider_account")
def test_a_recovery_code_signs_in_once(app: Flask, visitor: Browser, session: Session) -> None:
    enter_password(visitor)
    set_up(visitor)
    code = codes_on(visitor.press(visitor.open(HOME), "Make recovery codes"))[3]
    for typed, works in ((f" {code.upper()} ", True), (code, False), ("", False), ("no-such-code", False)):
        browser = Browser(app.test_client())
        enter_password(browser)
        page = browser.open("/signin/mf-recovery")
        answer = browser.press(page, "Sign in", {"code": typed}, follow=False)
        assert (answer.status == 302) == works, typed
        assert (browser.open("/portal/", follow=False).status == 200) == works
    assert "9 of 10 codes left" in visitor.open(HOME).text
    assert actions(session)[-1] == "account.recovery_code_used"


@pytest.mark.usefixtures("provider_account")
def test_secrets_and_codes_are_stored_encrypted(visitor: Browser, session: Session) -> None:
    enter_password(visitor)
    key = set_up(visitor)
    codes = codes_on(visitor.press(visitor.open(HOME), "Make recovery codes"))
    stored = str(session.execute(sa.text("SELECT tf_totp_secret, mf_recovery_codes FROM accounts")).one())
    assert not [secret for secret in (key, *codes) if secret in stored]


@pytest.mark.usefixtures("provider_account")
def test_setting_up_the_app_ends_the_other_sessions(app: Flask, visitor: Browser, session: Session) -> None:
    other = Browser(app.test_client())
    enter_password(other)
    enter_password(visitor)
    set_up(visitor)
    assert other.open("/portal/", follow=False).status == 302
    assert visitor.open("/portal/", follow=False).status == 200
    assert session.scalar(sa.select(sa.func.count()).select_from(UserSession)) == 1


@pytest.mark.usefixtures("provider_account")
def test_a_provider_turns_the_second_factor_off(app: Flask, visitor: Browser, session: Session) -> None:
    enter_password(visitor)
    set_up(visitor)
    visitor.press(visitor.open(HOME), "Make recovery codes")
    page = visitor.press(visitor.open(HOME), "Turn off")
    assert page.path == HOME
    assert "Off. An authenticator app" in page.text
    assert "You get these after" in page.text
    assert actions(session)[-1] == "account.second_factor_off"
    assert enter_password(Browser(app.test_client())).path == "/portal/"


@pytest.mark.usefixtures("admin_account")
def test_staff_cannot_turn_it_off(visitor: Browser, session: Session) -> None:
    enter_password(visitor)
    set_up(visitor)
    page = visitor.open(HOME)
    assert "Turn off" not in page.text
    token = page.form("Set up another app").fields["csrf_token"]
    answer = visitor.client.post("/signin/tf-setup", data={"setup": "disable", "csrf_token": token})
    assert answer.status_code == 200
    assert "account.second_factor_off" not in actions(session)
    assert "On. After the password" in visitor.open(HOME).text


@pytest.mark.parametrize("path", ["/signin/tf-setup", "/signin/mf-recovery-codes", "/signin/wan-register"])
def test_changes_need_a_recent_sign_in(app: Flask, provider: Account, path: str) -> None:
    client: FlaskClient = sign_in(app.test_client(), provider)
    answer = client.get(path)
    assert answer.headers["Location"].startswith("/signin/verify?next=")
    assert path.rpartition("/")[2] in answer.headers["Location"]


@pytest.mark.usefixtures("provider_account")
@pytest.mark.parametrize("help_setup", ["help", "email", "recovery_code", ""])
def test_no_mail_replaces_the_second_factor(app: Flask, visitor: Browser, session: Session, help_setup: str) -> None:
    enter_password(visitor)
    set_up(visitor)
    browser = Browser(app.test_client())
    token = enter_password(browser).form("Go on").fields["csrf_token"]
    before = session.scalar(sa.select(sa.func.count()).select_from(Email))
    answer = browser.client.post("/signin/tf-rescue", data={"help_setup": help_setup, "csrf_token": token})
    assert answer.status_code == 200
    assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == before


@pytest.mark.parametrize("path", ["tf-validate", "mf-recovery", "tf-rescue", "tf-select"])
def test_the_second_step_without_the_first_leads_to_the_first(visitor: Browser, path: str) -> None:
    assert visitor.open(f"/signin/{path}", follow=False).location == LOGIN


@pytest.mark.usefixtures("provider_account")
def test_the_pages_are_our_own_and_obey_the_content_security_policy(app: Flask, visitor: Browser) -> None:
    enter_password(visitor)
    pages = [visitor.open("/signin/tf-setup"), visitor.open("/signin/mf-recovery-codes"), visitor.open(HOME)]
    pages.append(visitor.press(pages[0], "Set up the app"))
    visitor.press(pages[3], "Turn on", {"code": app_code(key_on(pages[3]))})
    pages.append(visitor.press(pages[1], "Make new codes"))
    other = Browser(app.test_client())
    pages += [enter_password(other), other.open("/signin/mf-recovery")]
    for page in pages:
        assert page.status == 200
        assert 'class="site-header"' in page.html
        assert "fs-" not in page.html
        assert "style=" not in page.html
        assert not re.search(r"<script(?![^>]* src=)", page.html)
    assert 'src="data:image/svg+xml;base64,' in pages[3].html
