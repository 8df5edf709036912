"""The operator's texts: what patients read, and how an admin changes them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.http_client import Browser
from support.page_text import visible_text

from directory.audit.tables import AuditEntry
from directory.site_texts.declarations import MAX_LENGTH, SiteText
from directory.web.public.site_texts import NO_CONTACT

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) ![pixel](https://spy.example/p.gif) <img src=x onerror=y>"


@pytest.mark.parametrize("name", list(SiteText))
def test_each_text_has_a_page_with_its_default(client: FlaskClient, name: SiteText) -> None:
    page = client.get(f"/{name.value}")
    assert page.status_code == 200
    assert name.heading in visible_text(page)
    assert "{" not in visible_text(page)
    assert "Last changed" not in page.text
    assert f'href="/{name.value}"' in client.get("/").text


def test_the_contact_of_the_operator_is_a_link(app: Flask, client: FlaskClient) -> None:
    assert f"write to {NO_CONTACT}." in visible_text(client.get("/accessibility"))
    services = app.extensions["directory"]
    object.__setattr__(services.settings, "contact_email", "help@directory.example")
    assert '<a href="mailto:help@directory.example">help@directory.example</a>' in client.get("/accessibility").text


def test_an_admin_changes_a_text(as_admin: Browser, visitor: Browser, session: Session) -> None:
    form = as_admin.open("/console/settings/about")
    after = as_admin.press(form, "Save", {"body": "## New\n\nWe are {operator}."})
    assert "About this directory: saved." in after.text
    page = visitor.open("/about")
    assert "<h2>New</h2>" in page.html
    assert "We are BMA Directory." in page.text
    assert "Last changed on" in page.text
    (entry,) = session.query(AuditEntry).filter_by(object="site_text:about").all()
    assert entry.action == "site_text.change"


def test_what_an_operator_writes_cannot_run_or_load_anything(as_admin: Browser, visitor: Browser) -> None:
    as_admin.press(as_admin.open("/console/settings/terms"), "Save", {"body": HOSTILE})
    page = visitor.open("/terms").html
    assert "<script>alert" not in page
    assert "<img src" not in page
    assert 'href="javascript' not in page
    assert 'src="https://spy' not in page


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("  \n ", "Enter the text."),
        ("x" * (MAX_LENGTH + 1), f"The text may have at most {MAX_LENGTH:,} characters"),
        ("a\0b", "characters that cannot be seen"),
    ],
)
def test_a_text_that_cannot_be_shown_is_refused(as_admin: Browser, body: str, sentence: str) -> None:
    page = as_admin.press(as_admin.open("/console/settings/about"), "Save", {"body": body})
    assert page.status == 422
    assert sentence in page.text


def test_two_admins_do_not_overwrite_each_other(as_admin: Browser, visitor: Browser) -> None:
    first, second = as_admin.open("/console/settings/about"), as_admin.open("/console/settings/about")
    as_admin.press(first, "Save", {"body": "From the first."})
    clash = as_admin.press(second, "Save", {"body": "From the second."})
    assert clash.status == 409
    assert "From the first." in clash.text
    assert "From the second." in clash.text
    as_admin.press(clash, "Save", {"body": "From both."})
    assert "From both." in visitor.open("/about").text


@pytest.mark.parametrize("path", ["/console/settings", "/console/settings/about"])
def test_only_admins_see_the_texts(as_reviewer: Browser, path: str) -> None:
    assert as_reviewer.open(path).status == 403


def test_an_unknown_text_is_not_found(as_admin: Browser) -> None:
    assert as_admin.open("/console/settings/other").status == 404
