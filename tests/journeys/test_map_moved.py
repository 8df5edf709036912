"""The map beyond the list: groups with names wherever it is moved, their people, and a search where it came to rest."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from factories import make_account, make_address, make_attestation, make_listing, make_place
from flask import Flask
from journeys import town
from journeys.hands import Keys
from journeys.usable import require_usable
from journeys.watching import Watch
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect
from sqlalchemy.orm import Session

from directory import transaction
from directory.accounts.policy import Role
from directory.geography.point import Point

FARMINGTON, ZIP_THERE = Point(41.7329, -72.8311), "06032"
AS_MANY = 150
"""At one address, as are listed at 263 Farmington Avenue."""

HARTFORD = Point(41.7637, -72.6851)
ELSEWHERE = 7
PIN = re.compile(r"\bmap-pin\b")
LAST = f"Crowd {AS_MANY:03d}"
BESIDE = "Nancy Neighbor"
EDGE = """face => {
  const { borderStyle, borderWidth, borderColor, backgroundColor } = getComputedStyle(face);
  return [borderStyle, parseFloat(borderWidth), borderColor, backgroundColor];
}"""
BY_TOWN = re.compile(r"[?&]near=[A-Z][A-Za-z+]+%2C\+CT(&|$)")
POINT_LIKE = re.compile(r"-?\d{1,3}\.\d{3,}")
"""A degree with more decimals than tell a town."""


@pytest.fixture(scope="module", autouse=True)
def inhabitants(app: Flask) -> None:
    """150 at one address, some in the next town, and the usual town far away."""
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        owner = make_account(session, Role.PROVIDER, name="Connie Crowd", email="crowd@example.com")
        there = {"city": "Farmington", "state": "CT", "postal_code": ZIP_THERE}
        for number in range(1, AS_MANY + 1):
            address = make_address(place=make_place(FARMINGTON), **there)
            make_listing(session, owner, name=f"Crowd {number:03d}", addresses=(address,))
        for number in range(ELSEWHERE):
            place = make_place(Point(HARTFORD.lat + number / 1000, HARTFORD.lon))
            made = make_listing(
                session, owner, name=BESIDE if not number else f"Hart {number}", addresses=(make_address(place=place),)
            )
            if not number:
                make_attestation(session, made)
        town.populate(app, session)


def _open(page: Page, address: str = f"/providers?near={ZIP_THERE}&within=25") -> Locator:
    page.goto(address)
    page.locator("#map").scroll_into_view_if_needed()
    region = page.get_by_role("region", name=re.compile("^Providers near"))
    expect(region.locator(".map-pin").first).to_be_visible()
    return region


def _asked(page: Page) -> list[str]:
    """The addresses that the page asks for from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(unquote(request.url))

    page.on("request", note)
    return asked


def _group(region: Locator, words: str) -> Locator:
    return region.get_by_role("button", name=re.compile(words))


def _away(page: Page, region: Locator, times: int) -> None:
    """Press "Zoom out" so many times; the groups follow the map."""
    for _ in range(times):
        with page.expect_response("**/api/v1/clusters?**"):
            region.get_by_role("button", name="Zoom out").click()


def _opened(page: Page) -> Locator:
    return page.get_by_role("dialog", name=re.compile("providers near Farmington, CT"))


def test_who_is_not_on_this_page_of_the_list_is_in_a_named_group(page: Page) -> None:
    region = _open(page)
    expect(_group(region, rf"^\+{AS_MANY - 20} more providers near Farmington, CT")).to_be_visible()
    expect(_group(region, r"^\d providers near .*CT, 9 miles").first).to_be_visible()
    expect(page.get_by_text("In a dotted ring: so many more there, not on this page of the list")).to_be_visible()


def test_every_provider_is_counted_once_however_far_the_map_is_moved(page: Page) -> None:
    region = _open(page)
    _away(page, region, 5)
    everybody = AS_MANY + ELSEWHERE + town.HOW_MANY + len([town.WAITING_ANSWERS])
    expect(region.get_by_role("status").first).to_have_text(f"{everybody} providers on this part of the map")
    texts = [re.sub(r"[^\d+]", "", face) for face in region.locator(".pin-face").all_text_contents()]
    assert "1+19" in texts, "the twenty of the list are one pin here"
    assert sum(int(text) for text in texts if text != "1+19") == everybody - 20


def test_the_server_is_asked_for_whole_tiles_and_never_for_a_point(page: Page) -> None:
    asked = _asked(page)
    region = _open(page)
    _away(page, region, 2)
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
    region = _open(page)
    for _ in range(12):
        if region.get_by_role("button", name="Zoom out").get_attribute("aria-disabled") == "true":
            break
        _away(page, region, 1)
    expect(region.get_by_role("status").first).to_contain_text("providers on this part of the map")


def test_a_crowd_at_one_address_opens_to_a_list(page: Page) -> None:
    region = _open(page)
    crowd = _group(region, "more providers near Farmington, CT")
    for _ in range(12):
        crowd.click()
        if _opened(page).count():
            break
        page.wait_for_timeout(600)  # the map comes nearer, and its groups with it
    names = _opened(page).get_by_role("link")
    expect(names).to_have_count(100)
    expect(names.first).to_be_focused()
    expect(names.first).to_have_text(re.compile(r"^1\. Crowd \d{3}$"))
    _opened(page).get_by_role("button", name="Show more").click()
    expect(names).to_have_count(AS_MANY)
    expect(names.nth(100)).to_be_focused()
    require_usable(page)
    expect(_opened(page).get_by_role("button", name="Show more")).to_have_count(0)
    _opened(page).get_by_role("link", name=LAST).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(LAST)


