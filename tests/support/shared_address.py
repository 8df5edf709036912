"""150 providers at one address with another town beside it, and what one does on the map of a list."""

import re
from urllib.parse import unquote

from flask import Flask
from playwright.sync_api import Locator, Page, Request, expect
from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.geography.point import Point
from support import sample_town
from support.factories import make_account, make_address, make_attestation, make_listing, make_place

FARMINGTON, ZIP = Point(41.7329, -72.8311), "06032"
LISTINGS_AT_ADDRESS = 150
"""At one address, as are listed at 263 Farmington Avenue."""

HARTFORD = Point(41.7637, -72.6851)
LISTINGS_IN_HARTFORD = 7
LAST_NAME = f"Crowd {LISTINGS_AT_ADDRESS:03d}"
NEIGHBOR = "Nancy Neighbor"
CLUSTERS_URL = "**/api/v1/clusters?**"


def add_listings(app: Flask, session: Session) -> None:
    """150 at one address, some in the next town, and the usual town far away."""
    owner = make_account(session, Role.PROVIDER, name="Connie Crowd", email="crowd@example.com")
    there = {"city": "Farmington", "state": "CT", "postal_code": ZIP}
    for number in range(1, LISTINGS_AT_ADDRESS + 1):
        address = make_address(place=make_place(FARMINGTON), **there)
        make_listing(session, owner, name=f"Crowd {number:03d}", addresses=(address,))
    for number in range(LISTINGS_IN_HARTFORD):
        address = make_address(place=make_place(Point(HARTFORD.lat + number / 1000, HARTFORD.lon)))
        made = make_listing(session, owner, name=f"Hart {number}" if number else NEIGHBOR, addresses=(address,))
        if not number:
            make_attestation(session, made)
    sample_town.populate(app, session)


def open_map(page: Page, address: str = f"/providers?near={ZIP}&within=25") -> Locator:
    """A list with its map, once it knows who is in view; gives the map."""
    with page.expect_request(CLUSTERS_URL) as asked:
        page.goto(address)
        page.locator("#map").scroll_into_view_if_needed()
    # Else `go_away` would take this answer for that to its own question. None comes where a test lets none through.
    answer = asked.value.response()
    if answer:
        answer.finished()
    region = page.get_by_role("region", name=re.compile("^Providers near"))
    expect(region.locator(".map-pin").first).to_be_visible()
    return region


def record_requests(page: Page) -> list[str]:
    """The addresses that the page asks for from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(unquote(request.url))

    page.on("request", note)
    return asked


def cluster_pin(region: Locator, words: str) -> Locator:
    """The pins whose names have these words."""
    return region.get_by_role("button", name=re.compile(words))


def zoom_out(page: Page, region: Locator, times: int) -> None:
    """Press "Zoom out" so many times; the groups follow the map."""
    for _ in range(times):
        with page.expect_response(CLUSTERS_URL):
            region.get_by_role("button", name="Zoom out").click()
