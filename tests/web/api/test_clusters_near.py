"""The map counts only the circle of a search where it is told the place and the distance."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_account, make_address, make_listing, make_place

from directory.accounts.policy import Role
from directory.geography.point import Point
from directory.listings.tables import Listing

AURORA = Point(39.7084, -104.8123)

Put = Callable[..., Listing]


@pytest.fixture
def add_listing(session: Session) -> Put:
    """Lists a provider at a point."""
    owner = make_account(session, Role.PROVIDER)

    def listed(point: Point, **facts: Any) -> Listing:
        return make_listing(session, owner, addresses=[make_address(place=make_place(point))], **facts)

    return listed


def counted(client: FlaskClient, **asked: str) -> int:
    query = {"bbox": "-109.1,36.9,-102.0,42.1", "zoom": "6", **asked}
    groups = client.get("/api/v1/clusters", query_string=query).get_json()["clusters"]
    return sum(group["count"] for group in groups)


def test_near_counts_only_the_circle_of_the_search(client: FlaskClient, session: Session, add_listing: Put) -> None:
    for step in range(8):
        add_listing(Point(AURORA.lat + step / 4, AURORA.lon))
    session.commit()
    asked = {"near": f"{AURORA.lat},{AURORA.lon}"}
    for within in ("25", "50", "100", "any"):
        listed = client.get("/api/v1/providers", query_string={**asked, "within": within}).get_json()
        assert counted(client, **asked, within=within) == listed["total"], within
    assert counted(client, **asked) == 3, "50 miles, as the form has it"
    assert counted(client, within="25") == 8, "a distance from nowhere"


def test_the_list_of_a_group_has_only_the_circle_too(client: FlaskClient, session: Session, add_listing: Put) -> None:
    for step in range(3):
        add_listing(Point(AURORA.lat + step / 10, AURORA.lon), name=f"Example {step}")
    session.commit()
    box = "/api/v1/clusters/providers?bbox=-104.9,39.6,-104.7,40.0"
    assert len(client.get(box).get_json()["providers"]) == 3
    inside = client.get(f"{box}&near={AURORA.lat},{AURORA.lon}&within=10").get_json()["providers"]
    assert [one["name"] for one in inside] == ["Example 1", "Example 0"]


@pytest.mark.parametrize("path", ["clusters?zoom=6&", "clusters/providers?"])
@pytest.mark.parametrize(
    ("query", "parameter"),
    [("near=zzqqxx", "near"), ("near=Springfield", "near"), ("near=80021&within=4", "within"), ("within=x", "within")],
)
def test_a_place_is_refused_as_in_a_search(client: FlaskClient, path: str, query: str, parameter: str) -> None:
    answer = client.get(f"/api/v1/{path}bbox=-105,39,-104,40&{query}")
    in_a_search = client.get(f"/api/v1/providers?{query if 'near' in query else f'near=80021&{query}'}")
    assert answer.status_code == in_a_search.status_code == 422
    assert [error["parameter"] for error in answer.get_json()["errors"]] == [parameter]
    assert answer.get_json() == in_a_search.get_json()
