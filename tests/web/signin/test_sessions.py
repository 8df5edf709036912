"""Sessions in the database: none on patients' pages, one row per sign-in, and no way back into an ended one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask import session as browser_session
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import databases
from support.factories import NOW, PASSWORD, make_attestation, make_listing, sign_in
from support.http_client import Browser

from directory import clock, transaction
from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.sessions import ANONYMOUS_LIFETIME, LIFETIME
from directory.accounts.tables import Account, UserSession
from directory.web.support.compression import COMPRESSIBLE_BLUEPRINTS
from directory.web.support.sessions import LAST_USED_RESOLUTION, SESSION_BLUEPRINTS

LOGIN = "/signin/login"
COOKIE = "bma"


@pytest.fixture
def opened(app: Flask, session: Session) -> Account:
    """A provider with a password."""
    with app.app_context():
        account = create_account(
            session, email="pat@example.com", password=PASSWORD, name="Pat Provider", roles=[Role.PROVIDER], now=NOW
        )
    session.commit()
    return account


def log_in(visitor: Browser) -> str:
    """Sign in by the form, and return the token in the cookie."""
    visitor.press(visitor.open(LOGIN), "Sign in", {"email": "pat@example.com", "password": PASSWORD})
    return token_of(visitor)


def token_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    return str(cookie.value)


def with_token(app: Flask, token: str) -> Browser:
    """Another browser that sends the same cookie."""
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    return Browser(client)


def rows(session: Session) -> list[UserSession]:
    session.rollback()
    return list(session.scalars(sa.select(UserSession).order_by(UserSession.id)))


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """All SQL that the application sends meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = databases.get_engine(transaction.session())
    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def public_addresses(app: Flask, slug: str) -> list[str]:
    """Every public page that can be opened without a parameter, with some that have one, and some that do not exist."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in COMPRESSIBLE_BLUEPRINTS]
    plain = [rule.rule for rule in rules if not rule.arguments and "GET" in (rule.methods or ())]
    assert len(plain) > 15
    return [
        *plain,
        "/providers?near=80021",
        "/api/v1/providers?near=80021",
        f"/providers/{slug}",
        f"/providers/{slug}/history",
        "/no-such-page",
        "/providers/no-such-provider",
        "/static/no-such-file",
    ]


@pytest.fixture
def slug(session: Session, provider: Account) -> str:
    listing = make_listing(session, provider)
    make_attestation(session, listing)
    session.commit()
    return str(listing.slug)


def test_public_pages_read_no_session_and_set_no_cookie_even_if_one_is_sent(
    app: Flask, session: Session, slug: str, provider: Account
) -> None:
    visitor, signed_in = app.test_client(), sign_in(app.test_client(), provider)
    for address in public_addresses(app, slug):
        visitor.get(address, buffered=True)  # the first time, some pages write
        with statements(app) as without:
            visitor.get(address, buffered=True)
        with statements(app) as sent:
            answer = signed_in.get(address, buffered=True)
        assert not [statement for statement in sent if "sessions" in statement], address
        assert len(sent) == len(without), address
        assert "Set-Cookie" not in answer.headers, address
        assert "cookie" not in answer.headers.get("Vary", "").lower(), address
    assert len(rows(session)) == 1


def test_a_public_page_says_the_same_to_whoever_is_signed_in(app: Flask, slug: str, provider: Account) -> None:
    signed_in = sign_in(app.test_client(), provider)
    for address in (f"/providers/{slug}", "/providers?near=80021", "/", "/no-such-page"):
        assert signed_in.get(address).data == app.test_client().get(address).data, address


def test_public_forms_read_no_session_either(app: Flask, slug: str, provider: Account) -> None:
    client = sign_in(app.test_client(), provider)
    for address in (f"/providers/{slug}/report", "/check"):
        with statements(app) as sent:
            answer = client.post(address, data={})
        assert not [statement for statement in sent if "sessions" in statement], address
        assert "Set-Cookie" not in answer.headers, address


def test_every_blueprint_either_has_a_session_or_has_no_secrets(app: Flask) -> None:
    assert {name.split(".")[0] for name in app.blueprints} == SESSION_BLUEPRINTS | COMPRESSIBLE_BLUEPRINTS
    assert not SESSION_BLUEPRINTS & COMPRESSIBLE_BLUEPRINTS


def test_a_public_page_cannot_write_into_the_session(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(RuntimeError, match="has no session"):
        browser_session["kept"] = "yes"


def test_the_session_is_read_when_it_is_used_and_not_before(
    app: Flask, as_provider: Browser, provider: Account
) -> None:
    cookie = {"Cookie": f"{COOKIE}={token_of(as_provider)}"}
    with app.test_request_context("/portal/", headers=cookie), statements(app) as sent:
        assert sent == []
        assert browser_session["_user_id"] == provider.fs_uniquifier
        assert browser_session.get("other") is None
        assert len(sent) == 1


@pytest.mark.parametrize("cookie", ["", "forged", "\0", "a" * 43, "eyJfdXNlcl9pZCI6IjEifQ.AAAAAA.AAAAAAAAAAAAAAAAAAA"])
def test_a_token_that_was_made_up_signs_nobody_in(app: Flask, cookie: str) -> None:
    with app.test_request_context("/portal/", headers={"Cookie": f"{COOKIE}={cookie}"}):
        assert dict(browser_session) == {}


def test_a_page_that_needs_a_session_says_that_it_depends_on_the_cookie(as_provider: Browser) -> None:
    assert "Cookie" in as_provider.client.get("/portal/").headers["Vary"]


def test_the_cookie_is_set_once_and_not_with_every_page(as_provider: Browser) -> None:
    first = as_provider.client.get("/portal/listings/new")
    second = as_provider.client.get("/portal/listings/new")
    assert "Set-Cookie" not in first.headers
    assert "Set-Cookie" not in second.headers


@pytest.mark.usefixtures("opened")
def test_signing_in_replaces_the_token_that_the_browser_had(
    app: Flask, visitor: Browser, session: Session, opened: Account
) -> None:
    visitor.open(LOGIN)
    before = token_of(visitor)
    assert [row.account_id for row in rows(session)] == [None]
    after = log_in(visitor)
    assert after != before
    assert [row.account_id for row in rows(session)] == [opened.id]
    assert with_token(app, before).open("/portal/", follow=False).location.startswith(LOGIN)
    assert with_token(app, after).open("/portal/", follow=False).status == 200


@pytest.mark.usefixtures("opened")
def test_signing_out_deletes_the_row_and_the_cookie_and_leaves_other_browsers(
    app: Flask, visitor: Browser, session: Session
) -> None:
    other = Browser(app.test_client())
    log_in(other)
    token = log_in(visitor)
    assert len(rows(session)) == 2
    visitor.press(visitor.open("/portal/"), "Sign out", follow=False)
    assert len(rows(session)) == 1
    assert visitor.client.get_cookie(COOKIE) is None
    assert with_token(app, token).open("/portal/", follow=False).status == 302
    assert other.open("/portal/", follow=False).status == 200


@pytest.mark.usefixtures("opened")
def test_signing_in_stores_the_token_of_forms_so_that_two_tabs_opened_at_once_share_it(
    visitor: Browser, session: Session
) -> None:
    log_in(visitor)
    assert '"csrf_token"' in rows(session)[0].data
    with statements(visitor.client.application) as sent:
        visitor.open("/portal/listings/new")
    assert not [statement for statement in sent if statement.startswith("UPDATE sessions")]


@pytest.mark.usefixtures("opened")
def test_a_sign_in_ends_after_its_lifetime(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now()
    log_in(visitor)
    monkeypatch.setattr(clock, "now", lambda: start + LIFETIME - timedelta(minutes=1))
    assert visitor.open("/portal/", follow=False).status == 200
    monkeypatch.setattr(clock, "now", lambda: start + LIFETIME + timedelta(minutes=1))
    assert visitor.open("/portal/", follow=False).location.startswith(LOGIN)


def test_the_form_of_an_hour_ago_has_no_session_any_more(
    visitor: Browser, opened: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, start = visitor.open(LOGIN), clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + ANONYMOUS_LIFETIME + timedelta(minutes=1))
    assert visitor.press(page, "Sign in", {"email": opened.email, "password": PASSWORD}).status == 400


@pytest.mark.usefixtures("opened")
def test_the_last_use_is_noted_every_few_minutes_and_not_at_every_page(
    app: Flask, visitor: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start)
    log_in(visitor)
    monkeypatch.setattr(clock, "now", lambda: start + LAST_USED_RESOLUTION - timedelta(seconds=1))
    with statements(app) as sent:
        visitor.open("/portal/")
    assert not [statement for statement in sent if statement.startswith("UPDATE")]
    later = start + LAST_USED_RESOLUTION
    monkeypatch.setattr(clock, "now", lambda: later)
    visitor.open("/portal/")
    assert [row.last_used_at for row in rows(session)] == [later]


def test_what_a_view_left_uncommitted_is_not_committed_with_the_session(
    app: Flask, client: FlaskClient, session: Session, provider: Account
) -> None:
    def leave_a_change() -> str:
        stored = transaction.session().get(Account, provider.id)
        assert stored is not None
        stored.name = "Somebody Else"
        transaction.session().flush()
        browser_session["kept"] = "yes"
        return "done"

    app.add_url_rule("/signin/test", "signin.test", leave_a_change)
    assert client.get("/signin/test").status_code == 200
    session.refresh(provider)
    assert provider.name == "Pat Provider"
    assert len(rows(session)) == 1
