"""Who may see what: every page that is not public is guarded, found by walking all of them."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import make_account, sign_in
from support.http_client import Browser
from werkzeug.routing import AnyConverter, Rule

from directory.accounts.policy import Role

OPEN = {"public", "api", "signin", "security", "static"}
"""What everybody may see: patients' pages, the machines' interface, and the way in itself."""

WHO = {
    "portal": {Role.PROVIDER},
    "claims": {Role.PROVIDER},
    "console": {Role.REVIEWER, Role.ADMIN},
    "account": set(Role),
}
"""Who may see the rest."""

ADMINS = (
    "/console/outbox", "/console/people", "/console/settings", "/console/log", "/console/imports/upload",
)  # fmt: skip
"""The parts of the console that are for admins only."""


def _area(rule: Rule) -> str:
    return rule.endpoint.split(".", maxsplit=1)[0]


def _example(rule: Rule, name: str) -> int | str:
    """A value for a part of an address."""
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return next(iter(converter.items))
    return "1" * 32 if name == "form_key" else 1


def _guarded(app: Flask) -> list[tuple[str, str, str]]:
    """Every page that is not open: its area, the method and an address."""
    found = []
    for rule in app.url_map.iter_rules():
        if _area(rule) not in OPEN:
            _, path = rule.build({name: _example(rule, name) for name in rule.arguments}) or (None, None)
            assert path, rule
            found += [(_area(rule), method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def _request(app: Flask, role: Role | None, method: str, path: str, session: Session) -> tuple[int, str]:
    app.config["WTF_CSRF_ENABLED"] = False  # the guard, not the token, must refuse
    client = app.test_client()
    if role:
        account = make_account(session, role)
        session.commit()
        sign_in(client, account)
    answer = client.open(path, method=method)
    answer.close()
    return answer.status_code, answer.headers.get("Location", "")


def test_there_are_pages_to_guard(app: Flask) -> None:
    assert {area for area, _, _ in _guarded(app)} == WHO.keys()
    assert len(_guarded(app)) > 15


def test_whoever_is_not_signed_in_is_sent_to_the_form(app: Flask, session: Session) -> None:
    for _, method, path in _guarded(app):
        status, location = _request(app, None, method, path, session)
        assert status == 302, (method, path)
        assert location.startswith("/signin/login"), (method, path)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_sees_its_own_area_and_no_other(app: Flask, session: Session, role: Role) -> None:
    for area, method, path in _guarded(app):
        status, _ = _request(app, role, method, path, session)
        assert (status != 403) == (role in WHO[area]) or path.startswith(ADMINS), (role, method, path, status)
        assert status < 500, (role, method, path)


def test_the_page_that_refuses_says_so_in_words(as_provider: Browser) -> None:
    page = as_provider.open("/console/")
    assert page.status == 403
    assert "Your account may not see what waits for review." in page.text
    assert "Sign out" in page.text


def test_only_the_token_stands_between_another_site_and_every_form(app: Flask, as_provider: Browser) -> None:
    forms = [path for area, method, path in _guarded(app) if area in {"portal", "claims"} and method == "POST"]
    assert len(forms) > 15
    for path in forms:
        assert as_provider.client.post(path, data={"version": "1"}).status_code == 400, path


def test_patients_pages_set_no_cookie(visitor: Browser) -> None:
    for path in ("/", "/providers?near=80021", "/rules", "/questions"):
        assert "Set-Cookie" not in visitor.client.get(path).headers, path
