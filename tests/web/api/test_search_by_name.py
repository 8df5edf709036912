"""A search without a place: by name, in the whole directory."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session
from support.factories import make_account, make_address, make_listing, make_place
from werkzeug.test import TestResponse

from directory.accounts.policy import Role
from directory.geography.point import Point


def conforms(client: FlaskClient, answer: TestResponse, schema: str) -> Any:
    """The body, after it was held against the interface's own description."""
    description = client.get("/api/v1/openapi.json").get_json()
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", **description}).validate(answer.get_json())
    return answer.get_json()


def refused(client: FlaskClient, answer: TestResponse, status: int) -> list[dict[str, str]]:
    """The errors of a refusal, after its shape was checked."""
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    errors: list[dict[str, str]] = conforms(client, answer, "Problem")["errors"]
    return errors


def test_without_a_place_a_name_is_searched_everywhere(client: FlaskClient, session: Session) -> None:
    owner = make_account(session, Role.PROVIDER)
    for number in range(45):
        place = make_place(Point(30.0 + number / 3, -100.0))
        make_listing(session, owner, name=f"Hazelgrove {number:02}", addresses=(make_address(place=place),))
    make_listing(session, owner, name="Somebody Else")
    session.commit()
    names: list[str] = []
    address: str | None = "/api/v1/providers?q=hazelgrove"
    while address:
        body = conforms(client, client.get(address), "Providers")
        assert (body["place"], body["within_miles"], body["total"], body["complete"]) == (None, None, 45, True)
        assert {(one["miles"], one["outside_radius"]) for one in body["providers"]} == {(None, None)}
        assert body["facets"]["kind"] == {"person": 45}
        names += [one["name"] for one in body["providers"]]
        address = body["next"]
    assert sorted(names) == [f"Hazelgrove {number:02}" for number in range(45)]
    features = conforms(client, client.get("/api/v1/providers.geojson?q=hazelgrove"), "Features")["features"]
    assert len(features) == 45


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("badge=1", "near"), ("q=%20", "near"), ("q=smith&after=2.5,7", "after"), ("q=smith&within=4", "within")],
)
def test_a_search_by_name_needs_a_name_and_has_no_distances(client: FlaskClient, query: str, parameter: str) -> None:
    errors = refused(client, client.get(f"/api/v1/providers?{query}"), 422)
    assert [error["parameter"] for error in errors] == [parameter]
