"""The signed document of a listing: its exact bytes, which must never change for a listing that says the same."""

import hashlib

from support.factories import make_address, make_entry

from directory.audit.chain import canonicalize
from directory.listings.digest import listing_digest, listing_document
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.listing_data import ListingData
from directory.listings.tables import Listing

EVERYTHING = (
    '{"accepts_new_patients":false,"credential":"MD","id":1,"kind":"person","languages":["en","es"],"locations":['
    '{"city":"Broomfield","line1":"403 Summit Boulevard","line2":"Suite 2","phone":"303-555-0101",'
    '"postal_code":"80021","state":"CO"},'
    '{"city":"Boise","line1":"403 Summit Boulevard","line2":"","phone":"","postal_code":"83702","state":"ID"}],'
    '"name":"Ann Example","npi":"1234567893","phone":"303-555-0100","practice":"Example Orthopedics","slug":"ann",'
    '"source":"provider","specialty_code":"2081S0010X","website":"https://ann.example/"}'
)
NECESSARY = (
    '{"credential":"","id":1,"kind":"clinic","locations":['
    '{"city":"Broomfield","line1":"403 Summit Boulevard","line2":"","phone":"","postal_code":"80021","state":"CO"}],'
    '"name":"Clinic","npi":null,"phone":"","practice":"","slug":"ann","source":"provider","specialty_code":"",'
    '"website":""}'
)
"""Written down from version 0.1.0: the hashes of these bytes, without the state, are in its audit logs."""


def row_of(entry: ListingData) -> Listing:
    """An entry as it would be stored."""
    row = Listing(id=1, slug="ann", source="provider", state=ListingState.PUBLISHED)
    entry.write(row)
    return row


def with_state(document: str, state: str) -> bytes:
    """The hashed bytes: the document, and the state as a member between "specialty_code" and "website"."""
    return document.replace(',"website"', f',"state":"{state}","website"').encode()


def test_a_listing_that_states_everything_of_version_0_1_keeps_its_bytes() -> None:
    row = row_of(
        make_entry(
            name="Ann Example",
            npi="1234567893",
            website="https://ann.example/",
            languages=("es", "en"),
            accepts_new_patients=False,
            addresses=(
                make_address(line2="Suite 2", phone="303-555-0101"),
                make_address(city="Boise", state="ID", postal_code="83702", place=None),
            ),
        )
    )
    assert canonicalize(listing_document(row)).decode() == EVERYTHING
    assert listing_digest(row) == hashlib.sha256(with_state(EVERYTHING, "published")).hexdigest()


def test_a_listing_that_states_only_what_is_necessary_keeps_its_bytes() -> None:
    row = row_of(
        make_entry(kind=ListingKind.CLINIC, name="Clinic", credential="", practice="", specialty_code="", phone="")
    )
    assert canonicalize(listing_document(row)).decode() == NECESSARY
    assert listing_digest(row) == hashlib.sha256(with_state(NECESSARY, "published")).hexdigest()


def test_the_hash_tells_the_states_apart() -> None:
    row = row_of(make_entry())
    hashes = set()
    for state in ListingState:
        row.state = state
        hashes.add(listing_digest(row))
    assert len(hashes) == len(ListingState)
