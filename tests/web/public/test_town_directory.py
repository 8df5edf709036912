"""What pages for people who browse promise: the list of a search, the same for everybody, and only where it helps."""

import random
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_address, make_listing, make_place
from support.page_text import listed_slugs, visible_text

from directory import clock
from directory.accounts.tables import Account
from directory.geocoding.browse import town_slug
from directory.geocoding.gazetteer import Gazetteer
from directory.geography.point import Point, miles_between
from directory.listings.lifecycle import ListingState
from directory.search.index import NEAR_MILES, SearchIndex

TOWN = "/near/co/broomfield"


@pytest.fixture
def gazetteer(app: Flask) -> Gazetteer:
    found: Gazetteer = app.extensions["directory"].gazetteer
    return found


@pytest.fixture
def index(app: Flask) -> SearchIndex:
    found: SearchIndex = app.extensions["directory"].index
    return found


def links(page: Any) -> list[str]:
    return re.findall(r'href="(/near/[^"]+)"', page.text.partition("<main")[2])


def test_it_is_the_list_that_a_search_gives(client: FlaskClient, add_listing) -> None:
    for number in range(24):
        add_listing(f"Clinic {number:02d}", 1 + number, answers=MATCHING_ANSWERS if number % 2 else None)
    page = client.get(TOWN)
    search = client.get(f"/providers?near=Broomfield, CO&within={NEAR_MILES:g}")
    assert page.status_code == 200
    assert listed_slugs(page) == listed_slugs(search)
    assert len(listed_slugs(page)) == 20
    total = visible_text(search).partition(" providers within")[0].split()[-1]
    assert f"{total} providers within 25 miles of Broomfield, CO" in visible_text(page)


def test_it_leads_to_the_full_search_and_up_and_around(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get(TOWN)
    assert 'href="/providers?near=Broomfield%2C+CO&amp;within=25"' in page.text
    around = links(page)
    assert {"/near/co", "/near/co/denver"} <= set(around)
    for address in around:
        assert client.get(address).status_code == 200, address


def test_who_is_too_far_is_marked_and_search_engines_need_not_keep_the_page(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get("/near/co/durango")
    assert "No one is listed within 25 miles of Durango, CO." in visible_text(page)
    assert "Farther than 25 miles" in visible_text(page)
    assert 'content="noindex"' in page.text
    assert 'content="noindex"' not in client.get(TOWN).text


def test_an_empty_directory_is_no_dead_end(client: FlaskClient) -> None:
    for address in ("/near", "/near/co", TOWN):
        page = client.get(address)
        assert page.status_code == 200
        assert 'href="/questions"' in page.text.partition("<main")[2].partition("</main")[0]
        assert 'content="noindex"' in page.text


@pytest.mark.parametrize(
    "address",
    [
        "/near/xx",
        "/near/xx/broomfield",
        "/near/co/nowhere",
        "/near/co/80021",
        "/near/al/hollywood",
        "/near/co/%00",
        "/near/c%00",
        "/near/co/broomfield/east",
        "/near/co/" + "a" * 3000,
        "/near/%F0%9F%92%A5/x",
    ],
)
def test_unknown_places_are_not_there(client: FlaskClient, add_listing, address: str) -> None:
    add_listing("Any Clinic")
    page = client.get(address)
    assert page.status_code == 404
    assert page.headers["Cache-Control"] == "private, no-store"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=st.text(max_size=4), town=st.text(max_size=40))
def test_no_address_breaks_it(client: FlaskClient, state: str, town: str) -> None:
    asked = "/".join(quote(part, safe="", errors="surrogatepass") for part in (state, town))
    assert client.get(f"/near/{asked}").status_code in {200, 301, 308, 404}


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("/near/CO", "/near/co"),
        ("/near/CO/Broomfield", TOWN),
        ("/near/co/BROOMFIELD", TOWN),
        ("/near/mo/st-louis", "/near/mo/saint-louis"),
    ],
)
def test_other_spellings_lead_to_the_one_address(client: FlaskClient, typed: str, address: str) -> None:
    answer = client.get(typed)
    assert (answer.status_code, answer.headers["Location"]) == (301, address)


