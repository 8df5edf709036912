"""A listing that nobody manages, as it comes from the register, and a claim on it."""

import pytest
from sqlalchemy.orm import Session
from support.claims import DOCUMENT, Claims
from support.factories import NOW, make_account, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.claims import commands
from directory.claims.request import ClaimRequest
from directory.claims.tables import Claim, Proof
from directory.listings.tables import Listing, ListingSource


@pytest.fixture
def imported(session: Session) -> Listing:
    listing = make_listing(session, make_account(session, Role.PROVIDER), source=ListingSource.NPPES, npi="1234567893")
    listing.managers.clear()
    session.flush()
    return listing


@pytest.fixture
def claim(session: Session) -> Claims:
    """Claim a listing with a proof."""

    def make(listing: Listing, account: Account, proof: Proof = Proof.PHONE, **changes: object) -> Claim:
        document = DOCUMENT if proof is Proof.DOCUMENT else None
        facts = {"role": "Owner", "contact": "303-555-0199", "mailbox": "office", "document": document}
        request = ClaimRequest(proof=proof, **facts | changes)
        return commands.make_claim(session, listing, request, by=account.actor, now=NOW, checks_domains=True)

    return make
