"""Forms that were open for long, sent twice or open in two windows: nothing that was typed is lost."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from support import user_actions
from support.accessibility import assert_accessible
from support.input_devices import Keyboard, Mouse

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import UserSession
from directory.listings.tables import Listing

PROVIDER = "provider@example.com"
NEW = "/portal/listings/new"
DRAFT = re.compile(r"/portal/listings/(\d+)$")


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, (PROVIDER, Role.PROVIDER))


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """A narrow window, in which the provider is signed in."""
    context = new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    user_actions.sign_in(Mouse(page), PROVIDER, "/portal/")
    page.close()
    return context


def fill(page: Page, name: str) -> None:
    page.goto(NEW)
    page.get_by_label("A clinic or practice").check()
    page.get_by_label("Name", exact=True).fill(name)
    for label, text in {"Street address": "1 Sedge Lane", "City": "Dover", "ZIP code": "19901"}.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("State").select_option(label="DE")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue").click()


def names(app: Flask, beginning: str) -> list[str]:
    """The names of the stored listings that begin so."""
    with app.app_context():
        found = list(transaction.session().scalars(sa.select(Listing.name).where(Listing.name.startswith(beginning))))
        transaction.close()
    return found


def test_a_form_that_was_open_for_two_hours_is_saved(app: Flask, context: BrowserContext) -> None:
    page = context.new_page()
    fill(page, "Two Hours Clinic")
    with app.app_context(), transaction.atomic() as session:
        for row in session.scalars(sa.select(UserSession)):
            for name in ("created_at", "last_used_at", "expires_at"):
                setattr(row, name, getattr(row, name) - timedelta(hours=2))
            assert row.expires_at > clock.now()
    save(page)
    expect(page).to_have_url(DRAFT)
    assert names(app, "Two Hours") == ["Two Hours Clinic"]


def test_after_the_sign_in_ended_the_form_comes_back_and_is_saved_with_the_keyboard(
    app: Flask, context: BrowserContext
) -> None:
    page = context.new_page()
    fill(page, "Ended Clinic")
    with app.app_context(), transaction.atomic() as session:
        session.execute(sa.delete(UserSession))
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out. Your text is kept.")
    expect(page.get_by_role("main")).to_contain_text("Ended Clinic")
    assert_accessible(page)
    hands = Keyboard(page)
    with context.expect_page() as opened:
        hands.press(page.get_by_role("link", name="Sign in in a new tab"))
    beside = opened.value
    other_hands = Keyboard(beside)
    other_hands.write(beside.get_by_label("Email address"), PROVIDER)
    other_hands.write(beside.get_by_label("Password"), user_actions.PASSWORD)
    other_hands.press(beside.get_by_role("button", name="Sign in"))
    expect(beside.get_by_role("heading", level=1)).to_have_text("You are signed in")
    assert_accessible(beside)
    beside.close()
    hands.press(page.get_by_role("button", name="Send again"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Please send this again")
    assert "Ended" not in page.url
    hands.press(page.get_by_role("button", name="Send again"))
    expect(page).to_have_url(DRAFT)
    assert names(app, "Ended") == ["Ended Clinic"]


def test_a_double_click_makes_one_draft(app: Flask, context: BrowserContext) -> None:
    page = context.new_page()
    fill(page, "Double Clinic")
    page.get_by_role("button", name="Save and continue").dblclick()
    expect(page).to_have_url(DRAFT)
    expect(page.get_by_role("heading", name="The listing: draft")).to_be_visible()
    assert names(app, "Double") == ["Double Clinic"]


def test_back_and_save_again_makes_no_second_draft(app: Flask, context: BrowserContext) -> None:
    page = context.new_page()
    fill(page, "Back Clinic")
    save(page)
    expect(page).to_have_url(DRAFT)
    page.go_back()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_value("Back Clinic")
    name.fill("Back Clinic of Dover")
    save(page)
    expect(page).to_have_url(DRAFT)
    assert names(app, "Back") == ["Back Clinic of Dover"]


def test_two_tabs_keep_what_each_changed(app: Flask, context: BrowserContext) -> None:
    page = context.new_page()
    fill(page, "Tabs Clinic")
    save(page)
    expect(page).to_have_url(DRAFT)
    mine, other = context.new_page(), context.new_page()
    for tab in (mine, other):
        tab.goto(f"{page.url}/edit")
    other.get_by_label("Practice or group").fill("Written in the other tab")
    save(other)
    expect(other).to_have_url(DRAFT)
    mine.get_by_label("Name", exact=True).fill("Tabs Clinic, corrected")
    save(mine)
    expect(mine.get_by_role("alert")).to_contain_text("This was changed in another window")
    expect(mine.get_by_role("row", name="Practice or group")).to_contain_text("You did not change it")
    expect(mine.get_by_role("table").get_by_role("row")).to_have_count(2)
    assert_accessible(mine)
    expect(mine.get_by_label("Practice or group")).to_have_value("Written in the other tab")
    save(mine)
    expect(mine).to_have_url(DRAFT)
    expect(mine.get_by_role("main")).to_contain_text("Written in the other tab")
    assert names(app, "Tabs") == ["Tabs Clinic, corrected"]
