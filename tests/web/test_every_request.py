"""What is done around every request: little, and nothing twice."""

from collections import Counter

import pytest
from flask import session
from flask.sessions import SecureCookieSessionInterface

from directory.web.support.limits import limiter

PATHS = [
    "/",
    "/healthz",
    "/providers?near=80021",
    "/api/v1/providers?near=80021",
    "/login",
    "/no-such-page",
    "/robots.txt",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_header_is_said_twice(client, path):
    said = Counter(name.lower() for name, _ in client.get(path).headers)
    del said["vary"]
    assert said["content-security-policy"] == said["cache-control"] == 1
    assert set(said.values()) == {1}


def test_https_is_asked_to_stay_so_and_http_is_not(client):
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_limiter_is_asked_by_the_views_that_are_limited_and_by_nobody_else(app):
    assert limiter not in [getattr(hook, "__self__", None) for hook in app.before_request_funcs[None]]


def test_a_visitor_without_a_cookie_costs_no_signature(app, monkeypatch):
    monkeypatch.delattr(SecureCookieSessionInterface, "get_signing_serializer")
    with app.test_request_context("/"):
        assert dict(session) == {}


@pytest.mark.parametrize("cookie", ["", "forged", "eyJfdXNlcl9pZCI6IjEifQ.AAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_cookie_that_nobody_here_signed_holds_nothing(app, cookie):
    with app.test_request_context("/", headers={"Cookie": f"bma={cookie}"}):
        assert dict(session) == {}


def test_a_cookie_that_was_signed_here_holds_what_was_put_into_it(app):
    signed = app.session_interface.get_signing_serializer(app).dumps({"kept": "yes"})
    with app.test_request_context("/", headers={"Cookie": f"bma={signed}"}):
        assert session["kept"] == "yes"
