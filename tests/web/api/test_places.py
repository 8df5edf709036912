"""The places that the machine interface answers for a text."""

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("80021", "postal"),
        ("Denver, CO", "city"),
        ("9035 Wadsworth Pkwy #1000, Westminster, CO 80021", "postal"),
        ("39.9,-105.1", "point"),
        ("broomf", "city"),
    ],
)
def test_places_are_answered_best_first(client: FlaskClient, text: str, first: str) -> None:
    description = client.get("/api/v1/openapi.json").get_json()
    answer = client.get("/api/v1/places", query_string={"q": text}).get_json()
    Draft202012Validator({"$ref": "#/components/schemas/Places", **description}).validate(answer)
    places = answer["places"]
    assert places[0]["precision"] == first
    assert places[0]["state"] == "CO"


@pytest.mark.parametrize("text", ["", " ", "zzzzqqqq"])
def test_unknown_places_are_an_empty_list(client: FlaskClient, text: str) -> None:
    assert client.get("/api/v1/places", query_string={"q": text}).get_json() == {"places": []}