@pytest.mark.parametrize("address", ["/near", "/near/co", TOWN])
def test_each_names_its_one_address(client: FlaskClient, app: Flask, add_listing, address: str) -> None:
    add_listing("Any Clinic")
    base = app.extensions["directory"].settings.base_url
    assert f'<link rel="canonical" href="{base}{address}">' in client.get(f"{address}?utm=x").text


def test_a_copy_may_be_kept_a_minute_and_is_asked_for_by_its_tag(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    page = client.get(TOWN)
    assert page.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert "Set-Cookie" not in page.headers
    assert "Cookie" not in page.headers.get("Vary", "")
    again = client.get(TOWN, headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_no_copy_outlives_a_badge_on_it(client: FlaskClient, add_listing) -> None:
    add_listing("Lasting Clinic", 1.0, answers=MATCHING_ANSWERS)
    add_listing("Over Clinic", 2.0, answers=MATCHING_ANSWERS, signed_at=clock.now() - timedelta(days=500))
    add_listing(
        "Ending Clinic",
        3.0,
        answers=MATCHING_ANSWERS,
        signed_at=clock.now() - timedelta(days=365) + timedelta(seconds=30),
    )
    kept = client.get(TOWN).headers["Cache-Control"]
    assert 0 <= int(kept.removeprefix("public, max-age=").removesuffix(", must-revalidate")) <= 30


def test_it_is_the_same_for_everybody(client: FlaskClient, as_provider, add_listing) -> None:
    add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    assert as_provider.client.get(TOWN).data == client.get(TOWN).data


@pytest.mark.parametrize(
    "state",
    [ListingState.DRAFT, ListingState.SUBMITTED, ListingState.SUSPENDED, ListingState.REJECTED, ListingState.RETIRED],
)
def test_towns_are_offered_for_nobody_who_is_not_public(client: FlaskClient, add_listing, state: ListingState) -> None:
    add_listing("Hidden Clinic", state=state)
    assert links(client.get("/near")) == []
    assert "Hidden Clinic" not in client.get(TOWN).text


def test_only_where_somebody_is_near_is_offered(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    assert set(links(client.get("/near"))) == {"/near/co"}
    offered = links(client.get("/near/co"))
    assert "/near/co/broomfield" in offered
    assert "/near/co/durango" not in offered
    assert len(offered) == len(set(offered))


@pytest.mark.parametrize("count", [1, 9, 60])
def test_towns_are_offered_exactly_where_a_listing_is_near(
    client: FlaskClient, session: Session, provider: Account, gazetteer: Gazetteer, index: SearchIndex, count: int
) -> None:
    chance = random.Random(count)
    spots = [Point(chance.uniform(36.5, 41.5), chance.uniform(-109.5, -101.5)) for _ in range(2 * count)]
    for few in range(0, len(spots), 2):
        # Two addresses each, often far apart.
        addresses = tuple(make_address(place=make_place(spot)) for spot in spots[few : few + 2])
        make_listing(session, provider, addresses=addresses)
    session.commit()
    index.rebuild(session)
    near = [
        town for town in gazetteer.all_towns() if min(miles_between(town.point, spot) for spot in spots) <= NEAR_MILES
    ]
    assert set(links(client.get("/near"))) == {f"/near/{town.state.lower()}" for town in near if town.state}
    offered = {f"/near/co/{town_slug(town)}" for town in near if town.state == "CO"}
    assert set(links(client.get("/near/co"))) == offered


def test_all_towns_cost_no_search(
    client: FlaskClient, add_listing, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_listing("Any Clinic")
    monkeypatch.setattr(index, "find", None)
    for address in ("/near", "/near/co"):
        assert links(client.get(address))
