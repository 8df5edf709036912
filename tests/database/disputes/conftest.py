"""The entry that disputes are about."""

import pytest
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations.tables import Attestation
from directory.listings.tables import Listing


@pytest.fixture
def attestation(session: Session, provider: Account) -> Attestation:
    return make_attestation(session, make_listing(session, provider))


@pytest.fixture
def listing(attestation: Attestation) -> Listing:
    return attestation.listing
