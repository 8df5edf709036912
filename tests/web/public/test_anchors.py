"""What users of other directories still ask for, one by one; the numbers 6, 7, 11 and 12 need a browser (journeys)."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient
from geopy.distance import great_circle
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_address, make_listing, make_place
from support.http_client import Browser
from support.page_text import listed_slugs, visible_text

from directory.accounts.tables import Account
from directory.certification.ruleset import bundled_rulesets
from directory.geocoding.place import Place
from directory.geography.point import Point
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing
from directory.review.commands import decide_listing

SEVERAL_TOWNS = [("80021", "Broomfield, CO"), ("10003", "New York, NY"), ("99501", "Anchorage, AK")]
NO_PLACES = [
    "Xyzzyplugh", "00000", "8002", "91,181", "nan,nan", "null", "*", "%", "' OR 1=1 --", "Westminter, CO", "ZZ", "-",
]  # fmt: skip


def answered(client: FlaskClient, **asked: str) -> list[dict]:
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    answer = client.get(f"/api/v1/providers?{query}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()["providers"]


def placed(client: FlaskClient, text: str) -> Place:
    return client.application.extensions["directory"].gazetteer.look_up(text).place


@pytest.mark.parametrize(("zip_code", "city"), SEVERAL_TOWNS)
def test_1_a_zip_and_its_city_give_the_same_list(
    client: FlaskClient, session: Session, provider: Account, zip_code: str, city: str
) -> None:
    middle = placed(client, zip_code).point
    for number in range(30):
        place = make_place(Point(middle.lat + number / 100, middle.lon + number / 50))
        make_listing(session, provider, addresses=(make_address(place=place),))
    session.commit()
    by_zip, by_city = (answered(client, near=near, within="any") for near in (zip_code, city))
    assert len(by_zip) == 20
    in_both = {found["slug"] for found in by_zip} & {found["slug"] for found in by_city}
    assert len(in_both) >= 18, "the middle of a ZIP is not quite the middle of its city"
    everybody = [client.get(f"/api/v1/providers?near={quote(near)}&within=100").get_json() for near in (zip_code, city)]
    assert everybody[0]["total"] == everybody[1]["total"] == 30


@pytest.mark.parametrize("zip_code", ["80021", "10003", "99501", "00802", "96799"])
def test_1_a_zip_never_gives_a_radius_of_zero(client: FlaskClient, add_listing, zip_code: str) -> None:
    place = placed(client, zip_code)
    assert place.uncertainty_miles > 0
    body = client.get(f"/api/v1/providers?near={zip_code}").get_json()
    assert body["within_miles"] >= 5
    assert body["place"]["uncertainty_miles"] > 0
    made = add_listing("Four Miles Away", 4)
    assert listed_slugs(client.get("/providers?near=80021&within=5")) == [made.slug]
    for within in ("0", "0.0", "-5", "4.9", ""):
        page = client.get(f"/providers?near={zip_code}&within={within}")
        assert page.status_code == 422 or "within 50 miles" in visible_text(page)


@pytest.mark.parametrize("inside", range(11))
def test_2_at_least_the_ten_nearest_are_listed_and_marked_when_outside(
    client: FlaskClient, add_listing, inside: int
) -> None:
    nearby = [add_listing(f"Near {number}", 1 + number / 10).slug for number in range(inside)]
    outside = [add_listing(f"Far {number}", 40 + number).slug for number in range(12)]
    page = client.get("/providers?near=80021&within=10")
    assert listed_slugs(page) == nearby + outside[: max(0, 10 - inside)]
    assert visible_text(page).count("Farther than 10 miles") == max(0, 10 - inside)
    told = answered(client, near="80021", within="10")
    assert [found["outside_radius"] for found in told] == [False] * inside + [True] * max(0, 10 - inside)


def test_3_nearest_first_truly_in_miles_and_not_in_degrees(
    client: FlaskClient, session: Session, provider: Account, zip_center: Point
) -> None:
    """A degree of longitude is shorter than one of latitude: who orders by degrees puts the wrong one first."""
    spots = [
        Point(zip_center.lat + north / 69, zip_center.lon + east / 53)
        for north in range(-9, 10, 3)
        for east in range(-9, 10, 2)
    ]
    for spot in spots:
        make_listing(session, provider, addresses=(make_address(place=make_place(spot)),))
    session.commit()
    found, address = [], "/api/v1/providers?near=80021&within=25"
    while address:
        body = client.get(address).get_json()
        found += body["providers"]
        address = body["next"]
    assert len(found) == len(spots)
    truly = [
        great_circle((zip_center.lat, zip_center.lon), (one["location"]["lat"], one["location"]["lon"])).miles
        for one in found
    ]
    # The interface rounds a point to about a yard.
    assert truly == pytest.approx(sorted(truly), abs=0.001)
    assert [one["miles"] for one in found] == pytest.approx(truly, abs=0.1)
    by_degrees = [
        abs(one["location"]["lat"] - zip_center.lat) + abs(one["location"]["lon"] - zip_center.lon) for one in found
    ]
    assert by_degrees != sorted(by_degrees), "the spots would not tell the two orders apart"


@pytest.mark.parametrize("near", NO_PLACES)
def test_4_an_invalid_place_never_returns_everything(client: FlaskClient, add_listing, near: str) -> None:
    made = add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    for address in ("/providers", "/api/v1/providers", "/api/v1/providers.geojson"):
        for more in ("", "&within=any", "&badge=1"):
            answer = client.get(f"{address}?near={quote(near)}{more}")
            assert answer.status_code == 422, address
            assert made.slug not in answer.text
            assert "Any Clinic" not in answer.text


@pytest.mark.parametrize("near", ["Cape Cod", "cape cod", "Cape Cod, MA"])
def test_5_cape_cod_is_in_massachusetts(client: FlaskClient, session: Session, provider: Account, near: str) -> None:
    place = placed(client, near)
    assert place.state == "MA"
    hyannis, cod_in_carolina = Point(41.6525, -70.2881), Point(35.2, -75.7)
    for name, spot in (("In Hyannis", hyannis), ("Elsewhere", cod_in_carolina)):
        make_listing(session, provider, name=name, addresses=(make_address(place=make_place(spot)),))
    session.commit()
    (first, *_) = answered(client, near=near)
    assert (first["name"], first["outside_radius"]) == ("In Hyannis", False)


def test_8_the_same_provider_is_not_listed_twice(client: FlaskClient, add_listing, zip_center: Point) -> None:
    spots = [make_place(Point(zip_center.lat + number / 200, zip_center.lon)) for number in range(20)]
    made = add_listing(
        "Many Places", addresses=tuple(make_address(line1=f"{n} Street", place=place) for n, place in enumerate(spots))
    )
    other = add_listing("One Place", 3)
    for within in ("5", "25", "any"):
        page = client.get(f"/providers?near=80021&within={within}")
        assert listed_slugs(page) == [made.slug, other.slug]
        assert "2 providers" in visible_text(page)
        assert [found["slug"] for found in answered(client, near="80021", within=within)] == [made.slug, other.slug]


def test_8_the_same_npi_is_not_listed_twice(as_provider: Browser, provider: Account, session: Session) -> None:
    make_listing(session, provider, npi="1234567893")
    session.commit()
    entry = {
        "kind": "person", "name": "Ann Again", "npi": "1234567893", "addresses-0-line1": "403 Summit Boulevard",
        "addresses-0-city": "Broomfield", "addresses-0-state": "CO", "addresses-0-postal_code": "80021",
    }  # fmt: skip
    page = as_provider.press(as_provider.open("/portal/listings/new"), "Save and continue", entry)
    assert page.status == 409
    assert session.query(Listing).count() == 1


def test_9_a_changed_address_gets_new_coordinates(
    as_provider: Browser, client: FlaskClient, provider: Account, reviewer: Account, session: Session
) -> None:
    """Changed in the form, with the coordinates of the old address in the database."""
    made = make_listing(session, provider, npi="1234567893", state=ListingState.DRAFT)
    session.commit()
    before = (made.locations[0].lat, made.locations[0].lon)
    moved = {
        "addresses-0-line1": "1 Fifth Avenue", "addresses-0-city": "New York", "addresses-0-state": "NY",
        "addresses-0-postal_code": "10003",
    }  # fmt: skip
    page = as_provider.press(as_provider.open(f"/portal/listings/{made.id}/edit"), "Save and continue", moved)
    assert page.status == 200
    as_provider.press(as_provider.open(f"/portal/listings/{made.id}"), "Submit for publication")
    session.expire_all()
    assert (made.locations[0].lat, made.locations[0].lon) != before
    decide_listing(
        session, made, Move.PUBLISH, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets(), reason="It moved."
    )
    session.commit()
    assert listed_slugs(client.get("/providers?near=10003&within=5")) == [made.slug]
    assert "Farther than 250 miles" in visible_text(client.get("/providers?near=80021&within=250"))


def links(text: str) -> Iterator[str]:
    for address in re.findall(r'(?:href|action|src|data-[a-z]+)="([^"]*)"', text):
        if address.startswith(("/", "http", "?")):
            yield address.replace("&amp;", "&")


@pytest.mark.parametrize("near", ["80021", "Broomfield, CO", "403 Summit Blvd, Broomfield, CO 80021"])
def test_10_a_filtered_list_can_be_shared_without_telling_where_i_am(
    client: FlaskClient, add_listing, near: str
) -> None:
    """Every address on the page carries the ZIP or the place as it was typed, no point and no street."""
    for number in range(25):
        add_listing(f"Clinic {number}", 1 + number / 2, answers=MATCHING_ANSWERS)
    address = f"/providers?near={quote(near)}&within=25&badge=1&imaging=fluoroscopy"
    page = client.get(address, follow_redirects=True)
    assert len(listed_slugs(page)) == 20
    places = [parse_qs(urlsplit(address).query).get("near", []) for address in links(page.text)]
    assert {place for given in places for place in given} <= {near.partition("Blvd, ")[2] or near, "80021"}
    (onwards,) = re.findall(r'href="([^"]*)" rel="next"', page.text)
    shared = client.get(onwards.replace("&amp;", "&"))
    assert len(listed_slugs(shared)) == 5
    assert "25 providers" in visible_text(shared)


def test_10_who_searches_from_where_they_are_has_nothing_in_the_address_at_all(
    client: FlaskClient, add_listing
) -> None:
    add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    page = client.post("/providers/near-me", data={"lat": "39.9012345", "lon": "-105.1234567", "badge": "1"})
    assert page.status_code == 200
    for address in links(page.text):
        assert not re.search(r"\d+\.\d+,\s*-?\d+\.\d+", address), address
        assert "39.9" not in address
        assert "105.1" not in address
