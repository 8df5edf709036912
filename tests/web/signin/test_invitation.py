"""The page of an invitation."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import PASSWORD
from support.http_client import Browser
from support.mailbox import emails_to, link_in

from directory import clock
from directory.accounts.invitations import invite
from directory.accounts.policy import Role

EMAIL = "ines@example.com"


@pytest.fixture
def path(app: Flask, session: Session) -> str:
    """The path of the link in an invitation."""
    with app.app_context():
        invite(session, email=EMAIL, role=Role.REVIEWER, home="http://localhost", by=None, now=clock.now())
    session.commit()
    return link_in(emails_to(session, EMAIL)[0], "invitation")


def test_an_invited_person_chooses_a_name_and_a_password_and_signs_in(visitor: Browser, path: str) -> None:
    page = visitor.open(path)
    assert EMAIL in page.text
    page = visitor.press(page, "Open the account", {"name": "Ines Invited", "password": PASSWORD})
    assert page.path == "/signin/login"
    assert "Your account is open." in page.text
    page = visitor.press(page, "Sign in", {"email": EMAIL, "password": PASSWORD})
    assert page.path == "/signin/second-factor", "reviewers set one up before they see the console"


def test_what_is_wrong_is_named_and_the_link_stays_good(visitor: Browser, path: str) -> None:
    page = visitor.press(visitor.open(path), "Open the account", {"name": "Ines", "password": "short"})
    assert page.status == 422
    assert "at least 15 characters" in page.text
    assert page.form("Open the account").fields["name"] == "Ines"
    assert visitor.open(path).status == 200


@pytest.mark.parametrize("damage", ["reused", "altered"])
def test_a_link_that_does_not_work_says_so_in_words(visitor: Browser, path: str, damage: str) -> None:
    if damage == "reused":
        visitor.press(visitor.open(path), "Open the account", {"name": "Ines", "password": PASSWORD})
    page = visitor.open(path if damage == "reused" else f"{path}x")
    assert page.status == 404
    assert "This invitation does not work." in page.text


def test_the_form_needs_its_token(visitor: Browser, path: str) -> None:
    answer = visitor.client.post(path, data={"name": "Ines", "password": PASSWORD})
    assert answer.status_code == 400


def test_who_is_invited_to_a_listing_is_told_so_before_signing_in(visitor: Browser) -> None:
    page = visitor.open("/portal/invitations/abc")
    assert "You are invited to manage a listing." in page.text
    assert "/signin/register?next=/portal/invitations/abc" in page.html
