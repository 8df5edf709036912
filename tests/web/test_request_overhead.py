"""What is done around every request: little, and nothing twice."""

from collections import Counter

import pytest
from support import databases
from support.http_client import Page

from directory import config
from directory.web.support.limits import limiter

PATHS = [
    "/",
    "/healthz",
    "/providers?near=80021",
    "/api/v1/providers?near=80021",
    "/signin/login",
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


def test_only_the_views_that_are_limited_ask_the_limiter(environment: dict[str, str]) -> None:
    """With the limits on: without them, the limiter registers nothing that could ask it."""
    with databases.create_application(config.read(environment | {"BMA_RATE_LIMITS": "1"})) as app:
        client = app.test_client()
        try:
            assert limiter.enabled
            form = Page(client.get("/signin/login")).form("Sign in")
            attempt = client.post("/signin/login", data={**form.fields, "email": "a@example.com", "password": "wrong"})
            assert "X-RateLimit-Limit" in attempt.headers
            for path in PATHS:
                assert "X-RateLimit-Limit" not in client.get(path).headers, path
            assert limiter not in [getattr(hook, "__self__", None) for hook in app.before_request_funcs[None]]
        finally:
            limiter.reset()
            limiter.enabled = False
