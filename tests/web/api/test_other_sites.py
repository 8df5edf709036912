"""What other sites may do with the API: read it from their pages, and on which terms."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("providers?near=80021", 200),
        ("providers?near=zzqqxx", 422),
        ("clusters?bbox=-109,36,-102,41&zoom=6", 200),
        ("openapi.json", 200),
        ("providers/nobody", 404),
        ("nothing", 404),
    ],
)
def test_scripts_of_any_site_may_read(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("address", ["/", "/providers?near=80021", "/api/docs", "/healthz"])
def test_pages_are_not_read_by_scripts_of_other_sites(client: FlaskClient, address: str) -> None:
    assert "Access-Control-Allow-Origin" not in client.get(address).headers


def test_what_is_posted_is_not_for_scripts_of_other_sites(client: FlaskClient) -> None:
    answer = client.post("/api/v1/assess", json={"ruleset": "bma-2021.1", "answers": {}})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_description_says_on_what_terms_the_data_may_be_used(client: FlaskClient) -> None:
    said = client.get("/api/v1/openapi.json").get_json()["info"]["description"]
    for words in ("self-certified", "name the operator", "do not call them verified", "GeoNames (CC BY 4.0)"):
        assert words in said
        assert words in client.get("/api/docs").get_data(as_text=True)
