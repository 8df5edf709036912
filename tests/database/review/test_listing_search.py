"""Reviewers find a listing in any state by name, NPI, address and owner, or by an address or number that they paste."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_address, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.errors import Invalid
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import listing_words, replace_words
from directory.listings.tables import Listing, ListingSource
from directory.review import listing_search
from directory.review.listing_search import addressed_listing, find_listings
from directory.search.index import SearchIndex

STREET = "88 Larkmere Street"


@pytest.fixture
def owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER, name="Olive Otter", email="olive@otter.example")


def imported_draft(session: Session, owner: Account, **changes: object) -> Listing:
    made = make_listing(session, owner, state=ListingState.DRAFT, source=ListingSource.NPPES, **changes)
    made.managers.clear()
    replace_words(session, [], {made.id: listing_words(made.name, made.locations)})
    return made


@pytest.fixture
def listings(session: Session, owner: Account, provider: Account) -> dict[str, Listing]:
    """One named Hazel in each state, one imported draft, and one other listing."""
    made = {
        state.value: make_listing(session, provider, state=state, name=f"Hazel {state.value.title()}")
        for state in ListingState
    }
    made["imported"] = imported_draft(session, owner, name="Hazel Imported", npi="1234567893")
    at = (make_address(line1=STREET, city="Boulder", postal_code="80302-1234"),)
    made["other"] = make_listing(session, owner, name="Bo Birch", addresses=at, practice="Corner Clinic")
    session.commit()
    return made


def found(session: Session, index: SearchIndex, text: str) -> set[str]:
    ids = find_listings(session, text, index=index, now=NOW).ids
    return set(session.scalars(sa.select(Listing.name).where(Listing.id.in_(ids))))


def test_a_name_finds_listings_in_every_state(
    session: Session, index: SearchIndex, listings: dict[str, Listing]
) -> None:
    hazels = {row.name for key, row in listings.items() if key != "other"}
    assert found(session, index, "hazel") == hazels
    assert found(session, index, "HAZEL impor") == {"Hazel Imported"}
    assert found(session, index, "hazel nobody") == set()


@pytest.mark.parametrize(
    "text",
    ["corner clinic", "80302", STREET, "88 larkmere", "Larkmere, Boulder, CO 80302", "olive", "olive@otter.example"],
)
def test_practice_address_and_owner_find_a_listing(
    session: Session, index: SearchIndex, listings: dict[str, Listing], text: str
) -> None:
    assert found(session, index, text) == {listings["other"].name}


@pytest.mark.parametrize("state", list(ListingState))
def test_an_npi_finds_its_listing_in_any_state(
    session: Session, index: SearchIndex, provider: Account, state: ListingState
) -> None:
    made = make_listing(session, provider, state=state, npi="1234567893")
    make_listing(session, provider)
    session.commit()
    assert found(session, index, "1234 567 893") == {made.name}
    assert found(session, index, "0000000000") == set()


@pytest.mark.usefixtures("listings")
def test_more_than_are_read_are_reported(session: Session, index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_search, "MAX_FOUND", 1)
    assert find_listings(session, "hazel", index=index, now=NOW).is_cut
    assert not find_listings(session, "corner clinic", index=index, now=NOW).is_cut


@pytest.mark.parametrize("text", [" ".join(f"word{number}" for number in range(50)), "%", "--", "\\"])
def test_too_many_words_and_none_are_refused(session: Session, index: SearchIndex, text: str) -> None:
    with pytest.raises(Invalid):
        find_listings(session, text, index=index, now=NOW)


@pytest.mark.usefixtures("listings")
@pytest.mark.parametrize("text", ["haz_l", "h%l", "hazel\\"])
def test_no_sign_is_a_wildcard(session: Session, index: SearchIndex, text: str) -> None:
    stored = sa.select(Listing.name).where(Listing.id.in_(find_listings(session, text, index=index, now=NOW).ids))
    assert not any(name.startswith("Hazel") and "_" in text for name in session.scalars(stored))


def test_a_pasted_address_or_number_names_one_listing(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    signed = make_attestation(session, listing)
    slug, number = listing.slug, signed.public_id
    for text in (
        f"https://bma.example/providers/{slug}",
        f"https://bma.example/providers/{slug}/history?on=2026-01-01",
        f"/badges/{slug}.svg?theme=dark",
        f"https://bma.example/verify/{number}",
        f"https://bma.example/credentials/{number}.jwt",
        number,
        f"{listing.id}",
        f"#{listing.id}",
        f"https://bma.example/portal/listings/{listing.id}/badge",
        f"https://bma.example/console/cases/{listing.id}",
    ):
        assert addressed_listing(session, text) == listing.id, text
    for text in ("Ann Example", "80021", "999999", "0" * 32, "/providers/nobody", "https://bma.example/"):
        assert addressed_listing(session, text) is None, text


def test_the_address_of_a_retired_listing_still_names_it(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.RETIRED)
    assert addressed_listing(session, f"/providers/{listing.slug}") == listing.id
