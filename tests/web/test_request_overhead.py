"""What is done around every request: little, and nothing twice."""

from collections import Counter

import pytest

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
