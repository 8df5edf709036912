"""Signing out: the cookie goes at once, also where the database does not answer."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from support.http_client import Browser

from directory.accounts.tables import UserSession
from directory.web.support import sessions

LOGOUT = "/signin/logout"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Iterator[pytest.MonkeyPatch]:
    """A way to break the database for one step; errors become pages, as in production."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as patched:
        yield patched


def refuse(*_arguments: object, **_more: object) -> None:
    raise OperationalError("DELETE", {}, Exception("the server closed the connection"))


@pytest.mark.parametrize("step", ["end_session", "find_session"])
def test_the_cookie_goes_and_the_page_says_what_is_left(
    as_provider: Browser, session: Session, broken: pytest.MonkeyPatch, step: str
) -> None:
    page = as_provider.open("/portal/")
    broken.setattr(sessions, step, refuse)
    answer = as_provider.press(page, "Sign out", follow=False)
    assert answer.status == 503
    assert "Signed out on this device only" in answer.text
    assert as_provider.client.get_cookie("bma") is None
    assert session.scalar(sa.select(sa.func.count()).select_from(UserSession)) == 1


def test_a_broken_database_elsewhere_keeps_the_cookie(as_provider: Browser, broken: pytest.MonkeyPatch) -> None:
    broken.setattr(sessions, "find_session", refuse)
    assert as_provider.open("/portal/").status == 500
    assert as_provider.client.get_cookie("bma") is not None


def test_signing_out_drops_the_cookie_and_the_row_and_needs_the_token(as_provider: Browser, session: Session) -> None:
    assert as_provider.client.post(LOGOUT).status_code == 400
    answer = as_provider.press(as_provider.open("/portal/"), "Sign out", follow=False)
    assert (answer.status, answer.location) == (302, "/")
    assert as_provider.client.get_cookie("bma") is None
    assert session.scalar(sa.select(sa.func.count()).select_from(UserSession)) == 0
