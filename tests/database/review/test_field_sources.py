"""Each value of a listing has its source, and beside it what the registry said when it was read last."""

from datetime import date

import pytest
from sqlalchemy.orm import Session
from support.factories import NOW, get_reviewer, make_address, make_listing
from support.revision_actions import LATER, decide, live, submitted

from directory.accounts.tables import Account
from directory.imports.tables import DeactivatedNpi
from directory.listings.address_changes import TypedAddress
from directory.listings.revision_lifecycle import Move
from directory.listings.tables import Listing, ListingSource
from directory.review.corrections import correct_listing
from directory.review.field_sources import PROVIDER, REVIEWER, SAME, UNKNOWN, FieldSource, listing_sources

READ_ON = date(2026, 11, 8)


@pytest.fixture
def imported(session: Session, provider: Account) -> Listing:
    made = make_listing(
        session, provider, source=ListingSource.NPPES, npi="1234567893", phone="303-555-0100", practice=""
    )
    made.source_updated = READ_ON
    session.flush()
    return made


def of_field(session: Session, listing: Listing, label: str) -> FieldSource:
    return next(each for each in listing_sources(session, listing).fields if each.label == label)


def at_address(session: Session, listing: Listing, label: str, number: int = 0) -> FieldSource:
    _, rows = listing_sources(session, listing).addresses[number]
    return next(each for each in rows if each.label == label)


def correct(session: Session, listing: Listing, *locations: TypedAddress, **values: object) -> None:
    correct_listing(
        session, listing, values, locations or None, version=None, reason="Asked by phone.",
        by=get_reviewer(session).actor, now=LATER,
    )  # fmt: skip  # two lines read better than eight


def test_what_nobody_changed_comes_from_the_registry_or_the_provider(
    session: Session, imported: Listing, other_provider: Account
) -> None:
    name = of_field(session, imported, "Name")
    assert (name.source, name.since, name.registry) == ("NPPES", READ_ON, SAME)
    languages = of_field(session, imported, "Languages spoken")
    assert (languages.source, languages.since, languages.registry) == ("", None, UNKNOWN)
    assert at_address(session, imported, "City").registry == SAME
    own = make_listing(session, other_provider)
    said = of_field(session, own, "Name")
    assert (said.source, said.since, said.registry) == (PROVIDER, NOW, UNKNOWN)


def test_a_changed_value_names_who_changed_it_and_what_the_registry_says(
    session: Session, imported: Listing, provider: Account
) -> None:
    live(session, imported, provider, phone="303-555-0142")
    phone = of_field(session, imported, "Phone")
    assert (phone.text, phone.source, phone.by) == ("303-555-0142", PROVIDER, provider.name)
    assert (phone.since, phone.registry) == (LATER, "303-555-0100")
    decide(session, submitted(session, imported, provider, credential="DO"), Move.ACCEPT)
    assert of_field(session, imported, "Credential").source == PROVIDER
    correct(session, imported, phone="303-555-0100")
    phone = of_field(session, imported, "Phone")
    assert (phone.source, phone.by, phone.registry) == (REVIEWER, get_reviewer(session).name, SAME)


def test_addresses_have_sources_too(session: Session, imported: Listing) -> None:
    stays = imported.locations[0].id
    moved = make_address(line1="405 Summit Boulevard", phone="303-555-0143")
    second = make_address(line1="88 Larkmere Street", city="Boulder", postal_code="80302", phone="303-555-0144")
    correct(session, imported, TypedAddress(stays, moved), TypedAddress(None, second))
    street, city = (at_address(session, imported, label) for label in ("Street address", "City"))
    assert (street.source, street.registry) == (REVIEWER, "403 Summit Boulevard")
    assert (city.source, city.registry) == ("NPPES", SAME)
    assert at_address(session, imported, "Phone").source == REVIEWER
    assert {at_address(session, imported, label, 1).source for label in ("Street address", "Phone")} == {REVIEWER}


def test_a_deactivated_npi_is_said(session: Session, imported: Listing) -> None:
    session.add(DeactivatedNpi(npi="1234567893", since=READ_ON))
    session.flush()
    assert of_field(session, imported, "NPI").registry == "Deactivated since Nov 8, 2026"
