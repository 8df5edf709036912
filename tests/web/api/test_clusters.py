"""The groups of the map: who is counted where, how a group is called, who is in it, and what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session
from support.factories import (
    MATCHING_ANSWERS,
    NOW,
    make_account,
    make_address,
    make_attestation,
    make_listing,
    make_place,
)
from werkzeug.test import TestResponse

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.geography.point import Point
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

COLORADO = "-109.1,36.9,-102.0,41.1"
AURORA = Point(39.7084, -104.8123)
FARMINGTON = Point(41.7329, -72.8311)
AS_MANY = 150
"""As are listed at one address of Farmington, Connecticut."""

Put = Callable[..., Listing]


@pytest.fixture
def owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER)


@pytest.fixture
def add_listing(session: Session, owner: Account) -> Put:
    """Lists a provider at these points."""

    def listed(*points: Point, **facts: Any) -> Listing:
        return make_listing(
            session, owner, addresses=[make_address(place=make_place(point)) for point in points], **facts
        )

    return listed


def conforms(client: FlaskClient, answer: TestResponse, schema: str) -> Any:
    description = client.get("/api/v1/openapi.json").get_json()
    assert answer.status_code == 200, answer.text
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", **description}).validate(answer.get_json())
    return answer.get_json()


def groups(client: FlaskClient, bbox: str = COLORADO, zoom: int = 6, **filters: str) -> list[dict[str, Any]]:
    query = {"bbox": bbox, "zoom": str(zoom), **filters}
    found: list[dict[str, Any]] = conforms(client, client.get("/api/v1/clusters", query_string=query), "Clusters")[
        "clusters"
    ]
    return found


def members(client: FlaskClient, address: str) -> dict[str, Any]:
    answer: dict[str, Any] = conforms(client, client.get(address), "Members")
    return answer


def of(group: dict[str, Any]) -> str:
    """Where the members of a group are asked for."""
    return f"/api/v1/clusters/providers?bbox={','.join(map(str, group['bbox']))}"


def test_a_group_is_counted_and_named_after_its_town(client: FlaskClient, session: Session, add_listing: Put) -> None:
    for _ in range(14):
        add_listing(AURORA)
    session.commit()
    [group] = groups(client)
    assert (group["count"], group["name"], group["place"]) == (14, "14 providers near Aurora, CO", "Aurora, CO")
    assert (group["slug"], group["badge"]) == (None, None)
    west, south, east, north = group["bbox"]
    assert west <= AURORA.lon <= east
    assert south <= AURORA.lat <= north


@pytest.mark.parametrize(("answers", "badge"), [(MATCHING_ANSWERS, True), (None, False)])
def test_one_alone_goes_by_its_own_name(
    client: FlaskClient, session: Session, add_listing: Put, answers: Any, badge: bool
) -> None:
    made = add_listing(AURORA, name="Ada Example")
    if answers:
        make_attestation(session, made, answers=answers)
    session.commit()
    [group] = groups(client)
    assert (group["name"], group["slug"], group["badge"], group["count"]) == ("Ada Example", made.slug, badge, 1)
    assert (group["lat"], group["lon"]) == (AURORA.lat, AURORA.lon)


def test_an_expired_badge_is_no_badge(client: FlaskClient, session: Session, add_listing: Put) -> None:
    make_attestation(session, add_listing(AURORA), now=NOW - timedelta(days=800))
    session.commit()
    assert groups(client)[0]["badge"] is False
    assert groups(client, badge="1") == []


def test_a_listing_with_two_locations_in_a_group_counts_once(
    client: FlaskClient, session: Session, add_listing: Put
) -> None:
    add_listing(AURORA, AURORA, name="Ada Example")
    session.commit()
    assert [(group["name"], group["count"]) for group in groups(client)] == [("Ada Example", 1)]


def test_each_place_is_counted_where_it_is(client: FlaskClient, session: Session, add_listing: Put) -> None:
    add_listing(AURORA, FARMINGTON)
    session.commit()
    assert [group["count"] for group in groups(client)] == [1]
    whole = groups(client, "-130,20,-60,55", 3)
    assert sum(group["count"] for group in whole) == 2


def test_coming_nearer_tells_groups_apart_and_loses_nobody(
    client: FlaskClient, session: Session, add_listing: Put
) -> None:
    for step in range(6):
        add_listing(Point(AURORA.lat + step / 50, AURORA.lon))
    session.commit()
    near = "-104.9,39.7,-104.7,39.9"
    far, close = groups(client, "-110,35,-100,45", 5), groups(client, near, 11)
    assert sum(group["count"] for group in far) == sum(group["count"] for group in close) == 6
    assert len(close) > len(far)


def test_filters_are_those_of_the_list(client: FlaskClient, session: Session, add_listing: Put) -> None:
    make_attestation(session, add_listing(AURORA, name="With Badge"))
    add_listing(AURORA, name="Without")
    session.commit()
    assert [group["count"] for group in groups(client)] == [2]
    assert [group["name"] for group in groups(client, badge="1")] == ["With Badge"]
    assert groups(client, imaging="ct") == []


def test_a_group_says_how_many_of_its_listings_show_the_badge(
    client: FlaskClient, session: Session, add_listing: Put
) -> None:
    for number in range(5):
        made = add_listing(AURORA, Point(AURORA.lat + 0.001, AURORA.lon))
        if number < 2:
            make_attestation(session, made)
    session.commit()
    [group] = groups(client)
    assert (group["count"], group["badge_count"], group["complete"]) == (5, 2, True)
    assert groups(client, badge="1")[0]["badge_count"] == 2


@pytest.mark.parametrize("state", [state for state in ListingState if state is not ListingState.PUBLISHED])
def test_what_is_not_published_is_in_no_group(
    client: FlaskClient, session: Session, add_listing: Put, state: ListingState
) -> None:
    add_listing(AURORA, state=state)
    session.commit()
    assert groups(client) == []


def test_a_view_across_the_antimeridian_sees_both_sides(
    client: FlaskClient, session: Session, add_listing: Put
) -> None:
    for lon in (179.5, -179.5, 0.0):
        add_listing(Point(51.9, lon))
    session.commit()
    across = groups(client, "179,51,-179,53", 7)
    assert sorted(group["lon"] for group in across) == [-179.5, 179.5]
    assert len(members(client, "/api/v1/clusters/providers?bbox=179,51.5,-179,52.2")["providers"]) == 2


def test_everybody_at_one_address_is_listed(client: FlaskClient, session: Session, add_listing: Put) -> None:
    for number in range(AS_MANY):
        add_listing(FARMINGTON, name=f"Example {number:03d}")
    add_listing(Point(FARMINGTON.lat + 0.01, FARMINGTON.lon), name="Next Door")
    session.commit()
    [group] = groups(client, "-72.84,41.725,-72.82,41.738", 16)
    assert group["count"] == AS_MANY
    assert group["name"] == f"{AS_MANY} providers near Farmington, CT"
    names: list[str] = []
    address: str | None = of(group)
    while address:
        page = members(client, address)
        names += [one["name"] for one in page["providers"]]
        address = page["next"]
    assert sorted(names) == [f"Example {number:03d}" for number in range(AS_MANY)]


def test_members_are_filtered_and_never_from_next_door(client: FlaskClient, session: Session, add_listing: Put) -> None:
    make_attestation(session, add_listing(AURORA, name="With Badge"))
    add_listing(AURORA, name="Without")
    make_attestation(session, add_listing(Point(AURORA.lat + 0.02, AURORA.lon), name="Next Door"))
    session.commit()
    around = "/api/v1/clusters/providers?bbox=-104.82,39.7,-104.8,39.71"
    assert [one["name"] for one in members(client, around)["providers"]] == ["With Badge", "Without"]
    [only] = members(client, f"{around}&badge=1")["providers"]
    assert (only["name"], only["badge"]) == ("With Badge", True)


def test_nobody_there_is_an_empty_answer(client: FlaskClient) -> None:
    assert groups(client) == []
    assert members(client, "/api/v1/clusters/providers?bbox=-104.82,39.7,-104.8,39.71") == {
        "providers": [],
        "next": None,
    }


@pytest.mark.parametrize(
    ("bbox", "zoom", "parameter", "words"),
    [
        ("", "6", "bbox", "west,south,east,north"),
        ("1,2,3", "6", "bbox", "west,south,east,north"),
        ("1,2,3,4,5", "6", "bbox", "west,south,east,north"),
        ("a,b,c,d", "6", "bbox", "west,south,east,north"),
        ("1,2,nan,4", "6", "bbox", "west,south,east,north"),
        ("1,2,1e3,4", "6", "bbox", "west,south,east,north"),
        ("1,2,٣,4", "6", "bbox", "west,south,east,north"),
        ("1,2,3,4" + "0" * 5000, "6", "bbox", "west,south,east,north"),
        ("-181,39,-104,40", "6", "bbox", "-180 and 180"),
        ("-105,39,-104,91", "6", "bbox", "-90 and 90"),
        ("-105,40,-104,39", "6", "bbox", "below its north"),
        (COLORADO, "", "zoom", "whole number from 0 to 24"),
        (COLORADO, "-1", "zoom", "whole number from 0 to 24"),
        (COLORADO, "25", "zoom", "whole number from 0 to 24"),
        (COLORADO, "6.5", "zoom", "whole number from 0 to 24"),
        (COLORADO, "six", "zoom", "whole number from 0 to 24"),
        (COLORADO, "10", "bbox", "at most 32 map tiles"),
        ("-180,-90,180,90", "3", "bbox", "at most 32 map tiles"),
        ("0,0,180,0", "24", "bbox", "at most 32 map tiles"),
        ("170,51,-170,53", "9", "bbox", "at most 32 map tiles"),
    ],
)
def test_a_bad_view_is_refused_in_a_sentence(
    client: FlaskClient, bbox: str, zoom: str, parameter: str, words: str
) -> None:
    answer = client.get("/api/v1/clusters", query_string={"bbox": bbox, "zoom": zoom})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    [error] = answer.get_json()["errors"]
    assert error["parameter"] == parameter
    assert words in error["detail"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("bbox=1,2,3,4&bbox=1,2,3,4&zoom=6", "bbox"),
        ("bbox=1,2,3,4&zoom=6&zoom=7", "zoom"),
        ("bbox=1,2,3,4&zoom=6&badge=yes", "badge"),
        ("bbox=1,2,3,4&zoom=6&imaging=mri", "imaging"),
        ("bbox=1,2,3,4&zoom=6&imaging=ct&imaging=ct", "imaging"),
    ],
)
def test_a_bad_filter_is_refused_by_its_name(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"/api/v1/clusters?{query}")
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.get_json()["errors"]] == [parameter]


@pytest.mark.parametrize("bbox", ["", "-110,30,-100,40", "-180,-90,180,90", "1,2,3"])
def test_a_box_that_is_no_group_is_not_listed(client: FlaskClient, bbox: str) -> None:
    answer = client.get("/api/v1/clusters/providers", query_string={"bbox": bbox})
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.get_json()["errors"]] == ["bbox"]


def test_what_a_patient_looks_at_is_kept_by_nobody(client: FlaskClient) -> None:
    for address in (f"/api/v1/clusters?bbox={COLORADO}&zoom=6", f"/api/v1/clusters/providers?bbox={1},{2},{1.1},{2.1}"):
        assert client.get(address).headers["Cache-Control"] == "private, no-store"


def test_a_coarse_point_is_told_by_its_town(client: FlaskClient) -> None:
    places = client.get("/api/v1/places?q=39.70,-104.80").get_json()["places"]
    assert [place["precision"] for place in places] == ["point", "city"]
    assert places[1]["label"] == "Aurora, CO"
    assert [place["precision"] for place in client.get("/api/v1/places?q=51.50,-0.10").get_json()["places"]] == [
        "point"
    ]
