"""What users of other directories still ask for, where it takes a browser to see it; the other numbers are in `web`."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Request, expect
from sqlalchemy.orm import Session
from support import sample_town
from support.input_devices import Keyboard
from support.synthetic_listings import SyntheticListing, insert_and_record, make_rng

from directory import transaction
from directory.geography.point import Point

CROWD = "99501"
HOW_MANY = 500
MOST_PINS = 80
"""On a map at once; arbitrary, twice as many as there are."""

A_NAME = re.compile(r"[A-Za-z]{3}")
MOST_TABS = 15
"""More than a map has stops: its pins are one."""


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        sample_town.populate(app, session)
        middle = app.extensions["directory"].gazetteer.look_up(CROWD).place.point
        rng = make_rng(12)
        spots = [Point(middle.lat + rng.gauss(0, 0.05), middle.lon + rng.gauss(0, 0.1)) for _ in range(HOW_MANY)]
        insert_and_record(
            session, [SyntheticListing((spot,), name=f"Made Up {number}") for number, spot in enumerate(spots)]
        )
        session.commit()


def _map(page: Page, near: str) -> Locator:
    page.goto(f"/providers?near={near}&within=10")
    page.locator("#map").scroll_into_view_if_needed()
    region = page.get_by_role("region", name=re.compile(f"^Providers near .*{near}"))
    expect(region.locator(".map-pin").first).to_be_visible()
    return region


def _has_focus(region: Locator) -> bool:
    return bool(region.evaluate("region => region.contains(document.activeElement)"))


def test_6_the_list_comes_first_on_phones(phone: Page) -> None:
    region = _map(phone, sample_town.ZIP)
    first, box = phone.locator(".card").first.bounding_box(), region.bounding_box()
    assert first is not None
    assert box is not None
    assert first["y"] < box["y"]


def test_6_the_radius_can_be_changed_on_phones(phone: Page) -> None:
    phone.goto(f"/providers?near={sample_town.ZIP}&within=10")
    expect(phone.locator(".card")).to_have_count(10)
    radius = phone.get_by_label("How far?")
    if not radius.is_visible():
        phone.locator("summary").filter(has_text=re.compile("far|filter|Change", re.IGNORECASE)).first.tap()
    radius.select_option("25 miles")
    phone.get_by_role("search").get_by_role("button", name=re.compile("Search|Update")).first.tap()
    expect(phone.get_by_role("status").get_by_role("heading")).to_contain_text("within 25 miles")
    expect(phone.locator(".card")).to_have_count(20)


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_7_the_map_never_traps_the_focus(page: Page, key: str) -> None:
    region = _map(page, sample_town.ZIP)
    Keyboard(page).go_to(region.locator('.map-pin[tabindex="0"]'))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        if not _has_focus(region):
            return
    pytest.fail(f"{MOST_TABS} times {key} do not lead out of the map")


def test_7_a_pin_says_the_name_of_its_provider(page: Page) -> None:
    region = _map(page, sample_town.ZIP)
    for number in (1, 2, 3):
        expect(region.get_by_role("button", name=re.compile(rf"\bExample 0{number}\b"))).to_have_count(1)
    pins = region.locator(".map-pin").all()
    assert pins
    for pin in pins:
        assert A_NAME.search(pin.get_attribute("aria-label") or ""), "a pin that only says a number"


def test_7_a_cluster_has_a_name(page: Page) -> None:
    region = _map(page, CROWD)
    clusters = region.get_by_role("button", name=re.compile(r"\d+ (more )?providers\b"))
    expect(clusters.first).to_be_visible()
    for pin in region.locator(".map-pin").all():
        assert A_NAME.search(pin.get_attribute("aria-label") or ""), "a cluster that only says a number"


def test_11_no_tiles_fonts_or_scripts_come_from_elsewhere(page: Page, live_server_url: str) -> None:
    """Of all that the list, its map and a provider's page ask for; every other journey watches too."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  Playwright cannot call a built-in method
    region = _map(page, sample_town.ZIP)
    region.locator(".map-pin").first.click()
    page.get_by_role("dialog").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    kinds = {request.resource_type for request in asked}
    assert {"document", "script", "stylesheet"} <= kinds
    assert any(".pmtiles" in request.url for request in asked)
    elsewhere = [
        request.url for request in asked if not request.url.startswith((f"{live_server_url}/", "data:", "blob:"))
    ]
    assert elsewhere == []


def test_12_five_hundred_markers_are_drawn_as_few_and_each_look_asks_at_most_once(page: Page) -> None:
    """Another project draws as many markers one by one, and takes six seconds."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    region = _map(page, CROWD)
    clusters = region.get_by_role("button", name=re.compile(r"\d+ (more )?providers\b"))
    expect(clusters.first).to_be_visible()
    expect(page.get_by_role("status").get_by_role("heading")).to_contain_text(re.compile("4\\d\\d|500"))
    for button in ("Zoom out", "Zoom out", "Zoom in"):
        assert 1 <= region.locator(".map-pin").count() <= MOST_PINS
        region.get_by_role("button", name=button).click()
        page.wait_for_load_state("networkidle")
        expect(region.locator(".map-pin").first).to_be_visible()
    assert 1 <= region.locator(".map-pin").count() <= MOST_PINS
    looks = [address for address in asked if "/api/v1/clusters" in address]
    assert 1 <= len(looks) == len(set(looks)) <= 4
