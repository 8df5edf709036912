"""Version 1 of the machine interface: its shapes, its refusals, and that it says what the pages say."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from geojson_pydantic import FeatureCollection
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy.orm import Session
from support.factories import BROOMFIELD, NOW, make_account, make_address, make_attestation, make_listing, make_place
from werkzeug.test import TestResponse

from directory.accounts.policy import Role
from directory.geography.point import Point
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.search.filters import FILTERS

NEAR = "/api/v1/providers?near=80021"


@pytest.fixture
def listing(session: Session) -> Listing:
    """Published in Broomfield, with two locations and answers that match every rule."""
    far = make_address(city="Boise", state="ID", postal_code="83702", place=make_place(Point(43.63, -116.2)))
    made = make_listing(session, make_account(session, Role.PROVIDER), addresses=(make_address(), far))
    make_attestation(session, made)
    session.commit()
    return made


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


def test_the_description_is_valid_openapi(client: FlaskClient) -> None:
    validate(client.get("/api/v1/openapi.json").get_json())


def test_every_described_path_is_served(client: FlaskClient) -> None:
    served = {str(rule.rule).replace("<", "{").replace(">", "}") for rule in client.application.url_map.iter_rules()}
    described = client.get("/api/v1/openapi.json").get_json()["paths"]
    renamed = {path.replace("{ruleset}", "{ruleset_id}") for path in described}
    undescribed = {"/api/v1/openapi.json", "/api/docs"}
    assert renamed == {path for path in served if path.startswith("/api/")} - undescribed | {"/statistics.json"}


def test_providers_come_with_the_place_and_what_they_state(client: FlaskClient, listing: Listing) -> None:
    body = conforms(client, client.get(NEAR), "Providers")
    assert body["place"]["precision"] == "postal"
    assert body["total"] == 1
    assert body["next"] is None
    [provider] = body["providers"]
    assert provider["slug"] == listing.slug
    assert provider["outside_radius"] is False
    assert provider["location"]["city"] == "Broomfield"
    technique = provider["technique"]
    assert technique["grade"] == "right"
    assert technique["badge"] is True
    assert technique["self_attested"] is True
    assert "Self-certified" in technique["words"]
    assert [finding["answer"] for finding in technique["findings"]][:2] == [8, [5, 6]]


def test_the_order_and_the_miles_are_those_of_the_page(client: FlaskClient, session: Session) -> None:
    owner = make_account(session, Role.PROVIDER)
    for step in (3, 1, 2):
        place = make_place(Point(BROOMFIELD.lat + step / 10, BROOMFIELD.lon))
        make_listing(session, owner, name=f"Number {step}", addresses=(make_address(place=place),))
    session.commit()
    providers = client.get(f"{NEAR}&within=any").get_json()["providers"]
    assert [provider["name"] for provider in providers] == ["Number 1", "Number 2", "Number 3"]
    page = client.get("/providers?near=80021&within=any").get_data(as_text=True)
    assert [page.index(provider["name"]) for provider in providers] == sorted(
        page.index(provider["name"]) for provider in providers
    )


def test_next_leads_through_all_pages_once(client: FlaskClient, session: Session) -> None:
    owner = make_account(session, Role.PROVIDER)
    for _ in range(45):
        make_listing(session, owner)
    session.commit()
    seen: list[str] = []
    address: str | None = NEAR
    while address:
        body = conforms(client, client.get(address), "Providers")
        seen += [provider["slug"] for provider in body["providers"]]
        address = body["next"]
        assert address is None or "after=" in address
    assert len(seen) == len(set(seen)) == 45
    by_number = client.get(f"{NEAR}&page=3").get_json()["providers"]
    assert [provider["slug"] for provider in by_number] == seen[40:]


def test_the_next_features_are_as_far_as_the_next_providers(client: FlaskClient, session: Session) -> None:
    owner = make_account(session, Role.PROVIDER)
    for _ in range(103):
        make_listing(session, owner)
    session.commit()
    first = conforms(client, client.get("/api/v1/providers.geojson?near=80021&kind=person"), "Features")
    second = conforms(client, client.get(first["next"]), "Features")
    assert second["next"] is None
    assert "kind=person" in first["next"]
    assert len({feature["id"] for feature in first["features"] + second["features"]}) == 103
    FeatureCollection.model_validate(first)


def test_facets_say_how_many_of_the_search_have_each_value(client: FlaskClient, session: Session) -> None:
    owner = make_account(session, Role.PROVIDER)
    spanish = make_listing(session, owner, languages=("es",), accepts_new_patients=True)
    make_attestation(session, spanish)
    make_listing(session, owner, languages=("es", "vi"))
    session.commit()
    body = conforms(client, client.get(NEAR), "Providers")
    assert body["facets"]["language"] == {"es": 2, "vi": 1}
    assert body["facets"]["accepting"] == {"1": 1}
    assert body["facets"]["volume"] == {"10": 1, "20": 1}
    narrowed = client.get(f"{NEAR}&language=vi").get_json()
    assert (narrowed["total"], narrowed["facets"]["language"]) == (1, {"es": 1, "vi": 1})
    assert client.get(f"{NEAR}&language=fr").get_json()["facets"] == {}


def test_every_parameter_is_described_with_its_limits(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()["paths"]
    page = client.get("/api/docs").get_data(as_text=True)
    for path in ("/api/v1/providers", "/api/v1/providers.geojson"):
        parameters = {parameter["name"]: parameter for parameter in described[path]["get"]["parameters"]}
        assert set(parameters) == {"near", "within", "page", "after", *(each.name for each in FILTERS)}
        for name, parameter in parameters.items():
            assert f"<code>{name}</code>" in page
            assert set(parameter["schema"]) & {"enum", "maximum", "maxLength", "pattern", "anyOf"} or name == "near"


def test_what_states_nothing_has_no_technique(client: FlaskClient, session: Session) -> None:
    make_listing(session, make_account(session, Role.PROVIDER))
    session.commit()
    [provider] = conforms(client, client.get(NEAR), "Providers")["providers"]
    assert provider["technique"] is None
    assert provider["standing"] == "not_stated"
    assert provider["badge"] is False


def test_an_expired_attestation_keeps_its_answers_and_has_no_badge(client: FlaskClient, session: Session) -> None:
    made = make_listing(session, make_account(session, Role.PROVIDER))
    make_attestation(session, made, now=NOW - timedelta(days=800))
    session.commit()
    [provider] = conforms(client, client.get(NEAR), "Providers")["providers"]
    assert provider["standing"] == "expired"
    assert provider["technique"]["badge"] is False
    assert client.get(f"{NEAR}&badge=1").get_json()["total"] == 0


def test_one_provider_comes_with_all_locations(client: FlaskClient, listing: Listing) -> None:
    answer = client.get(f"/api/v1/providers/{listing.slug}")
    body = conforms(client, answer, "Provider")
    assert [location["city"] for location in body["locations"]] == ["Broomfield", "Boise"]
    assert body["miles"] is None
    assert "public" in answer.headers["Cache-Control"]
    again = client.get(f"/api/v1/providers/{listing.slug}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("state", [state for state in ListingState if state is not ListingState.PUBLISHED])
def test_what_is_not_published_is_nowhere(client: FlaskClient, session: Session, state: ListingState) -> None:
    made = make_listing(session, make_account(session, Role.PROVIDER), state=state)
    session.commit()
    refused(client, client.get(f"/api/v1/providers/{made.slug}"), 404)
    assert client.get(f"{NEAR}&within=any").get_json()["providers"] == []
    assert client.get("/api/v1/providers.geojson?near=80021&within=any").get_json()["features"] == []


def test_geojson_is_geojson_with_longitude_first(client: FlaskClient, listing: Listing) -> None:
    answer = client.get("/api/v1/providers.geojson?near=80021")
    assert answer.mimetype == "application/geo+json"
    body = conforms(client, answer, "Features")
    [feature] = FeatureCollection.model_validate(body).features
    assert feature.geometry is not None
    assert feature.geometry.coordinates[:2] == pytest.approx((BROOMFIELD.lon, BROOMFIELD.lat))
    assert body["features"][0]["properties"]["slug"] == listing.slug


def test_an_ambiguous_place_is_asked_back_with_candidates(client: FlaskClient) -> None:
    answer = client.get("/api/v1/providers?near=Springfield")
    assert [error["parameter"] for error in refused(client, answer, 422)] == ["near"]
    assert len(answer.get_json()["candidates"]) > 3


def test_a_typing_error_is_answered_with_what_was_meant_and_no_list(client: FlaskClient) -> None:
    answer = client.get("/api/v1/providers?near=Westminter, CO")
    refused(client, answer, 422)
    assert "Westminster, CO" in [place["label"] for place in answer.get_json()["candidates"]]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "near"),
        ("near=", "near"),
        ("near=%20", "near"),
        ("near=zzqqxx", "near"),
        ("near=91,181", "near"),
        ("near=%00", "near"),
        ("near=" + "x" * 10_000, "near"),
        ("near=80021&within=0", "within"),
        ("near=80021&within=-5", "within"),
        ("near=80021&within=abc", "within"),
        ("near=80021&within=1e9", "within"),
        ("near=80021&within=nan", "within"),
        ("near=80021&within=251", "within"),
        ("near=80021&page=0", "page"),
        ("near=80021&page=-1", "page"),
        ("near=80021&page=1000000000", "page"),
        ("near=80021&page=1.5", "page"),
        ("near=80021&badge=yes", "badge"),
        ("near=80021&imaging=mri", "imaging"),
        ("near=80021&accepting=yes", "accepting"),
        ("near=80021&confirmed=0", "confirmed"),
        ("near=80021&volume=0", "volume"),
        ("near=80021&volume=1e1", "volume"),
        ("near=80021&sites=2.5", "sites"),
        ("near=80021&bone=hip", "bone"),
        ("near=80021&specialty=surgery", "specialty"),
        ("near=80021&specialty=363L00000X", "specialty"),
        ("near=80021&language=Spanish", "language"),
        ("near=80021&kind=people", "kind"),
        ("near=80021&q=%00", "q"),
        ("near=80021&q=a+b+c+d+e+f+g+h+i", "q"),
        ("near=80021&after=2.5", "after"),
        ("near=80021&after=2.5,0", "after"),
        ("near=80021&near=80206", "near"),
        ("near=80021&within=50&within=25", "within"),
    ],
)
@pytest.mark.parametrize("path", ["providers", "providers.geojson"])
def test_bad_input_is_refused_with_the_parameter_named(
    client: FlaskClient, path: str, query: str, parameter: str
) -> None:
    errors = refused(client, client.get(f"/api/v1/{path}?{query}"), 422)
    assert [error["parameter"] for error in errors] == [parameter]
    assert all(len(error["detail"]) > 10 for error in errors)


@pytest.mark.usefixtures("listing")
def test_a_page_past_the_end_is_empty_and_has_no_next(client: FlaskClient) -> None:
    body = conforms(client, client.get(f"{NEAR}&page=7"), "Providers")
    assert (body["providers"], body["total"], body["next"]) == ([], 1, None)


def test_a_ruleset_is_served_as_it_was_published(client: FlaskClient) -> None:
    body = client.get("/api/v1/rulesets/bma-2021.1").get_json()
    assert body["id"] == "bma-2021.1"
    assert body["criteria"][0]["key"] == "volume_per_site_ml"
    refused(client, client.get("/api/v1/rulesets/no-such-rules"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_refused_as_problems(client: FlaskClient, method: str) -> None:
    assert refused(client, getattr(client, method)(NEAR), 405) == []


def test_the_page_for_people_names_every_path(client: FlaskClient) -> None:
    page = client.get("/api/docs").get_data(as_text=True)
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    assert paths
    for path in paths:
        assert path in page


@pytest.mark.parametrize("accepting", [True, False, None])
@pytest.mark.parametrize("spoken", [(), ("en", "hmn")])
def test_what_is_stated_besides_is_told_and_what_is_not_is_null_or_empty(
    client: FlaskClient, session: Session, accepting: bool | None, spoken: tuple[str, ...]
) -> None:
    owner = make_account(session, Role.PROVIDER)
    facts = {"specialty_code": "2081S0010X" if spoken else "", "languages": spoken, "accepts_new_patients": accepting}
    made = make_listing(session, owner, **facts)
    session.commit()
    [hit] = conforms(client, client.get(NEAR), "Providers")["providers"]
    alone = conforms(client, client.get(f"/api/v1/providers/{made.slug}"), "Provider")
    features = conforms(client, client.get("/api/v1/providers.geojson?near=80021"), "Features")["features"]
    for told in (hit, alone, features[0]["properties"]):
        assert told["languages"] == list(spoken)
        assert told["accepts_new_patients"] is accepting
        assert told["specialty"] == ("2081S0010X" if spoken else None)
        assert told["kind"] == "person"
