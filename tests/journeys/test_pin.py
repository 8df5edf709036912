"""A new listing that saves itself, and its pin, which is dragged and moved by the arrow keys."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, Response, expect
from support import user_actions
from support.accessibility import assert_accessible
from support.input_devices import Mouse

from directory.accounts.policy import Role

SAVED = re.compile(r"^Saved \d{1,2}:\d\d [AP]M$")
TYPED = {
    "Name": "Wren Ashdown",
    "NPI": "1234567893",
    "Street address": "1 Sedge Lane",
    "City": "Dover",
    "ZIP code": "19901",
}


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, ("provider@example.com", Role.PROVIDER))


def pin_field(page: Page) -> Locator:
    return page.get_by_label("Pin on the map")


def is_a_save(answer: Response) -> bool:
    """Whether it is the answer to a form that was sent."""
    return answer.request.method == "POST"


def drag(page: Page, pin: Locator, right: int, down: int) -> None:
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=3)
    page.mouse.move(x + right, y + down, steps=3)
    page.mouse.up()


def test_a_new_listing_saves_itself_with_a_pin_that_was_dragged(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    user_actions.sign_in(Mouse(page), "provider@example.com", "/portal/")
    page.goto("/portal/listings/new")
    status = page.locator("[data-autosave-status]")
    expect(status).to_contain_text("Saved as you type")
    for label, text in TYPED.items():
        page.get_by_label(label, exact=True).fill(text)
    expect(status).to_contain_text("Not complete yet")
    page.get_by_label("State").select_option("DE")
    expect(status).to_have_text(SAVED)

    page.get_by_text("Set a pin on the map").click()
    pin = page.get_by_role("button", name="Pin: drag it")
    expect(pin).to_be_visible()
    expect(pin_field(page)).to_have_value("")
    pin.scroll_into_view_if_needed()
    with page.expect_response(is_a_save):
        drag(page, pin, 40, 30)
    expect(pin_field(page)).to_have_value(re.compile(r"^39\.\d{5}, -75\.\d{5}$"))
    dragged = pin_field(page).input_value()
    pin.focus()
    with page.expect_response(is_a_save):
        page.keyboard.press("ArrowUp")
        expect(pin_field(page)).not_to_have_value(dragged)
    expect(page.get_by_text("miles from the middle of the ZIP code")).to_be_visible()
    moved = pin_field(page).input_value()
    assert float(moved.split(",")[0]) > float(dragged.split(",")[0])
    assert_accessible(page)
    expect(status).to_have_text(SAVED)
    page.reload()
    expect(page).to_have_url(re.compile(r"/portal/listings/\d+/edit$"))
    expect(pin_field(page)).to_have_value(moved)
    expect(page.locator(".pin-drag")).to_be_visible()
