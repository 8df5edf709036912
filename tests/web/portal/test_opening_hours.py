"""Opening hours and the website, from a provider's form to the pages and the API that patients and programs read."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session
from support.factories import make_address, make_listing
from support.http_client import Browser, Page
from support.page_text import visible_text

from directory.accounts.tables import Account
from directory.listings.digest import listing_digest, listing_document
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

NEW = "/portal/listings/new"
SAVE = "Save and continue"
DAY = "addresses-0-opening_hours-"
GOOD = {
    "kind": "person",
    "name": "Ann Example",
    "npi": "1234567893",
    "addresses-0-line1": "403 Summit Boulevard",
    "addresses-0-city": "Broomfield",
    "addresses-0-state": "CO",
    "addresses-0-postal_code": "80021",
}
TYPED = {f"{DAY}tuesday": "8-12, 1 pm - 5 pm", f"{DAY}saturday": "closed"}
HOURS = {"tuesday": [["08:00", "12:00"], ["13:00", "17:00"]], "saturday": []}
IN_WORDS = "Opening hours Tue 8 am to noon and 1 pm to 5 pm, Sat closed"


def plain(page: Page) -> str:
    return page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_hours_that_are_typed_are_stored_shown_and_can_be_changed(as_provider: Browser, session: Session) -> None:
    page = as_provider.press(as_provider.open(NEW), SAVE, GOOD | TYPED)
    assert IN_WORDS in plain(page)
    assert session.query(Listing).one().locations[0].opening_hours == HOURS
    form = as_provider.open("/portal/listings/1/edit").form(SAVE)
    assert form.fields[f"{DAY}tuesday"] == "08:00-12:00, 13:00-17:00"
    assert (form.fields[f"{DAY}saturday"], form.fields[f"{DAY}sunday"]) == ("closed", "")
    page = as_provider.press(as_provider.open("/portal/listings/1/edit"), SAVE, {f"{DAY}tuesday": ""})
    assert "Opening hours Sat closed" in plain(page)
    session.expire_all()
    assert session.query(Listing).one().locations[0].opening_hours == {"saturday": []}


def test_hours_are_reviewed_like_the_rest_of_a_location(
    as_provider: Browser, as_reviewer: Browser, session: Session
) -> None:
    as_provider.press(as_provider.open(NEW), SAVE, GOOD | TYPED)
    page = as_provider.press(as_provider.open("/portal/listings/1"), "Submit for publication")
    assert session.query(Listing).one().state is ListingState.SUBMITTED
    edited = as_provider.open("/portal/listings/1/edit")
    answer = as_provider.press(edited, SAVE, {f"{DAY}tuesday": "9-10"})
    assert answer.status == 409
    assert IN_WORDS in plain(page)
    assert IN_WORDS in plain(as_reviewer.open("/console/listings/1"))


def test_every_wrong_day_is_named_beside_its_field_and_above_and_nothing_typed_is_lost(
    as_provider: Browser, session: Session
) -> None:
    wrong = {f"{DAY}monday": "8-5", f"{DAY}friday": "from eight", f"{DAY}sunday": "8-12, 11-13"}
    page = as_provider.press(as_provider.open(NEW), SAVE, GOOD | TYPED | wrong)
    assert page.status == 422
    for day, sentence in {
        "monday": "Opening hours on Monday must close after they open; 08:00-05:00 does not.",
        "friday": "Opening hours on Friday must be times from 0:00 to 23:59",
        "sunday": "Opening hours on Sunday may not overlap; 08:00-12:00 and 11:00-13:00 do.",
    }.items():
        assert page.text.count(sentence) == 2
        assert f'href="#{DAY}{day}"' in page.html
        assert f'id="{DAY}{day}-error"' in page.html
    kept = page.form(SAVE).fields
    assert {name: kept[name] for name in TYPED | wrong} == TYPED | wrong
    assert session.query(Listing).count() == 0


def test_hours_stay_when_an_address_is_added_or_removed(as_provider: Browser) -> None:
    page = as_provider.press(as_provider.open(NEW), "Add another address", GOOD | TYPED | {f"{DAY}monday": "what?"})
    typed = page.form(SAVE).fields
    assert {name: typed[name] for name in TYPED} == TYPED
    assert (typed[f"{DAY}monday"], typed["addresses-1-opening_hours-monday"]) == ("what?", "")
    second = {"addresses-1-line1": "2 Second Street", "addresses-1-opening_hours-friday": "9-10"}
    page = as_provider.press(as_provider.press(page, "Add another address", second), "Remove address 1")
    assert page.form(SAVE).fields[f"{DAY}friday"] == "9-10"


def test_a_browser_that_sends_no_hours_gets_the_form_with_one_address_more(as_provider: Browser) -> None:
    sent = {name: value for name, value in as_provider.open(NEW).form(SAVE).fields.items() if "opening" not in name}
    page = Page(as_provider.client.post(NEW, data=sent | GOOD | {"add": "1"}))
    assert page.form(SAVE).fields["addresses-1-opening_hours-monday"] == ""


def test_an_address_of_which_only_hours_are_typed_is_not_dropped(as_provider: Browser) -> None:
    page = as_provider.press(as_provider.open(NEW), "Add another address", GOOD)
    page = as_provider.press(page, SAVE, {"addresses-1-opening_hours-monday": "8-12"})
    assert page.status == 422
    assert 'href="#addresses-1-line1"' in page.html


def test_hours_that_two_windows_changed_are_shown_side_by_side_with_their_day(
    as_provider: Browser, provider: Account, session: Session
) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, addresses=(make_address(opening_hours=HOURS),))
    session.commit()
    opened = as_provider.open("/portal/listings/1/edit")
    other = {"npi": "1234567893", f"{DAY}saturday": "8-11", f"{DAY}sunday": "10-11"}
    as_provider.press(as_provider.open("/portal/listings/1/edit"), SAVE, other)
    page = as_provider.press(opened, SAVE, {"npi": "1234567893", f"{DAY}saturday": "9-12"})
    assert page.status == 409
    assert "Opening hours: Saturday 08:00-11:00 9-12" in page.text
    assert "Opening hours: Sunday 10:00-11:00 You did not change it" in page.text


def test_patients_and_programs_see_hours_and_website(client: FlaskClient, provider: Account, session: Session) -> None:
    spots = (make_address(opening_hours=HOURS), make_address(city="Boulder"))
    made = make_listing(session, provider, website="https://ann.example/", addresses=spots)
    without = make_listing(session, provider)
    session.commit()
    page = client.get(f"/providers/{made.slug}")
    assert visible_text(page).replace("\N{NO-BREAK SPACE}", " ").count(IN_WORDS) == 1
    assert visible_text(page).count("Opening hours") == 1
    assert "Opening hours" not in visible_text(client.get(f"/providers/{without.slug}"))
    one = conforming(client, f"/api/v1/providers/{made.slug}")
    assert one["website"] == "https://ann.example/"
    assert [spot["opening_hours"] for spot in one["locations"]] == [HOURS, None]
    listed = {each["slug"]: each for each in client.get("/api/v1/providers?near=80021").get_json()["providers"]}
    assert listed[made.slug]["website"] == "https://ann.example/"
    assert listed[made.slug]["location"]["opening_hours"] == HOURS
    assert (listed[without.slug]["website"], listed[without.slug]["location"]["opening_hours"]) == (None, None)
    features = client.get("/api/v1/providers.geojson?near=80021").get_json()["features"]
    assert {each["properties"]["website"] for each in features} == {"https://ann.example/", None}


def conforming(client: FlaskClient, path: str) -> Any:
    """The provider at an address of the API, held against the shape that the OpenAPI document describes."""
    description = client.get("/api/v1/openapi.json").get_json()
    provider, location = (description["components"]["schemas"][name] for name in ("Provider", "Location"))
    assert "website" in provider["required"]
    assert set(location["properties"]["opening_hours"]["properties"]) >= {"monday", "sunday"}
    body = client.get(path).get_json()
    Draft202012Validator({"$ref": "#/components/schemas/Provider", **description}).validate(body)
    return body


@pytest.mark.parametrize("hours", [HOURS, {"monday": []}])
def test_hours_are_signed_where_they_are_stated(
    provider: Account, session: Session, hours: dict[str, list[list[str]]]
) -> None:
    made = make_listing(session, provider)
    before = listing_digest(made)
    assert "opening_hours" not in listing_document(made)["locations"][0]
    made.locations[0].opening_hours = hours
    assert listing_digest(made) != before
    made.locations[0].opening_hours = {}
    assert listing_digest(made) == before
