"""The map beyond the list: groups with names wherever it is moved, and the people in them."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy.orm import Session
from support import sample_town, shared_address
from support.accessibility import assert_accessible
from support.browser_monitor import BrowserMonitor
from support.factories import make_account, make_address, make_listing, make_place
from support.input_devices import Keyboard
from support.shared_address import cluster_pin, open_map, record_requests, zoom_out

from directory import transaction
from directory.accounts.policy import Role
from directory.geography.point import Point

BANGOR, BANGOR_ZIP = Point(44.8012, -68.7778), "04401"
TWO_OFFICES = "Tina Twooffices"
"""Has an office in Bangor, one by itself, and one at the address of nine others."""

PIN = re.compile(r"\bmap-pin\b")
EDGE = """face => {
  const { borderStyle, borderWidth, borderColor, backgroundColor } = getComputedStyle(face);
  return [borderStyle, parseFloat(borderWidth), borderColor, backgroundColor];
}"""
POINT_LIKE = re.compile(r"-?\d{1,3}\.\d{3,}")
"""A degree with more decimals than tell a town."""


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        owner = make_account(session, Role.PROVIDER, name="Olive Offices", email="offices@example.com")
        bangor = {"city": "Bangor", "state": "ME", "postal_code": BANGOR_ZIP}
        here, east, south = (
            make_place(point) for point in (BANGOR, Point(44.8, -68.4), Point(BANGOR.lat - 0.3, BANGOR.lon))
        )
        for name, places in (
            (TWO_OFFICES, (here, east, south)),
            *((f"Beside {number}", (south,)) for number in range(9)),
        ):
            addresses = tuple(make_address(place=place, **bangor) for place in places)
            make_listing(session, owner, name=name, addresses=addresses)
        shared_address.add_listings(app, session)


def _opened(page: Page) -> Locator:
    return page.get_by_role("dialog", name=re.compile("providers near Farmington, CT"))


def test_who_is_not_on_this_page_of_the_list_is_in_a_named_group(page: Page) -> None:
    region = open_map(page)
    expect(
        cluster_pin(region, rf"^\+{shared_address.LISTINGS_AT_ADDRESS - 20} more providers near Farmington, CT")
    ).to_be_visible()
    expect(cluster_pin(region, r"^\d providers near .*CT, \d+ miles").first).to_be_visible()
    expect(page.get_by_text("In a dotted ring: so many more there, not on this page of the list")).to_be_visible()


def test_every_provider_is_counted_once_however_far_the_map_is_moved(page: Page) -> None:
    region = open_map(page)
    zoom_out(page, region, 5)
    everybody = shared_address.LISTINGS_AT_ADDRESS + shared_address.LISTINGS_IN_HARTFORD
    expect(region.get_by_role("status").first).to_have_text(
        f"{everybody} providers on this part of the map, 1 self-certified"
    )
    expect(page.get_by_text(f"{everybody} providers within 25 miles")).to_be_visible()
    faces = region.locator(".pin-face").evaluate_all("faces => faces.map(face => face.firstChild.textContent)")
    texts = [re.sub(r"[^\d+]", "", face) for face in faces]
    assert "1+19" in texts, "the twenty of the list are one pin here"
    assert sum(int(text) for text in texts if text != "1+19") == everybody - 20


def test_the_map_asks_for_the_circle_of_the_search(page: Page) -> None:
    asked = record_requests(page)
    open_map(page)
    (view,) = (parse_qs(urlsplit(url).query) for url in asked if "/api/v1/clusters" in url)
    assert shared_address.ZIP in view["near"][0]
    assert view["within"] == ["25"]


def test_a_group_says_how_many_are_self_certified(page: Page) -> None:
    region = open_map(page)
    hartford = cluster_pin(region, r"^7 providers near .*CT, \d+ miles, 1 self-certified$")
    expect(hartford.locator(".pin-face")).to_have_text("71 ✓")


def test_another_office_of_a_listing_keeps_its_number(page: Page) -> None:
    region = open_map(page, f"/providers?near={BANGOR_ZIP}&within=50")
    expect(page.get_by_text("10 providers within 50 miles")).to_be_visible()
    number = page.locator(".card", has_text=TWO_OFFICES).get_attribute("data-number")
    pins = cluster_pin(region, rf"^{number} {TWO_OFFICES}")
    expect(pins).to_have_count(2)
    expect(cluster_pin(region, "more provider")).to_have_count(0)
    pins.last.click()
    expect(page.get_by_role("dialog").get_by_role("link", name=f"{number}. {TWO_OFFICES}")).to_be_focused()
    zoom_out(page, region, 1)
    expect(region.get_by_role("status").first).to_have_text("10 providers on this part of the map")


def test_the_server_is_asked_for_whole_tiles_and_never_for_a_point(page: Page) -> None:
    asked = record_requests(page)
    region = open_map(page)
    zoom_out(page, region, 2)
    views = [parse_qs(urlsplit(url).query) for url in asked if "/api/v1/clusters" in url]
    assert len(views) >= 3
    for view in views:
        west, _, east, _ = (float(part) for part in view["bbox"][0].split(","))
        width = 360 / 2 ** int(view["zoom"][0])
        assert (west + 180) / width == pytest.approx(round((west + 180) / width), abs=1e-4)
        assert (east + 180) / width == pytest.approx(round((east + 180) / width), abs=1e-4)
    others = [urlsplit(url).query for url in asked if "/api/v1/clusters" not in url]
    assert not [query for query in others if POINT_LIKE.search(query)]


def test_the_largest_screen_asks_for_no_more_than_is_answered(new_context: Callable[..., BrowserContext]) -> None:
    """A part of the map that is too large would be refused, and the watch would see it."""
    page = new_context(viewport={"width": 3840, "height": 2160}).new_page()
    region = open_map(page)
    for _ in range(12):
        if region.get_by_role("button", name="Zoom out").get_attribute("aria-disabled") == "true":
            break
        zoom_out(page, region, 1)
    expect(region.get_by_role("status").first).to_contain_text("providers on this part of the map")


def test_a_crowd_at_one_address_opens_to_a_list(page: Page) -> None:
    region = open_map(page)
    together = cluster_pin(region, "more providers near Farmington, CT")
    for _ in range(12):
        together.click()
        if _opened(page).count():
            break
        page.wait_for_timeout(600)  # the map comes nearer, and its groups with it
    names = _opened(page).get_by_role("link")
    expect(names).to_have_count(100)
    expect(names.first).to_be_focused()
    expect(names.first).to_have_text(re.compile(r"^1\. Crowd \d{3}$"))
    more = _opened(page).get_by_role("button", name="Show more")
    expect(region.locator(".leaflet-pan-anim")).to_have_count(0)  # the map moves until all of the list is in view
    _press_and_slip_off(page, more)
    expect(names).to_have_count(100)
    more.click()
    expect(names).to_have_count(shared_address.LISTINGS_AT_ADDRESS)
    expect(names.nth(100)).to_be_focused()
    assert_accessible(page)
    expect(_opened(page).get_by_role("button", name="Show more")).to_have_count(0)
    _opened(page).get_by_role("link", name=shared_address.LAST_NAME).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(shared_address.LAST_NAME)


def _press_and_slip_off(page: Page, button: Locator) -> None:
    """Press in the list and let go on the map, as where the map moves meanwhile."""
    button.hover()
    page.mouse.down()
    _opened(page).hover(position={"x": -20, "y": 20}, force=True)
    page.mouse.up()


def test_a_keyboard_comes_to_everybody_in_a_crowd(page: Page) -> None:
    region, keys = open_map(page), Keyboard(page)
    keys.go_to(region.locator(".map-pin[tabindex='0']"))
    for _ in range(12):
        _walk_to(page, "more providers near Farmington")
        page.keyboard.press("Enter")
        page.wait_for_timeout(600)  # the map comes nearer, and its groups with it
        if _opened(page).count():
            break
        expect(region.locator(":focus")).to_have_class(PIN)
    names = _opened(page).get_by_role("link")
    expect(names.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(names.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(names.last).to_be_focused()
    page.keyboard.press("Home")
    expect(names.first).to_be_focused()
    again = region.get_by_role("button", name="Search this area")
    expect(again).to_have_count(0)  # it would lie over what was opened
    page.keyboard.press("Escape")
    expect(_opened(page)).to_have_count(0)
    expect(again).to_be_visible()
    expect(region.locator(":focus")).to_have_class(PIN)


def _walk_to(page: Page, words: str) -> None:
    for _ in range(40):
        label = page.evaluate("document.activeElement.getAttribute('aria-label')") or ""
        if words in label:
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"the arrow keys never come to {words}")


def test_what_is_pointed_at_is_named_on_the_map(page: Page) -> None:
    region = open_map(page)
    told = region.locator(".map-told")
    cluster_pin(region, "more providers near Farmington").hover()
    expect(told).to_have_text(re.compile(r"^\+130 more providers near Farmington, CT"))
    page.get_by_label("Where?").hover()
    expect(told).to_be_empty()


def test_one_beyond_the_list_is_a_pin_with_a_name_and_a_link(page: Page) -> None:
    region = open_map(page, f"/providers?near={sample_town.ZIP}&within=50")
    with page.expect_response("**/api/v1/clusters?**"):
        region.get_by_role("button", name="Zoom in").click()
    alone = cluster_pin(region, r"^Example 2\d, 2\d miles").first
    expect(alone).to_be_visible()
    name = (alone.get_attribute("aria-label") or "").partition(",")[0]
    alone.click()
    page.get_by_role("dialog", name=name).get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_filters_of_the_list_hold_on_the_map(page: Page) -> None:
    region = open_map(page, f"/providers?near={shared_address.ZIP}&within=25&badge=1")
    expect(cluster_pin(region, shared_address.NEIGHBOR)).to_be_visible()
    expect(cluster_pin(region, "more providers near Farmington")).to_have_count(0)
    expect(page.locator("[data-map-groups]")).to_be_hidden()


def test_without_groups_the_list_has_everybody(page: Page, browser_monitor: BrowserMonitor) -> None:
    browser_monitor.await_words("Failed to load resource")
    page.route("**/api/v1/clusters?**", lambda route: route.abort())
    region = open_map(page)
    expect(region.get_by_role("status").first).to_have_text("The map could not be filled. The list has everybody.")
    expect(cluster_pin(region, "^1 ")).to_be_visible()
    expect(page.locator(".card")).to_have_count(20)


def test_on_paper_the_drawing_and_its_legend_stay(page: Page) -> None:
    region = open_map(page)
    page.emulate_media(media="print")
    expect(region).to_be_hidden()
    expect(page.locator(".map-drawing")).to_be_visible()
    expect(page.locator(".map-legend")).to_be_visible()


def test_with_colours_of_the_reader_every_pin_keeps_its_shape(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    region = open_map(page)
    face = cluster_pin(region, "more providers near Farmington").locator(".pin-face")
    edge = face.evaluate(EDGE)
    assert edge[0] == "dotted"
    assert edge[1] >= 2
    assert edge[2] != edge[3], "an edge of the ground's colour is not seen"


def test_a_still_map_is_asked_for_once(page: Page) -> None:
    """What was seen before is there again at once, without a question."""
    region = open_map(page)
    zoom_out(page, region, 1)
    asked = record_requests(page)
    region.get_by_role("button", name="Zoom in").click()
    expect(cluster_pin(region, r"^\d providers near .*CT, \d+ miles").first).to_be_visible()
    page.wait_for_timeout(400)  # longer than a moved map is left alone
    assert not [url for url in asked if "/api/v1/clusters" in url]
