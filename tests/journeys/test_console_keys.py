"""The keys of the console: rows, shortcuts, fields in which they do nothing, and the switch that turns them off."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session
from support import user_actions
from support.factories import make_account, make_listing
from support.input_devices import Mouse

from directory import transaction
from directory.accounts.policy import Role
from directory.listings.lifecycle import ListingState

NAMES = ("Elder Brambleshaw", "Linden Wrenwing")


@pytest.fixture(scope="module", autouse=True)
def cases(app: Flask) -> None:
    user_actions.open_accounts(app, ("reviewer@example.com", Role.REVIEWER))
    with app.app_context(), transaction.atomic() as session:
        _add_listings(session)


def _add_listings(session: Session) -> None:
    owner = make_account(session, Role.PROVIDER)
    for name in NAMES:
        make_listing(session, owner, state=ListingState.SUBMITTED, name=name)


def test_the_queue_is_worked_by_keys_until_they_are_turned_off(page: Page) -> None:
    user_actions.sign_in(Mouse(page), "reviewer@example.com", "/console/")
    for key in "jjkx":
        page.keyboard.press(key)
    expect(page.get_by_role("link", name=NAMES[0])).to_be_focused()
    expect(page.get_by_label(f"Select {NAMES[0]}")).to_be_checked()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("njx?")
    expect(page.get_by_label("Search")).to_have_value("njx?")
    page.get_by_role("link", name=NAMES[1]).focus()
    page.keyboard.press("x")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accept or publish 2 cases")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")
    page.get_by_role("button", name="Turn the keys off").click()
    expect(page.get_by_role("button", name="Turn the keys on")).to_be_visible()
    page.goto("/console/")
    page.keyboard.press("n")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=NAMES[0])).not_to_be_focused()
    expect(page).to_have_url(re.compile("/console/$"))
