"""How often sign-in can be tried: wrong passwords slow down one network at one account, and nobody else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import databases
from support.factories import NOW, PASSWORD, set_second_factor
from support.http_client import Browser, Page

from directory import clock, config
from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account, RateLimitCounter
from directory.errors import Invalid
from directory.web.support.limits import client_network, daily_key, limiter

LOGIN = "/signin/login"
WRONG = "wrong, and long enough"


@pytest.fixture
def limited(environment: dict[str, str], app: Flask, session: Session) -> Iterator[Flask]:
    """The application with its limits on, and two accounts."""
    with app.app_context():
        for name in ("pat", "eve"):
            email = f"{name}@example.com"
            create_account(session, email=email, password=PASSWORD, name=name, roles=[Role.PROVIDER], now=NOW)
    session.commit()
    with databases.create_application(config.read(environment | {"BMA_RATE_LIMITS": "1"})) as other:
        yield other
        limiter.enabled = False


def client_at(app: Flask, address: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def attempt(app: Flask, email: str, address: str, password: str = WRONG) -> Page:
    browser = Browser(client_at(app, address))
    return browser.press(browser.open(LOGIN), "Sign in", {"email": email, "password": password}, follow=False)


def test_guesses_at_one_account_from_one_network_end(limited: Flask) -> None:
    answers = [
        attempt(limited, "Pat@example.com" if n % 2 else " pat@example.com", f"203.0.113.{n}") for n in range(11)
    ]
    assert [page.status for page in answers] == [200] * 10 + [429]
    assert "wait" in answers[-1].text
    assert attempt(limited, "pat@example.com", "203.0.113.200", PASSWORD).status == 429


def test_the_owner_signs_in_from_elsewhere_however_often_others_guess(limited: Flask) -> None:
    for n in range(30):
        attempt(limited, "pat@example.com", f"203.0.{n % 3}.{n}")
    assert attempt(limited, "pat@example.com", "198.51.100.7", PASSWORD).status == 302
    assert attempt(limited, "eve@example.com", "203.0.0.1", PASSWORD).status == 302


def test_guesses_from_one_address_end_whatever_account_they_try(limited: Flask) -> None:
    answers = [attempt(limited, f"someone{n}@example.com", "203.0.113.9") for n in range(21)]
    assert [page.status for page in answers] == [200] * 20 + [429]


def test_signing_in_rightly_is_not_counted_as_a_guess(limited: Flask) -> None:
    answers = [attempt(limited, "pat@example.com", f"203.0.113.{n}", PASSWORD) for n in range(12)]
    assert {page.status for page in answers} == {302}


def test_the_right_password_sets_the_count_of_wrong_ones_back(limited: Flask) -> None:
    for n in range(9):
        attempt(limited, "pat@example.com", f"203.0.113.{n}")
    assert attempt(limited, "pat@example.com", "203.0.113.10", PASSWORD).status == 302
    assert [attempt(limited, "pat@example.com", f"203.0.113.{20 + n}").status for n in range(10)] == [200] * 10


def test_whoever_is_signed_in_cannot_set_back_the_count_of_another_account(limited: Flask) -> None:
    eve = Browser(client_at(limited, "203.0.113.77"))
    page = eve.open(LOGIN)
    eve.press(page, "Sign in", {"email": "eve@example.com", "password": PASSWORD}, follow=False)
    token = eve.open("/portal/").form("Sign out").fields["csrf_token"]
    for n in range(10):
        attempt(limited, "pat@example.com", f"203.0.113.{n}")
        sent = {"email": "pat@example.com", "password": WRONG, "csrf_token": token}
        assert eve.client.post(LOGIN, data=sent).status_code in {302, 429}
    assert attempt(limited, "pat@example.com", "203.0.113.200", PASSWORD).status == 429


def test_the_count_ends_after_a_while(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now().replace(hour=12)
    monkeypatch.setattr(clock, "now", lambda: start)
    for n in range(11):
        attempt(limited, "pat@example.com", f"203.0.113.{n}")
    assert attempt(limited, "pat@example.com", "203.0.113.50", PASSWORD).status == 429
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=16))
    assert attempt(limited, "pat@example.com", "203.0.113.50", PASSWORD).status == 302


def ask_for_code(app: Flask, address: str) -> Browser:
    """A browser that has entered the password of an account with a second factor."""
    browser = Browser(client_at(app, address))
    browser.press(browser.open(LOGIN), "Sign in", {"email": "pat@example.com", "password": PASSWORD})
    return browser


def enter_code(browser: Browser, code: str, path: str = "/signin/tf-validate", button: str = "Go on") -> int:
    page = browser.open(path)
    token = page.form(button).fields["csrf_token"]
    return browser.client.post(path, data={"code": code, "csrf_token": token, "email": code}).status_code


@pytest.fixture
def with_second_factor(limited: Flask, session: Session) -> Account:
    account = session.scalars(sa.select(Account).where(Account.email == "pat@example.com")).one()
    set_second_factor(account, limited.extensions["security"].totp_factory.generate_totp_secret())
    session.commit()
    return account


@pytest.mark.usefixtures("with_second_factor")
@pytest.mark.parametrize(("path", "button"), [("/signin/tf-validate", "Go on"), ("/signin/mf-recovery", "Sign in")])
def test_guesses_at_the_code_of_one_account_from_one_network_end(limited: Flask, path: str, button: str) -> None:
    browser = ask_for_code(limited, "203.0.113.5")
    statuses = []
    for n in range(11):
        browser.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{100 + n}"
        statuses.append(enter_code(browser, f"00000{n}", path, button))
    assert statuses == [200] * 10 + [429]
    assert ask_for_code(limited, "198.51.100.5").open(path).status == 200


@pytest.mark.usefixtures("with_second_factor")
def test_guesses_at_the_code_of_one_account_end_for_the_day_from_everywhere(limited: Flask) -> None:
    browser = ask_for_code(limited, "203.0.113.5")
    statuses = []
    for n in range(101):
        browser.client.environ_base["REMOTE_ADDR"] = f"10.0.{n // 10}.{n % 10}"
        statuses.append(enter_code(browser, "000000"))
    assert statuses == [200] * 100 + [429]
    assert enter_code(browser, "0000", "/signin/mf-recovery", "Sign in") == 200, "recovery codes are counted apart"


def test_passkeys_are_limited_by_the_address(limited: Flask) -> None:
    browser = Browser(client_at(limited, "203.0.113.5"))
    token = browser.open(LOGIN).form("Sign in").fields["csrf_token"]
    statuses = [
        browser.client.post("/signin/wan-signin", json={}, headers={"X-CSRFToken": token}).status_code
        for _ in range(21)
    ]
    assert statuses == [200] * 20 + [429]


def test_the_password_that_is_asked_for_again_is_limited_by_the_account_whatever_the_form_says(
    limited: Flask,
) -> None:
    browser = Browser(client_at(limited, "203.0.113.5"))
    browser.press(browser.open(LOGIN), "Sign in", {"email": "pat@example.com", "password": PASSWORD})
    token = browser.open("/signin/verify").form("Go on").fields["csrf_token"]
    statuses = []
    for n in range(11):
        browser.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{100 + n}"
        sent = {"password": WRONG, "csrf_token": token, "email": f"someone{n}@example.com"}
        statuses.append(browser.client.post("/signin/verify", data=sent).status_code)
    assert statuses == [200] * 10 + [429]


def test_no_address_and_no_account_is_stored(limited: Flask, session: Session) -> None:
    attempt(limited, "pat@example.com", "203.0.113.9")
    keys = list(session.scalars(sa.select(RateLimitCounter.key)))
    assert len(keys) == 3, "two for the address, one for the pair"
    assert not [key for key in keys if "pat" in key or "203.0" in key or "example" in key]


def test_keys_are_others_on_another_day(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    today = clock.now()
    for start in (today, today, today + timedelta(days=1)):
        monkeypatch.setattr(clock, "now", lambda start=start: start)
        with limited.test_request_context("/", environ_base={"REMOTE_ADDR": "203.0.113.9"}):
            found.append(daily_key("pat@example.com"))
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_a_network_is_what_an_office_has(limited: Flask, address: str, network: str) -> None:
    with limited.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert client_network() == network


@pytest.mark.parametrize("url", ["http://localhost", "postgresql://x/y", "redis"])
def test_counts_go_to_the_database_or_to_redis(environment: dict[str, str], url: str) -> None:
    with pytest.raises(Invalid, match="redis://"):
        config.read(environment | {"BMA_RATE_LIMIT_STORAGE": url})


def test_redis_needs_its_library(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = environment | {"BMA_RATE_LIMIT_STORAGE": "rediss://cache.example/0"}
    monkeypatch.setattr(config, "find_spec", lambda name: name if name == "redis" else None)
    assert config.read(asked).rate_limit_storage == "rediss://cache.example/0"
    monkeypatch.setattr(config, "find_spec", lambda _name: None)
    with pytest.raises(Invalid, match="pip install redis"):
        config.read(asked)
