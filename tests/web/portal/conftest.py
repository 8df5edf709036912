"""Listings that can be claimed: one that nobody manages, and one that somebody does."""

import pytest
from sqlalchemy.orm import Session
from support.factories import make_account, make_listing

from directory.accounts.policy import Role
from directory.listings.tables import Listing, ListingSource


@pytest.fixture
def imported(session: Session) -> Listing:
    listing = make_listing(
        session,
        make_account(session, Role.PROVIDER),
        name="Imported Clinic",
        source=ListingSource.NPPES,
        npi="1234567893",
    )
    listing.managers.clear()
    session.commit()
    return listing


@pytest.fixture
def managed(session: Session) -> Listing:
    owner = make_account(session, Role.PROVIDER)
    listing = make_listing(session, owner, website="https://www.example-practice.org")
    session.commit()
    return listing
