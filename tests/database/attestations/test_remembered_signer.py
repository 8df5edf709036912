"""The name and role of a signature are remembered for the person who signed, and for nobody else."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.claims import DOCUMENT
from support.factories import NOW, make_account, make_attestation, make_listing

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import Signer, remembered_signer
from directory.attestations.tables import Attestation
from directory.claims import commands, decisions
from directory.claims.lifecycle import Move
from directory.claims.request import ClaimRequest
from directory.claims.tables import Proof
from directory.listings.managers import grant_right
from directory.listings.tables import Listing


def sign(session: Session, listing: Listing, name: str, role: str, day: int = 0) -> None:
    """Answers that the owner signed with this name and role, and took back."""
    before = Attestation.metadata.tables["attestations"]
    now = NOW + timedelta(days=day)
    made = make_attestation(session, listing, state=AttestationState.DRAFT, now=now)
    signed = {"signer_name": name, "signer_role": role, "signed_by_id": listing.managers[0].account_id}
    session.execute(sa.update(before).where(before.c.id == made.id).values(signed_at=now, **signed))
    session.expire_all()


def test_who_never_signed_finds_their_own_name_and_no_role(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    assert remembered_signer(session, listing.id, provider) == Signer(provider.name, "", from_signature=False)


def test_the_last_signature_for_the_listing_comes_back(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    sign(session, listing, "Dr. Pat Long", "Owner")
    assert remembered_signer(session, listing.id, provider) == Signer("Dr. Pat Long", "Owner", from_signature=True)


def test_another_manager_of_the_listing_never_finds_that_name(session: Session, provider: Account) -> None:
    listing, other = make_listing(session, provider), make_account(session, Role.PROVIDER, name="Kim Other")
    grant_right(session, listing, other.id, Right.SIGNER, by=None, now=NOW)
    sign(session, listing, "Dr. Pat Long", "Owner")
    assert remembered_signer(session, listing.id, other) == Signer("Kim Other", "", from_signature=False)


def test_a_role_follows_its_person_to_another_listing_and_another_name_does_not(
    session: Session, provider: Account
) -> None:
    first, second, third = (make_listing(session, provider) for _ in range(3))
    sign(session, first, provider.name, "Medical director", day=1)
    sign(session, second, "Dr. Somebody Else", "Their role", day=2)
    assert remembered_signer(session, third.id, provider) == Signer(
        provider.name, "Medical director", from_signature=False
    )


def test_the_role_of_an_approved_claim_is_not_asked_again(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, make_account(session, Role.PROVIDER))
    listing.managers.clear()
    session.flush()
    request = ClaimRequest("Practice manager", "303-555-0199", Proof.DOCUMENT, document=DOCUMENT)
    claim = commands.make_claim(session, listing, request, by=provider.actor, now=NOW)
    assert remembered_signer(session, listing.id, provider).role == ""
    decisions.decide(session, claim, Move.APPROVE, by=reviewer.actor, now=NOW)
    assert remembered_signer(session, listing.id, provider).role == "Practice manager"
