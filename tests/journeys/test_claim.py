"""A manager claims an imported listing by phone, on a small screen without scripts, and finds it in the portal."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, expect
from sqlalchemy.orm import Session
from support import user_actions
from support.factories import make_address, make_listing
from support.input_devices import Mouse

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.listings.tables import ListingSource

MANAGER, REVIEWER = "manager@example.com", "reviewer@example.com"
NAME = "Juniper Imported"


@pytest.fixture(scope="module")
def slug(app: Flask) -> str:
    """A listing from the register, which nobody manages."""
    user_actions.open_accounts(app, (MANAGER, Role.PROVIDER), (REVIEWER, Role.ADMIN))
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        account = session.scalars(sa.select(Account).where(Account.email == MANAGER)).one()
        source, now = ListingSource.NPPES, clock.now()
        listing = make_listing(session, account, name=NAME, source=source, now=now, addresses=(make_address(),))
        listing.managers.clear()
        session.commit()
        return listing.slug


def test_an_imported_listing_is_claimed_by_phone(slug: str, new_context: Callable[..., BrowserContext]) -> None:
    manager = Mouse(new_context(viewport={"width": 320, "height": 700}, java_script_enabled=False).new_page())
    reviewer = Mouse(new_context(viewport={"width": 1280, "height": 900}).new_page())
    mine, desk = manager.page, reviewer.page

    user_actions.sign_in(manager, MANAGER, f"/providers/{slug}/claim")
    expect(mine.get_by_role("heading", level=1)).to_have_text("Show that this listing is yours")
    expect(mine.get_by_label("How we reach you")).to_have_value(MANAGER)
    manager.write(mine.get_by_label("How we reach you"), "303-555-0199")
    manager.tick(mine.get_by_label("A call to your practice’s number"))
    manager.press(mine.get_by_role("button", name="Send my claim"))
    expect(mine.get_by_role("alert")).to_contain_text("Enter your role")
    expect(mine.get_by_label("How we reach you")).to_have_value("303-555-0199")
    manager.write(mine.get_by_label("Your role"), "Practice manager")
    manager.press(mine.get_by_role("button", name="Send my claim"))
    expect(mine.get_by_role("heading", name="Type the code")).to_be_visible()
    assert mine.evaluate("document.documentElement.scrollWidth") <= 320

    user_actions.sign_in(reviewer, REVIEWER, "/console/")
    reviewer.press(desk.get_by_role("row").filter(has_text=NAME).get_by_role("link", name="Claim", exact=True))
    reviewer.press(desk.get_by_role("button", name="Show a code to read out"))
    code = re.search(r"(\d{3}) (\d{3})", desk.get_by_text("Read out this code").locator("..").inner_text())
    assert code

    manager.write(mine.get_by_label("The six digits"), f"{code[1]} {code[2]}")
    manager.press(mine.get_by_role("button", name="Send the code"))
    expect(mine.get_by_text("We have what we need")).to_be_visible()

    desk.goto("/console/")
    reviewer.press(desk.get_by_role("row").filter(has_text=NAME).get_by_role("link", name="Claim", exact=True))
    reviewer.press(desk.get_by_role("button", name="Approve"))
    expect(desk.get_by_role("status").filter(has_text="approved")).to_be_visible()

    mine.goto("/portal/")
    manager.press(mine.get_by_role("link", name=NAME, exact=True))
    expect(mine.get_by_role("navigation", name=NAME).get_by_role("link", name="People")).to_be_visible()
    mine.goto(f"/providers/{slug}")
    expect(mine.get_by_role("link", name="Is this your practice?")).to_have_count(0)
