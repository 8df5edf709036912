"""A search around where somebody is: the position is coarse, and stands in no address."""

import re

import pytest
from flask.testing import FlaskClient
from support.page_text import listed_slugs, visible_text


def test_the_nearest_are_listed_without_the_position_in_any_address(client: FlaskClient, add_listing) -> None:
    far, near = add_listing("Far Clinic", 30), add_listing("Near Clinic", 1)
    page = client.post("/providers/near-me", data={"lat": "39.90", "lon": "-105.10", "within": "100"})
    assert page.status_code == 200
    assert listed_slugs(page) == [near.slug, far.slug]
    assert "2 providers within 100 miles of where you are" in visible_text(page)
    addresses = re.findall(r'(?:href|action|src|data-more)="([^"]*)"', page.text)
    assert not [address for address in addresses if "39.9" in address or "105.1" in address]


def test_the_server_rounds_again_what_the_browser_rounded(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.post("/providers/near-me", data={"lat": "39.8873123", "lon": "-105.0612345"})
    assert 'name="lat" value="39.90"' in page.text
    assert 'name="lon" value="-105.05"' in page.text
    assert not re.search(r"39\.887|105\.061", page.text)


def test_nobody_keeps_a_copy(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.post("/providers/near-me", data={"lat": "39.9", "lon": "-105.1"})
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in page.headers


def test_the_other_pages_are_posted_too_and_keep_what_was_asked(client: FlaskClient, add_listing) -> None:
    for number in range(22):
        add_listing(f"Clinic {number}", 1 + number)
    asked = {"lat": "39.90", "lon": "-105.10", "within": "any"}
    first = client.post("/providers/near-me", data=asked)
    assert re.search(r'name="page"\s+value="2"', first.text)
    assert 'name="within" value="any"' in first.text
    second = client.post("/providers/near-me", data=asked | {"page": "2"})
    assert len(listed_slugs(second)) == 2
    assert not set(listed_slugs(first)) & set(listed_slugs(second))


@pytest.mark.parametrize(
    ("lat", "lon", "sentence"),
    [
        ("91", "0", "Latitude must be a number from −90 to 90."),
        ("0", "-181", "Longitude must be a number from −180 to 180."),
        ("nan", "0", "Latitude must be a number from −90 to 90."),
        ("1e1", "0", "Latitude must be a number from −90 to 90."),
        ("", "", "Latitude must be a number from −90 to 90."),
    ],
)
def test_a_position_off_the_globe_is_refused_in_a_sentence(
    client: FlaskClient, lat: str, lon: str, sentence: str
) -> None:
    page = client.post("/providers/near-me", data={"lat": lat, "lon": lon})
    assert page.status_code == 422
    assert sentence in visible_text(page)
    assert listed_slugs(page) == []


def test_a_filter_that_cannot_be_is_refused_here_too(client: FlaskClient) -> None:
    page = client.post("/providers/near-me", data={"lat": "39.9", "lon": "-105.1", "within": "0", "page": "0"})
    assert page.status_code == 422
    assert "from 5 to 250" in visible_text(page)
    assert "from 1 to 500" in visible_text(page)


def test_a_reload_in_a_new_window_asks_for_a_place(client: FlaskClient) -> None:
    answer = client.get("/providers/near-me")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/providers"
