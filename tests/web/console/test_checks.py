"""What a reviewer's page finds out about an entry."""

from sqlalchemy.orm import Session
from support.factories import make_address, make_listing, make_place
from support.http_client import Browser

from directory.accounts.tables import Account
from directory.geocoding.place import Precision
from directory.listings.lifecycle import ListingState
from directory.listings.listing_data import Address
from directory.listings.tables import Listing


def a_listing(session: Session, owner: Account, **changes: object) -> Listing:
    made = make_listing(session, owner, state=ListingState.SUBMITTED, **changes)
    session.commit()
    return made


def test_checks_name_a_wrong_npi_the_same_npi_the_same_address_and_a_vague_place(
    as_reviewer: Browser, provider: Account, other_provider: Account, session: Session
) -> None:
    make_listing(
        session, other_provider, state=ListingState.RETIRED, name="Same NPI", npi="1234567893", addresses=(elsewhere(),)
    )
    make_listing(session, other_provider, name="Same address", npi="1245319599")
    vague = make_address(line1="5 Fifth Street", place=make_place(precision=Precision.CITY))
    nowhere = make_address(line1="6 Sixth Street", place=None)
    listing = a_listing(session, provider, npi="1234567893", addresses=(make_address(), vague, nowhere))
    page = as_reviewer.open(f"/console/listings/{listing.id}")
    for sentence in (
        "NPI 1234567893 has the right check digit.",
        "Other listings have the same NPI.",
        "Same NPI",
        "Other listings have the same address.",
        "Same address",
        "5 Fifth Street, Broomfield: placed in the middle of its city",
        "6 Sixth Street, Broomfield: could not be placed",
    ):
        assert sentence in page.text, sentence
    listing.npi = "1234567890"
    session.commit()
    assert "does not have the right check digit" in as_reviewer.open(f"/console/listings/{listing.id}").text


def elsewhere() -> Address:
    return make_address(line1="77 Elsewhere Road", postal_code="06032", state="CT", city="Farmington")


def test_an_entry_alone_says_that_nothing_is_like_it(as_reviewer: Browser, provider: Account, session: Session) -> None:
    a_listing(session, provider, npi="1234567893")
    page = as_reviewer.open("/console/listings/1")
    assert "No other listing has this NPI." in page.text
    assert "No other listing has this address." in page.text
