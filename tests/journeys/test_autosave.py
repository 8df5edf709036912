"""Answers that save themselves while they are typed: past a closed window, a lost connection, and another window."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect
from support import user_actions
from support.browser_monitor import BrowserMonitor
from support.input_devices import Keyboard, Mouse

from directory.accounts.policy import Role

NAME = "Linden Hartwell"
NPI = {
    "closed": "1234567893",
    "clash": "1000000004",
    "offline": "1000000012",
    "keys": "1000000020",
    "its": "1000000038",
}
"""A number for each test, by its first word."""

PAUSE = 2_000
"""Milliseconds in which a change that was typed is sent, where nothing else is under way."""

SAVED = re.compile(r"^Saved \d{1,2}:\d\d [AP]M$")


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, ("provider@example.com", Role.PROVIDER))


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context(viewport={"width": 390, "height": 844})


@pytest.fixture
def address(context: BrowserContext, request: pytest.FixtureRequest) -> str:
    """Where the questions of a new entry are."""
    hands = Mouse(context.new_page())
    user_actions.sign_in(hands, "provider@example.com", "/portal/")
    office = user_actions.Office("1 Sedge Lane", "Dover", "DE", "19901")
    user_actions.add_listing(hands, NAME, NPI[request.node.name.split("_")[1]], [office])
    hands.press(hands.page.get_by_role("link", name="Answer the questions"))
    hands.press(hands.page.get_by_role("link", name="All questions on one page"))
    expect(hands.page.get_by_role("heading", level=1)).to_have_text("How you take bone marrow")
    address = hands.page.url
    hands.page.close()
    return address


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


def test_closed_window_loses_nothing(context: BrowserContext, address: str) -> None:
    page = opened(context, address)
    expect(page.get_by_role("status")).to_have_text("Nothing is saved yet")
    user_actions.question_group(page, user_actions.VOLUME).get_by_label("From").fill("8")
    expect(page.get_by_role("status")).to_have_text(SAVED)
    user_actions.question_group(page, user_actions.SITES).get_by_label("From").fill("some")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"Saved .* 1 answer cannot be read yet\."))
    page.close()
    page = opened(context, address)
    expect(user_actions.question_group(page, user_actions.VOLUME).get_by_label("From")).to_have_value("8")
    sites = user_actions.question_group(page, user_actions.SITES)
    expect(sites.get_by_label("From")).to_have_value("some")
    expect(sites).to_contain_text("must be a number")
    page.get_by_role("button", name="Save and review").click()
    expect(page.get_by_role("alert")).to_be_focused()


def test_clash_of_two_windows_is_told_and_chosen(
    context: BrowserContext, address: str, browser_monitor: BrowserMonitor
) -> None:
    browser_monitor.await_words("Failed to load resource: the server responded with a status of 409")
    mine, other = opened(context, address), opened(context, address)
    user_actions.question_group(other, user_actions.VOLUME).get_by_label("From").fill("8")
    expect(other.get_by_role("status")).to_have_text(SAVED)
    user_actions.question_group(mine, user_actions.VOLUME).get_by_label("From").fill("12")
    expect(mine.get_by_role("status")).to_contain_text("Another window changed these answers.")
    browser_monitor.faults.remove(f"409 for {address}, a part of a page")
    mine.get_by_role("button", name="Save “Compared").click()
    expect(mine.get_by_role("heading", level=1)).to_have_text("Changed in another window")
    mine.get_by_label("You typed: 12 mL").check()
    mine.get_by_role("button", name="Keep what I chose").click()
    expect(user_actions.question_group(mine, user_actions.VOLUME).get_by_label("From")).to_have_value("12")


def test_offline_nothing_is_lost_and_it_is_saved_later(
    context: BrowserContext, address: str, browser_monitor: BrowserMonitor
) -> None:
    browser_monitor.await_words("Failed to load resource: net::ERR_INTERNET_DISCONNECTED")
    page = opened(context, address)
    context.set_offline(True)
    user_actions.question_group(page, user_actions.VOLUME).get_by_label("From").fill("8")
    expect(page.get_by_role("status")).to_have_text("Not saved: there is no connection. We try again.")
    context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text(SAVED)


def test_its_own_earlier_save_is_nobody_elses(
    context: BrowserContext, address: str, browser_monitor: BrowserMonitor
) -> None:
    """Slow, or never to be answered: what one window saved does not stand in its own way, and its last word is kept."""
    browser_monitor.await_words("Failed to load resource: net::ERR_CONNECTION_RESET")
    page = opened(context, address)
    volume = user_actions.question_group(page, user_actions.VOLUME).get_by_label("From")
    held = _hold(page, address)
    volume.fill("8")
    _until(page, held)
    volume.fill("9")
    page.wait_for_timeout(PAUSE)
    held.pop().continue_()
    _until(page, held)  # what was typed meanwhile
    volume.fill("10")
    held[0].fetch()
    held.pop().abort("connectionreset")
    expect(page.get_by_role("status")).to_have_text("Not saved: there is no connection. We try again.")
    for _ in range(2):  # whoever waits presses again
        page.get_by_role("button", name="Save “Compared").evaluate("button => button.click()")
    _until(page, held)
    held.pop().continue_()
    expect(page).to_have_url(re.compile("#shown$"))
    expect(volume).to_have_value("10")


def _hold(page: Page, address: str) -> list[Route]:
    """The saves of a page that nobody lets through yet."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "then=auto" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route(address, hold)
    return held


def _until(page: Page, held: list[Route]) -> None:
    for _ in range(100):
        if held:
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing is saved")


def test_keys_alone_save_choose_and_review(context: BrowserContext, address: str) -> None:
    keys, other = Keyboard(opened(context, address)), opened(context, address)
    keys.write(user_actions.question_group(keys.page, user_actions.VOLUME).get_by_label("From"), "8")
    # Pressed while it may be saving itself: the button waits for that, and nothing clashes.
    keys.press(keys.page.get_by_role("button", name="Save “Compared"))
    expect(keys.page).to_have_url(re.compile("#shown$"))
    expect(keys.page.get_by_role("status")).to_have_text(SAVED)
    user_actions.set_value_silently(user_actions.question_group(other, user_actions.VOLUME).get_by_label("From"), "9")
    other.get_by_role("button", name="Save and review").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Changed in another window")
    keys.page = other
    keys.tick(other.get_by_label("Stored now: 8 mL"))
    keys.press(other.get_by_role("button", name="Keep what I chose"))
    expect(other.get_by_role("heading", level=1)).to_have_text("Review and sign")
    expect(other.get_by_text("They take up to 8 mL from each place.")).to_be_visible()
