"""A street address never stands in a URL: it is posted, and the page is that of the ZIP or town that was used."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from support.page_text import visible_text

from directory import resources
from directory.config import Settings

STREETS = [
    (
        "9035 Wadsworth Pkwy, Westminster, CO 80021",
        "Westminster, CO 80021",
        "measured from about the middle of ZIP 80021",
    ),
    ("350 5th Ave New York", "New York, NY", "measured from about the middle of New York, NY"),
    ("12 Oak St, Denver, CO", "Denver, CO", "measured from about the middle of Denver, CO"),
]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("typed", "used", "said"), STREETS)
def test_a_street_address_leads_to_the_zip_or_town_that_was_used(
    client: FlaskClient, method: str, typed: str, used: str, said: str
) -> None:
    sent = {"near": typed, "within": "25", "badge": "1"}
    answer = client.get("/providers", query_string=sent) if method == "get" else client.post("/providers", data=sent)
    assert answer.status_code == 303
    address = urlsplit(answer.location)
    assert address.path == "/providers"
    assert parse_qs(address.query) == {"near": [used], "within": ["25"], "badge": ["1"]}
    page = client.get(answer.location)
    assert page.status_code == 200
    assert said in visible_text(page)


@pytest.mark.parametrize("typed", ["80021", "Denver, CO", "Springfield", "nowhere at all", "Tijuana, Mexico", ""])
def test_other_words_are_kept_as_typed(client: FlaskClient, typed: str) -> None:
    answer = client.post("/providers", data={"near": typed})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query).get("near", [""]) == [typed]


def test_a_street_in_an_unknown_town_is_asked_about_without_a_url(client: FlaskClient) -> None:
    answer = client.post("/providers", data={"near": "12 Secret St, Westminter, CO"})
    assert answer.status_code == 422
    assert 'value="12 Secret St, Westminter, CO"' in answer.text
    assert "Secret" not in answer.text.replace('value="12 Secret St, Westminter, CO"', "").partition("<main")[0]
    assert "Westminster, CO" in visible_text(answer)


@pytest.mark.parametrize(
    "typed",
    [
        "12 Secret St, Nowhereville",
        "12 Secret St",
        "12 Secret St, Springfield",
        "Secret Avenue, Nowhereville",
        "39.9,-105.1",
    ],
)
def test_a_street_in_a_url_is_left_out_where_no_one_place_is_found(client: FlaskClient, typed: str) -> None:
    answer = client.get("/providers", query_string={"near": typed, "within": "25"})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query) == {"within": ["25"], "left_out": ["address"]}
    page = client.get(answer.location)
    assert page.status_code == 422
    assert "We could not find that address" in visible_text(page)
    assert "Secret" not in page.text


@pytest.mark.parametrize("typed", ["12 Secret St", "80021 Sec", "N6W23 Bluem", "12 S"])
def test_no_suggestion_is_made_for_what_may_be_a_street(client: FlaskClient, typed: str) -> None:
    assert "option" not in client.get("/suggest", query_string={"q": typed}).text


@pytest.mark.parametrize("typed", ["29 Palms, CA", "Avenue, MD", "Boulevard, CA", "Ninety Six, SC", "Broadway, NC"])
def test_the_label_of_a_town_leads_to_no_redirect_to_itself(client: FlaskClient, typed: str) -> None:
    answer = client.get("/providers", query_string={"near": typed})
    if answer.status_code == 303:
        assert client.get(answer.location).status_code in {200, 422}


def test_the_search_box_is_posted(client: FlaskClient) -> None:
    box = client.get("/").text.partition('role="search"')[2].partition(">")[0]
    assert 'method="post"' in box


def test_a_page_takes_no_coordinates_and_the_machine_interface_does(client: FlaskClient) -> None:
    assert client.post("/providers", data={"near": "39.9,-105.1"}).status_code == 422
    assert client.get("/api/v1/providers?near=39.9,-105.1").get_json()["place"]["precision"] == "point"


def test_what_was_left_out_of_a_text_is_said(client: FlaskClient) -> None:
    assert "We do not know “Broadway” there" in visible_text(client.get("/providers?near=Broadway,+Denver"))
    assert "Showing Broomfield, CO 80021." in visible_text(client.get("/providers?near=8OO21"))


def test_near_me_in_words_leads_to_the_button(client: FlaskClient) -> None:
    page = client.get("/providers?near=near+me")
    assert page.status_code == 422
    assert "press “Near me”" in visible_text(page)


def test_the_sources_of_the_places_are_named(client: FlaskClient) -> None:
    said = visible_text(client.get("/about"))
    assert "U.S. Census Bureau" in said
    assert "GeoNames (CC BY 4.0)" in said
    for source in ("GSHHG is under the LGPL", "us-atlas is under the ISC license", "airportsdata under MIT"):
        assert source in said


def test_the_roads_of_the_operator_are_credited_on_the_map_and_on_about(
    client: FlaskClient, settings: Settings
) -> None:
    outline = json.loads((resources.folder("data") / "outline.json").read_text())
    outline["credits"] += " Made with Natural Earth."
    settings.outline.write_text(json.dumps(outline))
    assert "Made with Natural Earth." in visible_text(client.get("/about"))
    assert "Made with Natural Earth." in visible_text(client.get("/providers?near=80021"))
    settings.outline.unlink()
    assert "Natural Earth" not in visible_text(client.get("/about"))


@pytest.mark.parametrize("typed", ["Tijuana, Mexico", "80021, 80030", "near me", "Nevada", "NY 80202", "APO AE 09012"])
def test_the_machine_interface_refuses_in_the_words_of_the_page(client: FlaskClient, typed: str) -> None:
    answer = client.get("/api/v1/providers", query_string={"near": typed})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.get_json()["detail"] in visible_text(client.get("/providers", query_string={"near": typed}))
