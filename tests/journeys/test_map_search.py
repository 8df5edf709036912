"""A search where the map was moved to: by the name of a town, in an address that goes back and can be shared."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy.orm import Session
from support import shared_address
from support.shared_address import cluster_pin, open_map, record_requests, zoom_out

from directory import transaction

BY_TOWN = re.compile(r"[?&]near=[A-Z][A-Za-z+]+%2C\+CT(&|$)")


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        shared_address.add_listings(app, session)


def _move_and_search(page: Page, region: Locator) -> None:
    """Go to Hartford on the map, some miles to the east, and search there."""
    again = region.get_by_role("button", name="Search this area")
    expect(again).to_have_count(0)
    cluster_pin(region, r"providers near .*CT, \d+ miles").first.click()
    expect(again).to_be_visible()
    again.click()
    expect(page).to_have_url(BY_TOWN)


def test_the_area_in_view_is_searched_and_back_is_back(page: Page) -> None:
    region = open_map(page)
    before = page.url
    _move_and_search(page, region)
    asked = parse_qs(urlsplit(page.url).query)
    assert set(asked) == {"near", "within"}
    assert re.fullmatch(r"[A-Z][A-Za-z ]+, CT", asked["near"][0]), asked
    expect(page.locator(".card").first).to_contain_text(shared_address.NEIGHBOR)
    page.go_back()
    assert page.url == before
    expect(page.locator(".card").first).to_contain_text("Crowd")


def test_a_shared_link_tells_a_town_and_shows_the_same(page: Page, new_context: Callable[..., BrowserContext]) -> None:
    _move_and_search(page, open_map(page, f"/providers?near={shared_address.ZIP}&within=25&kind=person"))
    assert parse_qs(urlsplit(page.url).query)["kind"] == ["person"]
    assert not re.search(r"\d+\.\d+", unquote(urlsplit(page.url).query))
    friend = new_context().new_page()
    friend.goto(page.url)
    assert friend.locator(".card h3").all_inner_texts() == page.locator(".card h3").all_inner_texts()
    expect(friend).to_have_title(page.title())


def test_who_gave_a_position_searches_by_town_from_then_on(new_context: Callable[..., BrowserContext]) -> None:
    here = {"latitude": shared_address.FARMINGTON.lat + 0.01234, "longitude": shared_address.FARMINGTON.lon + 0.01234}
    page = new_context(geolocation=here, permissions=["geolocation"]).new_page()
    asked = record_requests(page)
    page.goto("/providers")
    page.get_by_role("button", name="Near me").click()
    page.locator("#map").scroll_into_view_if_needed()
    region = page.get_by_role("region", name="Providers near you")
    expect(region.locator(".map-pin").first).to_be_visible()
    zoom_out(page, region, 1)
    region.get_by_role("button", name="Search this area").click()
    expect(page).to_have_url(BY_TOWN)
    exactly = [f"{degrees:.3f}"[:-1] for degrees in (abs(here["latitude"]), abs(here["longitude"]))]
    assert not [url for url in asked if any(part in url for part in exactly)]


def test_at_sea_there_is_no_town_to_search_near(page: Page) -> None:
    region = open_map(page)
    zoom_out(page, region, 5)
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
