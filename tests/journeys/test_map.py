"""The map beside the list: it shows what the list says, in step with it, for a mouse, a keyboard and a finger."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy.orm import Session
from support import sample_town
from support.browser_monitor import BrowserMonitor
from support.input_devices import Keyboard
from support.user_actions import card

from directory import transaction

CHOSEN = re.compile(r"\bis-chosen\b")


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        sample_town.populate(app, session)


def _region(page: Page, title: str) -> Locator:
    """The map, which starts when it comes near."""
    page.locator("#map").scroll_into_view_if_needed()
    region = page.get_by_role("region", name=re.compile(f"^{title}"))
    expect(region).to_be_visible()
    return region


def _open(page: Page) -> Locator:
    """The results with the map; gives its region."""
    page.goto(f"/providers?near={sample_town.ZIP}&within=10")
    region = _region(page, f"Providers near {sample_town.PLACE}")
    expect(region.locator(".map-pin").first).to_be_visible()
    expect(page.locator(".drawing-pin").first).to_be_hidden()
    return region


def _pin(region: Locator, name: str) -> Locator:
    return region.get_by_role("button", name=re.compile(rf"\b{re.escape(name)}\b"))


def test_every_entry_of_the_list_has_its_pin_and_no_other(page: Page) -> None:
    region = _open(page)
    labels = " ".join(pin.get_attribute("aria-label") or "" for pin in region.get_by_role("button").all())
    cards = page.locator(".card")
    expect(cards).to_have_count(10)
    for entry in cards.all():
        name = entry.get_attribute("data-name") or ""
        assert name in labels or name == sample_town.SAME_ADDRESS[1], f"{name} is not on the map"
    expect(region.locator(".pin-stack")).to_have_count(1)


def test_a_card_under_the_mouse_lights_its_pin(page: Page) -> None:
    pin = _pin(_open(page), sample_town.NO_ANSWERS)
    expect(pin).not_to_have_class(CHOSEN)
    card(page, sample_town.NO_ANSWERS).hover()
    expect(pin).to_have_class(CHOSEN)
    page.get_by_label("Where?").hover()
    expect(pin).not_to_have_class(CHOSEN)


def test_a_card_with_the_focus_lights_its_pin(page: Page) -> None:
    region = _open(page)
    Keyboard(page).go_to(page.get_by_role("link", name=sample_town.WITH_BADGE, exact=True))
    expect(_pin(region, sample_town.WITH_BADGE)).to_have_class(CHOSEN)
    Keyboard(page).go_to(page.get_by_role("link", name=sample_town.NO_ANSWERS, exact=True))
    expect(_pin(region, sample_town.WITH_BADGE)).not_to_have_class(CHOSEN)
    expect(_pin(region, sample_town.NO_ANSWERS)).to_have_class(CHOSEN)


def test_a_pressed_pin_names_its_provider_and_lights_the_card(page: Page) -> None:
    region = _open(page)
    _pin(region, sample_town.NO_ANSWERS).click()
    popup = page.get_by_role("dialog")
    expect(popup.get_by_role("link", name=sample_town.NO_ANSWERS)).to_be_focused()
    expect(card(page, sample_town.NO_ANSWERS)).to_be_in_viewport()
    expect(card(page, sample_town.NO_ANSWERS)).to_have_class(CHOSEN)
    popup.get_by_role("link", name=sample_town.NO_ANSWERS).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sample_town.NO_ANSWERS)


def test_who_works_at_one_address_is_listed_at_one_pin(page: Page) -> None:
    region = _open(page)
    _pin(region, sample_town.SAME_ADDRESS[0]).click()
    popup = page.get_by_role("dialog")
    for name in sample_town.SAME_ADDRESS:
        expect(popup.get_by_role("link", name=name)).to_be_visible()


def test_a_keyboard_goes_through_the_pins_in_one_stop(page: Page) -> None:
    region, keys = _open(page), Keyboard(page)
    keys.go_to(_pin(region, sample_town.WITH_BADGE))
    expect(card(page, sample_town.WITH_BADGE)).to_have_class(CHOSEN)
    page.keyboard.press("ArrowRight")
    expect(_pin(region, sample_town.WITHOUT_BADGE)).to_be_focused()
    expect(card(page, sample_town.WITH_BADGE)).not_to_have_class(CHOSEN)
    expect(card(page, sample_town.WITHOUT_BADGE)).to_have_class(CHOSEN)
    page.keyboard.press("Enter")
    link = page.get_by_role("dialog").get_by_role("link", name=sample_town.WITHOUT_BADGE)
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(_pin(region, sample_town.WITHOUT_BADGE)).to_be_focused()
    page.keyboard.press("Tab")
    assert not region.locator(".map-pin:focus").count(), "all pins are one stop"


def test_on_a_telephone_the_map_comes_after_the_list_and_opens_at_a_touch(phone: Page) -> None:
    region = _open(phone)
    last = phone.locator(".card").last.bounding_box()
    box = region.bounding_box()
    assert last is not None
    assert box is not None
    assert box["y"] > last["y"]
    _pin(region, sample_town.WITH_BADGE).tap()
    expect(phone.get_by_role("dialog").get_by_role("link", name=sample_town.WITH_BADGE)).to_be_visible()


def test_zooming_by_keyboard_keeps_the_focus_and_the_pins(page: Page) -> None:
    region = _open(page)
    for name in ("Zoom out", "Zoom in"):
        control = region.get_by_role("button", name=name)
        control.focus()
        page.keyboard.press("Enter")
        expect(control).to_be_focused()
        expect(_pin(region, sample_town.WITH_BADGE)).to_be_visible()


def test_the_provider_s_page_shows_each_address_on_its_map(page: Page) -> None:
    page.goto(f"/providers?near={sample_town.ZIP}&within=10")
    page.get_by_role("link", name=sample_town.WITH_BADGE, exact=True).click()
    region = _region(page, f"Where {sample_town.WITH_BADGE} works")
    expect(region.get_by_role("button", name=re.compile(sample_town.WITH_BADGE))).to_have_count(1)
    expect(region.locator(".map-ring-label")).to_have_text(["5 mi", "10 mi"])
    expect(region.locator(".leaflet-control-scale-line")).to_have_text(re.compile(r"^\d+ mi$"))
    for decoration in (".map-ring-label", ".leaflet-control-scale"):
        hidden = region.locator(f"{decoration}[aria-hidden=true]")
        expect(hidden).to_have_count(region.locator(decoration).count())
        expect(region.locator(f"{decoration}[tabindex], {decoration} [tabindex]")).to_have_count(0)


def test_without_a_basemap_the_drawing_stays(page: Page, browser_monitor: BrowserMonitor) -> None:
    browser_monitor.await_words("The map could not be started; the drawing is shown instead.")
    page.route("**/basemap.pmtiles", lambda route: route.fulfill(status=200, body=b"no tiles"))
    with page.expect_console_message(lambda message: "the drawing is shown instead" in message.text):
        page.goto(f"/providers?near={sample_town.ZIP}")
    expect(page.locator(".drawing-pin").first).to_be_visible()
    page.locator(".drawing-pin").first.click()
    expect(page.locator(".card").first).to_be_in_viewport()


def test_a_map_whose_loading_failed_once_is_loaded_again(page: Page, browser_monitor: BrowserMonitor) -> None:
    browser_monitor.await_words("Failed to load resource")
    failed: list[str] = []

    def fail_once(loading: Route) -> None:
        part = str(loading.request.headers.get("range"))
        if part in failed:
            loading.continue_()
        else:
            failed.append(part)
            loading.abort("connectionreset")

    page.route("**/map/basemap.pmtiles", fail_once)
    _open(page)
    expect(page.locator("canvas.leaflet-tile-loaded").first).to_be_visible()
    assert len(failed) > 1, "its header and its tiles"


@pytest.mark.parametrize("part", ["**/map-view-*.js", "**/map/basemap.pmtiles"])
def test_a_map_that_is_cut_off_because_somebody_leaves_is_no_fault(page: Page, part: str) -> None:
    underway: list[Route] = []

    def hold(loading: Route) -> None:
        underway.append(loading)

    def cut_off(leaving: Route) -> None:
        while underway:
            underway.pop().abort("aborted")  # as the browser itself does
        leaving.continue_()

    page.route(part, hold)
    page.route("**/questions", cut_off)
    for _ in range(3):
        with page.expect_request(part):
            page.goto(f"/providers?near={sample_town.ZIP}")
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Questions to ask").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("questions")
    assert not underway
