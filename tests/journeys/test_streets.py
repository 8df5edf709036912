"""A map with streets that an operator puts into BMA_HOME: it is drawn in place of the one that ships."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session
from support import sample_town
from support.street_map import write_street_map

from directory import transaction
from directory.config import Settings
from directory.geocoding.gazetteer import Found

PIXELS = """([canvases, name]) => {
  const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  copy.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  copy.fillRect(0, 0, 1, 1);
  const wanted = copy.getImageData(0, 0, 1, 1).data;
  let found = 0;
  for (const canvas of document.querySelectorAll(canvases)) {
    [copy.canvas.width, copy.canvas.height] = [canvas.width, canvas.height];
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      found += [0, 1, 2, 3].every((part) => data[at + part] === wanted[part]);
    }
  }
  return found;
}"""
"""How many pixels of the tiles have a colour of the style sheet."""

TRIES = 100
A_ROAD = 200
"""Pixels; arbitrary, a road through one tile has some hundreds."""


@pytest.fixture(scope="module", autouse=True)
def streets(app: Flask, settings: Settings) -> None:
    """The operator's file, and the town's people."""
    found = app.extensions["directory"].gazetteer.look_up(sample_town.ZIP)
    assert isinstance(found, Found)
    write_street_map(settings.basemap, found.place.point)
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        sample_town.populate(app, session)


def _open(page: Page) -> Locator:
    page.goto(f"/providers?near={sample_town.ZIP}&within=10")
    page.locator("#map").scroll_into_view_if_needed()
    region = page.get_by_role("region", name=re.compile("^Providers near"))
    expect(region.locator(".map-pin").first).to_be_visible()
    return region


def _is_drawn(page: Page, colour: str) -> None:
    """Wait for it, asking again: a function that waits in the page would break its content security policy."""
    seen = 0
    for _ in range(TRIES):
        seen = page.evaluate(PIXELS, [".leaflet-tile-pane canvas", f"--map-{colour}"])
        if seen > A_ROAD:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{seen} pixels have the colour {colour}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_road_is_drawn_light_and_dark(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    _open(page)
    _is_drawn(page, "road")


def test_the_colours_follow_a_change_to_dark(page: Page) -> None:
    _open(page)
    _is_drawn(page, "road")
    page.emulate_media(color_scheme="dark")
    _is_drawn(page, "road")


def test_the_file_says_whom_the_map_is_owed_to(page: Page) -> None:
    _open(page)
    sources = page.locator(".map-sources")
    expect(sources).to_have_text("© OpenStreetMap contributors")
    link = sources.get_by_role("link", name="© OpenStreetMap")
    expect(link).to_have_attribute("href", "https://www.openstreetmap.org/copyright")


def test_streets_can_be_looked_at_from_near(page: Page) -> None:
    region = _open(page)
    nearer = region.get_by_role("button", name="Zoom in")
    for _ in range(17):
        if nearer.get_attribute("aria-disabled") == "true":
            break
        nearer.click()
        page.wait_for_timeout(50)  # Leaflet takes one press at a time
    expect(nearer).to_have_attribute("aria-disabled", "true")
    _is_drawn(page, "road")
