"""A published listing is corrected: the phone at once, and the name after a reviewer accepted it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from support import user_actions
from support.input_devices import InputDevice, Keyboard, Mouse

from directory.accounts.policy import Role

WIDE, NARROW, NARROWEST = 1280, 390, 320

WAYS = {
    "with a mouse on a screen": (Mouse, WIDE, True, "Fern Willowmead", "1234567893"),
    "without JavaScript on a small telephone": (Mouse, NARROWEST, False, "Gale Thornfield", "1245319599"),
    "with a keyboard alone on a telephone": (Keyboard, NARROW, True, "Hollis Rushbrook", "1679576722"),
}


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, ("provider@example.com", Role.PROVIDER), ("reviewer@example.com", Role.REVIEWER))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_phone_is_corrected_at_once_and_the_name_after_a_review(
    new_context: Callable[..., BrowserContext],
    page: Page,
    way: tuple[Callable[[Page], InputDevice], int, bool, str, str],
) -> None:
    hands, width, scripts, name, npi = way
    context = {"viewport": {"width": width, "height": 844}, "java_script_enabled": scripts}
    provider, reviewer = (hands(new_context(**context).new_page()) for _ in range(2))
    user_actions.sign_in(provider, "provider@example.com", "/portal/")
    user_actions.add_listing(provider, name, npi, [user_actions.Office("1 Sedge Lane", "Dover", "DE", "19901")])
    user_actions.sign_in(reviewer, "reviewer@example.com", "/console/")
    user_actions.open_from_queue(reviewer, name, "New listing")
    reviewer.press(reviewer.page.get_by_role("button", name="Publish"))
    expect(reviewer.page.get_by_role("heading", level=1)).to_have_text("Queue")

    url = _corrects_the_phone(provider)
    page.goto(url)
    expect(page.get_by_role("main").get_by_role("link", name="(302) 555-0142").first).to_be_visible()

    changed = name.replace(name.split()[1], "Newname")
    _sends_the_name(provider, changed)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)

    user_actions.open_from_queue(reviewer, name, "Change")
    expect(reviewer.page.locator("del")).to_contain_text(name.split()[1])
    expect(reviewer.page.locator("ins")).to_contain_text("Newname")
    reviewer.press(reviewer.page.get_by_role("button", name="Accept"))
    expect(reviewer.page.get_by_text("Nothing waits")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text(changed)

    _finds_it_by_its_address_and_corrects_the_phone(reviewer, page.url, changed)
    page.reload()
    expect(page.get_by_role("main").get_by_role("link", name="(302) 555-0199").first).to_be_visible()


def _corrects_the_phone(provider: InputDevice) -> str:
    """Change the phone of the only listing, and return the address of its public page."""
    page = provider.page
    page.goto("/portal/")
    provider.press(page.get_by_role("link", name="Open the listing").first)
    url = page.get_by_role("link", name="See it as patients do").get_attribute("href")
    assert url is not None
    provider.press(page.get_by_role("link", name="Change the listing"))
    expect(page.get_by_text("Goes live at once.")).to_be_visible()
    provider.write(page.get_by_label("Phone for patients"), "302-555-0142")
    provider.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Patients see it now.")).to_be_visible()
    return url


def _finds_it_by_its_address_and_corrects_the_phone(reviewer: InputDevice, url: str, name: str) -> None:
    page = reviewer.page
    reviewer.press(page.get_by_role("link", name="Listings", exact=True))
    reviewer.write(page.get_by_label("pasted public address"), url)
    reviewer.press(page.get_by_role("button", name="Search"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    reviewer.press(page.get_by_role("link", name="Correct", exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Correct {name}")
    reviewer.write(page.get_by_label("Phone for patients"), "302-555-0199")
    reviewer.press(page.get_by_role("button", name="Correct the listing"))
    expect(page.get_by_role("alert")).to_contain_text("Give the reason")
    reviewer.write(page.get_by_label("Why"), "A patient reached somebody else.")
    reviewer.press(page.get_by_role("button", name="Correct the listing"))
    expect(page.get_by_role("status").filter(has_text=f"{name} is corrected")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="302-555-0199").first).to_contain_text("Reviewer")


def _sends_the_name(provider: InputDevice, name: str) -> None:
    page = provider.page
    provider.press(page.get_by_role("link", name="Who you are"))
    expect(page.get_by_text("A reviewer looks at this.")).to_be_visible()
    provider.write(page.get_by_label("Name", exact=True), name)
    provider.press(page.get_by_role("button", name="Save"))
    waiting = page.get_by_role("region", name="Not public yet")
    expect(waiting.locator("ins")).to_contain_text("Newname")
    provider.press(waiting.get_by_role("button", name="Send for review"))
    expect(waiting).to_contain_text(re.compile("Waits for a reviewer since"))
