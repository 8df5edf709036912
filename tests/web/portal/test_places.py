"""Where a listing is: addresses that change, pins, and ZIP codes that contradict the city."""

import pytest
from sqlalchemy.orm import Session
from support.factories import make_address, make_listing
from support.http_client import Browser
from support.published_listing import (
    PATIENTS,
    PLACES,
    SAVE,
    SEND,
    add_two_office_listing,
    stored_listing,
)

from directory.accounts.tables import Account
from directory.listings.tables import Listing, ListingRevision


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return add_two_office_listing(session, provider)


@pytest.mark.usefixtures("listing")
def test_an_address_is_added_moved_and_removed_and_the_others_keep_their_phones(
    as_provider: Browser, as_reviewer: Browser, session: Session
) -> None:
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"locations-1-phone": "303-555-0188"})
    page = as_provider.press(as_provider.open(PLACES), "Add another address")
    third = {"line1": "3 Third Street", "city": "Denver", "state": "CO", "postal_code": "80202"}
    page = as_provider.press(page, "Remove address 1")
    typed = {f"addresses-1-{name}": value for name, value in third.items()}
    saved = as_provider.press(page, SAVE, typed | {"addresses-0-line2": "Suite 4"})
    assert saved.status == 200
    assert "Address removed removed: 403 Summit Boulevard" in saved.text
    as_provider.press(saved, SEND)
    as_reviewer.press(as_reviewer.open("/console/revisions/2"), "Accept")
    rows = [(row.line1, row.line2, row.phone, row.lat is not None) for row in stored_listing(session).locations]
    assert rows == [
        ("88 Larkmere Street", "Suite 4", "303-555-0188", True),
        ("3 Third Street", "", "", True),
    ]
    assert rows[0] != rows[1]


