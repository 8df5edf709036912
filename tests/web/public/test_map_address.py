"""Where the map of a list asks for the groups around it: the filters go along, and the place never does."""

import html
import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

FILTERS = "badge=1&imaging=ct&q=spine+center&sites=5&accepting=1"


def more(page: TestResponse) -> str:
    found = re.search(r'data-more="([^"]*)"', page.text)
    assert found, "the map asks nowhere"
    return html.unescape(found[1])


def test_without_filters_the_map_asks_for_everybody(client: FlaskClient) -> None:
    assert more(client.get("/providers?near=80021&within=25&page=1")) == "/api/v1/clusters?"


@pytest.mark.parametrize("place", ["80021", "Denver, CO"])
def test_the_filters_of_the_list_are_those_of_the_map(client: FlaskClient, place: str) -> None:
    address = more(client.get("/providers", query_string=f"near={place}&within=any&{FILTERS}"))
    asked = set(address.removeprefix("/api/v1/clusters?").split("&"))
    assert asked == set(FILTERS.split("&"))


def test_a_position_stands_in_no_address_of_the_map(client: FlaskClient) -> None:
    page = client.post("/providers/near-me", data={"lat": "39.90", "lon": "-105.10", "within": "25", "badge": "1"})
    assert more(page) == "/api/v1/clusters?badge=1"


def test_what_the_map_asks_for_is_answered(client: FlaskClient) -> None:
    address = more(client.get(f"/providers?near=80021&{FILTERS}"))
    assert client.get(f"{address}&bbox=-105.5,39.5,-104.5,40.2&zoom=9").get_json() == {"clusters": []}


def test_no_log_says_what_was_searched_or_which_part_of_the_map_was_read(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    ranges = {"Range": "bytes=80021-80085"}
    for path in ("/providers?near=80021", "/api/v1/clusters?bbox=-80021,1,2,3&zoom=9", "/map/basemap.pmtiles"):
        assert client.get(path, headers=ranges, buffered=True).status_code in {200, 206, 422}

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(app.extensions["directory"].gazetteer, "look_up", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    assert client.get("/providers?near=80021", headers=ranges).status_code == 500
    assert "a fault of ours" in caplog.text
    assert "80021" not in caplog.text