def test_a_keyboard_comes_to_everybody_in_a_crowd(page: Page) -> None:
    region, keys = _open(page), Keys(page)
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
    region = _open(page)
    told = region.locator(".map-told")
    _group(region, "more providers near Farmington").hover()
    expect(told).to_have_text(re.compile(r"^\+130 more providers near Farmington, CT"))
    page.get_by_label("Where?").hover()
    expect(told).to_be_empty()


def test_one_beyond_the_list_is_a_pin_with_a_name_and_a_link(page: Page) -> None:
    region = _open(page, f"/providers?near={town.ZIP}&within=50")
    with page.expect_response("**/api/v1/clusters?**"):
        region.get_by_role("button", name="Zoom in").click()
    alone = _group(region, r"^Example 2\d, 2\d miles").first
    expect(alone).to_be_visible()
    name = (alone.get_attribute("aria-label") or "").partition(",")[0]
    alone.click()
    page.get_by_role("dialog", name=name).get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_filters_of_the_list_hold_on_the_map(page: Page) -> None:
    region = _open(page, f"/providers?near={ZIP_THERE}&within=25&badge=1")
    expect(_group(region, BESIDE)).to_be_visible()
    expect(_group(region, "more providers near Farmington")).to_have_count(0)
    expect(page.locator("[data-map-groups]")).to_be_hidden()


def _move_and_search(page: Page, region: Locator) -> None:
    """Go to Hartford on the map, some miles to the east, and search there."""
    again = region.get_by_role("button", name="Search this area")
    expect(again).to_have_count(0)
    _group(region, r"providers near .*CT, 9 miles").first.click()
    expect(again).to_be_visible()
    again.click()
    expect(page).to_have_url(BY_TOWN)


def test_the_area_in_view_is_searched_and_back_is_back(page: Page) -> None:
    region = _open(page)
    before = page.url
    _move_and_search(page, region)
    asked = parse_qs(urlsplit(page.url).query)
    assert set(asked) == {"near", "within"}
    assert re.fullmatch(r"[A-Z][A-Za-z ]+, CT", asked["near"][0]), asked
    expect(page.locator(".card").first).to_contain_text(BESIDE)
    page.go_back()
    assert page.url == before
    expect(page.locator(".card").first).to_contain_text("Crowd")


def test_a_shared_link_tells_a_town_and_shows_the_same(page: Page, new_context: Callable[..., BrowserContext]) -> None:
    _move_and_search(page, _open(page, f"/providers?near={ZIP_THERE}&within=25&kind=person"))
    assert parse_qs(urlsplit(page.url).query)["kind"] == ["person"]
    assert not re.search(r"\d+\.\d+", unquote(urlsplit(page.url).query))
    friend = new_context().new_page()
    friend.goto(page.url)
    assert friend.locator(".card h3").all_inner_texts() == page.locator(".card h3").all_inner_texts()
    expect(friend).to_have_title(page.title())


def test_who_gave_a_position_searches_by_town_from_then_on(new_context: Callable[..., BrowserContext]) -> None:
    here = {"latitude": FARMINGTON.lat + 0.01234, "longitude": FARMINGTON.lon + 0.01234}
    page = new_context(geolocation=here, permissions=["geolocation"]).new_page()
    asked = _asked(page)
    page.goto("/providers")
    page.get_by_role("button", name="Near me").click()
    page.locator("#map").scroll_into_view_if_needed()
    region = page.get_by_role("region", name="Providers near you")
    expect(region.locator(".map-pin").first).to_be_visible()
    _away(page, region, 1)
    region.get_by_role("button", name="Search this area").click()
    expect(page).to_have_url(BY_TOWN)
    exactly = [f"{degrees:.3f}"[:-1] for degrees in (abs(here["latitude"]), abs(here["longitude"]))]
    assert not [url for url in asked if any(part in url for part in exactly)]


def test_at_sea_there_is_no_town_to_search_near(page: Page) -> None:
    region = _open(page)
    _away(page, region, 5)
    box = region.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.7)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.5, steps=5)
    page.mouse.up()
    before = page.url
    region.get_by_role("button", name="Search this area").click()
    expect(region.locator(".map-area-status")).to_contain_text("There is no town near the middle")
    assert page.url == before


def test_without_groups_the_list_has_everybody(page: Page, watch: Watch) -> None:
    watch.await_words("Failed to load resource")
    page.route("**/api/v1/clusters?**", lambda route: route.abort())
    region = _open(page)
    expect(region.get_by_role("status").first).to_have_text("The map could not be filled. The list has everybody.")
    expect(_group(region, "^1 ")).to_be_visible()
    expect(page.locator(".card")).to_have_count(20)


def test_on_paper_the_drawing_and_its_legend_stay(page: Page) -> None:
    region = _open(page)
    page.emulate_media(media="print")
    expect(region).to_be_hidden()
    expect(page.locator(".map-drawing")).to_be_visible()
    expect(page.locator(".map-legend")).to_be_visible()


def test_with_colours_of_the_reader_every_pin_keeps_its_shape(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    region = _open(page)
    group = _group(region, "more providers near Farmington").locator(".pin-face")
    edge = group.evaluate(EDGE)
    assert edge[0] == "dotted"
    assert edge[1] >= 2
    assert edge[2] != edge[3], "an edge of the ground's colour is not seen"


def test_a_still_map_is_asked_for_once(page: Page) -> None:
    """What was seen before is there again at once, without a question."""
    region = _open(page)
    _away(page, region, 1)
    asked = _asked(page)
    region.get_by_role("button", name="Zoom in").click()
    expect(_group(region, r"^\d providers near .*CT, 9 miles").first).to_be_visible()
    page.wait_for_timeout(400)  # longer than a moved map is left alone
    assert not [url for url in asked if "/api/v1/clusters" in url]
