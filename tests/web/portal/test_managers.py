"""What an editor and a signer of a listing see and may do, and what they may not."""

import pytest
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_attestation, make_listing
from support.http_client import Browser

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingManager


def share(session: Session, listing: Listing, account: Account, right: Right) -> Listing:
    listing.managers.append(ListingManager(account_id=account.id, right=right, since=NOW))
    session.commit()
    return listing


@pytest.fixture
def owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER)


@pytest.mark.parametrize("right", [Right.EDITOR, Right.SIGNER])
def test_everybody_who_manages_a_listing_finds_it_at_home(
    as_provider: Browser, provider: Account, session: Session, owner: Account, right: Right
) -> None:
    listing = share(session, make_listing(session, owner), provider, right)
    assert as_provider.open(f"/portal/listings/{listing.id}").status == 200
    assert listing.name in as_provider.open("/portal/").text
    assert as_provider.open(f"/portal/listings/{listing.id}/attestation").status == 200


@pytest.mark.parametrize(("right", "status"), [(Right.EDITOR, 200), (Right.SIGNER, 403)])
def test_an_editor_changes_the_listing_and_a_signer_does_not(
    as_provider: Browser, provider: Account, session: Session, owner: Account, right: Right, status: int
) -> None:
    listing = share(session, make_listing(session, owner, state=ListingState.DRAFT), provider, right)
    page = as_provider.open(f"/portal/listings/{listing.id}")
    assert ("Change the listing" in page.text) is (status == 200)
    assert as_provider.open(f"/portal/listings/{listing.id}/edit").status == status


@pytest.mark.parametrize(("right", "signs"), [(Right.EDITOR, False), (Right.SIGNER, True)])
def test_a_signer_signs_and_an_editor_does_not(
    as_provider: Browser, provider: Account, session: Session, owner: Account, right: Right, signs: bool
) -> None:
    listing = share(session, make_listing(session, owner), provider, right)
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    page = as_provider.open(f"/portal/attestations/{draft.id}/review")
    assert ("I agree and sign" in page.text) is signs
    assert ("You may not sign these answers" in page.text) is not signs
