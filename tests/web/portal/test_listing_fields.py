"""What a listing may say and what it may not: costs, phone numbers, access, and words that promise too much."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.http_client import Browser
from support.page_text import visible_text
from support.published_listing import PATIENTS, SAVE, WHO, add_two_office_listing, stored_listing

from directory import clock
from directory.accounts.tables import Account
from directory.listings.tables import Listing, ListingRevision


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return add_two_office_listing(session, provider)


def public(client: FlaskClient, listing: Listing) -> str:
    return visible_text(client.get(f"/providers/{listing.slug}"))


def test_a_word_that_promises_too_much_is_refused_with_the_reason_and_nothing_is_lost(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    page = as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Guaranteed Relief", "credential": "DO"})
    assert page.status == 422
    assert "The practice must not say “guaranteed”. Nobody can promise that a treatment works." in page.text
    assert page.form(SAVE).fields["credential"] == "DO"
    assert session.query(ListingRevision).count() == 0
    listing.practice = "Cure Clinic of an old import"
    session.commit()
    assert as_provider.press(as_provider.open(WHO), SAVE, {"credential": "DO"}).status == 200


@pytest.mark.parametrize(
    ("kind", "name", "status"),
    [("person", "Milagros Cura", 200), ("clinic", "The Cure Clinic", 422), ("clinic", "Secure Clinic", 200)],
)
def test_a_new_listing_is_checked_too_but_not_the_name_of_a_person(
    as_provider: Browser, kind: str, name: str, status: int
) -> None:
    typed = {"kind": kind, "name": name, "npi": "1234567893"} | {
        f"addresses-0-{field}": value
        for field, value in {"line1": "1 Main", "city": "Denver", "state": "CO", "postal_code": "80202"}.items()
    }
    page = as_provider.press(as_provider.open("/portal/listings/new"), "Save and continue", typed)
    assert page.status == status
    assert ("must not say “cure”" in page.text) is (status == 422)


def test_every_new_field_is_public_at_once_and_a_price_has_its_day(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    typed = {
        "appointment_url": "book.example.org",
        "insurance": "Medicare; the procedure is self-pay",
        "price_note": "From $3,000 for one knee",
        "locations-0-second_phone": "303-555-0177",
        "locations-0-fax": "303-555-0178",
        "locations-0-accessibility": "Elevator",
    }
    assert as_provider.press(as_provider.open(PATIENTS), SAVE, typed).status == 200
    today = clock.now().date()
    shown = public(client, listing)
    for text in (
        "Insurance or self-pay Medicare; the procedure is self-pay",
        f"Price From $3,000 for one knee Price as of {today:%b} {today.day}, {today.year}",
        "Second phone (303) 555-0177",
        "Fax (303) 555-0178",
        "Access Elevator",
    ):
        assert text in shown
    assert 'href="https://book.example.org"' in client.get(f"/providers/{listing.slug}").text
    told = client.get(f"/api/v1/providers/{listing.slug}").get_json()
    assert (told["price_note"], told["price_noted_on"]) == (typed["price_note"], today.isoformat())
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"price_note": ""})
    assert stored_listing(session).price_noted_on is None
    assert "Price" not in public(client, listing)


@pytest.mark.parametrize(
    ("typed", "stored", "link", "shown"),
    [
        ("303-555-0100 ext. 12", "303-555-0100 ext. 12", "tel:+13035550100;ext=12", "(303) 555-0100 x12"),
        ("303 555 0100, x12", "303-555-0100 ext. 12", "tel:+13035550100;ext=12", "(303) 555-0100 x12"),
        ("1-800-MARROW1", "1-800-MARROW1", "tel:+18006277691", "1-800-MARROW1"),
        ("1-800-555-0100", "800-555-0100", "tel:+18005550100", "(800) 555-0100"),
        ("+1 (303) 555.0100", "303-555-0100", "tel:+13035550100", "(303) 555-0100"),
    ],
)
def test_phone_numbers_are_kept_in_one_form_and_can_be_called(
    as_provider: Browser,
    client: FlaskClient,
    session: Session,
    provider: Account,
    typed: str,
    stored: str,
    link: str,
    shown: str,
) -> None:
    listing = make_listing(session, provider)
    session.commit()
    every = {"phone": typed} | {f"locations-0-{name}": typed for name in ("phone", "second_phone", "fax")}
    assert as_provider.press(as_provider.open(PATIENTS), SAVE, every).status == 200
    session.expire_all()
    row = listing.locations[0]
    assert {listing.phone, row.phone, row.second_phone, row.fax} == {stored}
    page = client.get(f"/providers/{listing.slug}").text
    assert f'href="{link}"' in page
    assert page.count(shown) >= 4


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("phone", "phone"),
        ("locations-0-phone", "phone"),
        ("locations-0-second_phone", "second phone"),
        ("locations-0-fax", "fax"),
    ],
)
@pytest.mark.parametrize("typed", [".......", "303 555 01", "303-555-0100-99", "FLOWERS", "call me 303-555-0100"])
@pytest.mark.usefixtures("listing")
def test_what_is_no_phone_number_is_refused_with_what_is_expected(
    as_provider: Browser, name: str, noun: str, typed: str
) -> None:
    page = as_provider.press(as_provider.open(PATIENTS), SAVE, {name: typed, "price_note": "$3,000"})
    assert page.status == 422
    assert f"The {noun} number must have ten digits, area code first: 303-555-0100" in page.text
    assert (page.form(SAVE).fields[name], page.form(SAVE).fields["price_note"]) == (typed, "$3,000")


@pytest.mark.parametrize("stored", ["3035550100", "303 555 01"])
def test_a_number_that_was_stored_before_goes_on_showing_and_is_not_judged_anew(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing, stored: str
) -> None:
    listing.phone = stored
    session.commit()
    assert as_provider.press(as_provider.open(PATIENTS), SAVE, {"price_note": "$3,000"}).status == 200
    changed = [change["field"] for row in session.query(ListingRevision) for change in row.changes]
    assert changed == ["price_note"]
    assert stored_listing(session).phone == stored
    assert ("(303) 555-0100" if stored == "3035550100" else stored) in public(client, listing)