def test_a_moved_address_gets_new_coordinates_and_an_untouched_one_keeps_its_own(
    as_provider: Browser, as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    before = [(row.lat, row.lon) for row in listing.locations]
    moved = {"addresses-0-line1": "1 Main Street", "addresses-0-city": "Boise", "addresses-0-state": "ID"}
    page = as_provider.press(as_provider.open(PLACES), SAVE, moved | {"addresses-0-postal_code": "83702"})
    as_provider.press(page, SEND)
    as_reviewer.press(as_reviewer.open("/console/revisions/1"), "Accept")
    first, second = stored_listing(session).locations
    assert first.lat == pytest.approx(43.6, abs=0.3)
    assert (second.lat, second.lon) == before[1]


def test_a_21st_address_is_refused_with_the_limit(as_provider: Browser, session: Session, provider: Account) -> None:
    make_listing(session, provider, addresses=tuple(make_address(line1=f"{n} Street") for n in range(1, 21)))
    session.commit()
    page = as_provider.open(PLACES)
    more = {"line1": "21 Street", "city": "Denver", "state": "CO", "postal_code": "80202"}
    refused = as_provider.press(page, SAVE, {f"addresses-20-{name}": value for name, value in more.items()})
    assert refused.status == 422
    assert "1 to 20 addresses; this has 21" in refused.text


def accept_places(as_provider: Browser, as_reviewer: Browser, session: Session, typed: dict[str, str]) -> Listing:
    """Change the addresses, and have the change accepted."""
    saved = as_provider.press(as_provider.open(PLACES), SAVE, typed)
    assert saved.status == 200
    as_provider.press(saved, SEND)
    newest = session.query(ListingRevision).order_by(ListingRevision.id.desc()).first()
    assert newest is not None
    as_reviewer.press(as_reviewer.open(f"/console/revisions/{newest.id}"), "Accept")
    return stored_listing(session)


@pytest.mark.usefixtures("listing")
def test_a_pin_is_typed_stays_while_only_the_suite_changes_and_goes_with_the_address(
    as_provider: Browser, as_reviewer: Browser, session: Session
) -> None:
    pinned = accept_places(as_provider, as_reviewer, session, {"addresses-0-pin": "39.91, -105.09"})
    assert (pinned.locations[0].lat, pinned.locations[0].lon) == (39.91, -105.09)
    assert pinned.locations[0].precision == "point"
    assert as_provider.open(PLACES).form(SAVE).fields["addresses-0-pin"] == "39.91000, -105.09000"
    suite = accept_places(as_provider, as_reviewer, session, {"addresses-0-line2": "Suite 9"})
    assert (suite.locations[0].line2, suite.locations[0].lat) == ("Suite 9", 39.91)
    moved = accept_places(as_provider, as_reviewer, session, {"addresses-0-line1": "1 Other Street"})
    assert moved.locations[0].precision == "postal"
    assert moved.locations[0].lat != 39.91


@pytest.mark.usefixtures("listing")
def test_a_pin_is_taken_away(as_provider: Browser, as_reviewer: Browser, session: Session) -> None:
    accept_places(as_provider, as_reviewer, session, {"addresses-0-pin": "39.91 -105.09"})
    assert accept_places(as_provider, as_reviewer, session, {"addresses-0-pin": ""}).locations[0].precision == "postal"


@pytest.mark.parametrize(
    ("pin", "sentence"),
    [
        ("40.9, -105.09", "at most 30 miles from the ZIP code"),
        ("36.0, -128.0", "The pin lies at sea"),
        ("here", "a latitude and a longitude"),
        ("91, 0", "a latitude and a longitude"),
        ("39.9", "a latitude and a longitude"),
        ("1" * 400, "a latitude and a longitude"),
    ],
)
@pytest.mark.usefixtures("listing")
def test_a_pin_that_cannot_be_is_refused(as_provider: Browser, pin: str, sentence: str) -> None:
    page = as_provider.press(as_provider.open(PLACES), SAVE, {"addresses-0-pin": pin})
    assert page.status == 422
    assert sentence in page.text
    assert page.form(SAVE).fields["addresses-0-pin"] == pin


NEW, DRAFT = "/portal/listings/new", "Save and continue"
NEW_CLINIC = {"kind": "clinic", "name": "A Clinic"} | {
    f"addresses-0-{field}": value
    for field, value in {"line1": "1 Main", "city": "Denver", "state": "CO", "postal_code": "80202"}.items()
}


def test_a_new_listing_takes_a_pin_and_gives_it_up_again(as_provider: Browser, session: Session) -> None:
    saved = as_provider.press(as_provider.open(NEW), DRAFT, NEW_CLINIC | {"addresses-0-pin": "39.75123, -104.99"})
    assert saved.status == 200
    [row] = session.query(Listing).one().locations
    assert (row.lat, row.lon, row.precision, row.uncertainty_miles) == (39.75123, -104.99, "point", 0.0)
    page = as_provider.open("/portal/listings/1/edit")
    assert page.form(DRAFT).fields["addresses-0-pin"] == "39.75123, -104.99000"
    assert as_provider.press(page, DRAFT, {"addresses-0-pin": ""}).status == 200
    session.expire_all()
    assert (row.precision, row.lat != 39.75123) == ("postal", True)


@pytest.mark.parametrize(
    ("pin", "sentence"), [("40.9, -105", "at most 30 miles"), ("here", "latitude and a longitude")]
)
def test_a_pin_of_a_new_listing_that_cannot_be_is_refused(
    as_provider: Browser, session: Session, pin: str, sentence: str
) -> None:
    page = as_provider.press(as_provider.open(NEW), DRAFT, NEW_CLINIC | {"addresses-0-pin": pin})
    assert (page.status, sentence in page.text) == (422, True)
    assert page.form(DRAFT).fields["addresses-0-pin"] == pin
    assert session.query(Listing).count() == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"addresses-0-postal_code": "83702"}, "ZIP code 83702 is in Idaho, not in Colorado."),
        ({"addresses-0-city": "Pueblo"}, "ZIP code 80021 is not in Pueblo, CO."),
        (
            {"addresses-0-city": "Denver", "addresses-0-postal_code": "10001"},
            "ZIP code 10001 is in New York, not in Colorado.",
        ),
    ],
)
@pytest.mark.usefixtures("listing")
def test_a_zip_code_and_a_city_that_contradict_are_asked_about_and_kept_if_they_are_right(
    as_provider: Browser, typed: dict[str, str], sentence: str
) -> None:
    page = as_provider.press(as_provider.open(PLACES), SAVE, typed)
    assert page.status == 422
    assert sentence in page.text
    assert "are right as I typed them" in page.text
    assert as_provider.press(page, SAVE, {"addresses-0-sure": "y"}).status == 200


def test_a_new_listing_is_asked_too(as_provider: Browser, session: Session) -> None:
    typed = {"kind": "clinic", "name": "A Clinic"} | {
        f"addresses-0-{field}": value
        for field, value in {"line1": "1 Main", "city": "Denver", "state": "CO", "postal_code": "83702"}.items()
    }
    page = as_provider.press(as_provider.open("/portal/listings/new"), "Save and continue", typed)
    assert page.status == 422
    assert "ZIP code 83702 is in Idaho" in page.text
    assert as_provider.press(page, "Save and continue", {"addresses-0-sure": "y"}).status == 200
    assert session.query(Listing).count() == 1
