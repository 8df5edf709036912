"""A filter is declared once: one more entry of `FILTERS` is on the form, in the API and in the facets."""

import pytest
from flask.testing import FlaskClient
from support.page_text import listed_slugs, visible_text

from directory.search import filters
from directory.search.filter_types import Filter

NEAR = "near=80021"


@pytest.fixture
def extra_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Filter(
        name="town",
        label="Town",
        description="Those with an address in this town.",
        choices={"broomfield": "Broomfield", "boise": "Boise"},
        field="city",
        values=lambda city: (city.casefold(),),
        chosen="In {}",
    )
    university = Filter(
        name="university",
        label="At a university",
        description="1 for practices of a university.",
        choices={"1": "At a university"},
        field="practice",
        values=lambda practice: ("1",) if "University" in practice else (),
        more=False,
    )
    monkeypatch.setattr(filters, "FILTERS", (*filters.FILTERS, town, university))


@pytest.mark.usefixtures("extra_filters")
def test_a_new_filter_is_everywhere(client: FlaskClient, add_listing) -> None:
    teaching = add_listing("Teaching Clinic", 1, practice="State University")
    private = add_listing("Private Clinic", 2, practice="Private Practice")

    page = client.get(f"/providers?{NEAR}")
    assert '<option value="broomfield">Broomfield (2)</option>' in page.text
    assert '<option value="boise">Boise (0)</option>' in page.text
    assert "At a university (1)" in visible_text(page)
    assert listed_slugs(page) == [teaching.slug, private.slug]

    only = client.get(f"/providers?{NEAR}&university=1&town=broomfield")
    assert listed_slugs(only) == [teaching.slug]
    assert "In Broomfield" in visible_text(only)
    assert "Without “In Boise” there would be 2" in visible_text(client.get(f"/providers?{NEAR}&town=boise"))

    body = client.get(f"/api/v1/providers?{NEAR}").get_json()
    assert (body["facets"]["town"], body["facets"]["university"]) == ({"broomfield": 2}, {"1": 1})
    narrowed = client.get(f"/api/v1/providers?{NEAR}&university=1").get_json()
    assert [one["slug"] for one in narrowed["providers"]] == [teaching.slug]
    clusters = client.get("/api/v1/clusters?bbox=-109,36,-102,41&zoom=6&university=1").get_json()["clusters"]
    assert [group["slug"] for group in clusters] == [teaching.slug]

    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    for path in ("/api/v1/providers", "/api/v1/clusters", "/api/v1/clusters/providers"):
        described = {one["name"]: one for one in paths[path]["get"]["parameters"]}
        assert described["town"]["schema"] == {"type": "string", "enum": ["broomfield", "boise"]}
        assert "Broomfield" in described["town"]["description"]
        assert "university" in described


@pytest.mark.usefixtures("extra_filters")
def test_a_wrong_value_of_a_new_filter_is_refused_by_its_name(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/providers?{NEAR}&town=denver&university=yes")
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.get_json()["errors"]] == ["town", "university"]
    page = client.get(f"/providers?{NEAR}&town=denver")
    assert page.status_code == 422
    assert "Town must be one of broomfield or boise." in visible_text(page)
