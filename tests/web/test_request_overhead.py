"""What is done around every request: little, and nothing twice."""

from collections import Counter

import pytest
import sqlalchemy as sa
from support import databases
from support.http_client import Page

from directory import config, transaction
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


def test_only_the_views_that_are_limited_count(environment: dict[str, str]) -> None:
    """With the limits on: without them, the limiter registers nothing that could count."""
    with databases.create_application(config.read(environment | {"BMA_RATE_LIMITS": "1"})) as app:
        client = app.test_client()
        try:
            assert limiter.enabled
            form = Page(client.get("/signin/login")).form("Sign in")
            attempt = client.post("/signin/login", data={**form.fields, "email": "a@example.com", "password": "wrong"})
            assert "X-RateLimit-Limit" in attempt.headers
            with app.app_context():
                engine = databases.get_engine(transaction.session())
            sent: list[str] = []
            sa.event.listen(engine, "before_cursor_execute", lambda *event: sent.append(event[2]))
            for path in PATHS:
                assert "X-RateLimit-Limit" not in client.get(path).headers, path
            assert sent
            assert not [statement for statement in sent if "rate_limit" in statement]
        finally:
            limiter.enabled = False
