"""Claims that are proved by the practice's own domain: for which listings, by which token, and until when."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.claims import Claims
from support.factories import NOW, make_account, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.claims import commands, decisions
from directory.claims.lifecycle import ClaimState, Move
from directory.claims.proofs import proof_offers
from directory.claims.request import ClaimRequest
from directory.claims.tables import Claim, Proof
from directory.claims.tokens import VALID_FOR, TokenResult
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.tables import Listing


@pytest.fixture
def managed(session: Session) -> Listing:
    owner = make_account(session, Role.PROVIDER)
    return make_listing(session, owner, website="https://www.example-practice.org/about")


@pytest.fixture
def made(managed: Listing, provider: Account, claim: Claims) -> Claim:
    return claim(managed, provider, Proof.DOMAIN)


def offered(session: Session, listing: Listing, **allowed: bool) -> set[Proof]:
    return {offer.proof for offer in proof_offers(session, listing, **allowed)}


def test_the_domain_is_offered_only_if_the_operator_allows_it(
    session: Session, managed: Listing, provider: Account
) -> None:
    assert Proof.DOMAIN not in offered(session, managed)
    [target] = [
        offer.target for offer in proof_offers(session, managed, checks_domains=True) if offer.proof is Proof.DOMAIN
    ]
    assert target == "example-practice.org"
    request = ClaimRequest("Owner", "303-555-0199", Proof.DOMAIN)
    with pytest.raises(Invalid, match="Choose how you show"):
        commands.make_claim(session, managed, request, by=provider.actor, now=NOW)


@pytest.mark.parametrize("website", ["https://dr-example.wixsite.com", "https://www.facebook.com/example", ""])
def test_a_shared_domain_or_none_is_never_offered(session: Session, website: str) -> None:
    listing = make_listing(session, make_account(session, Role.PROVIDER), website=website)
    assert Proof.DOMAIN not in offered(session, listing, checks_domains=True)


def test_a_domain_that_no_reviewer_accepted_is_not_offered(
    session: Session, imported: Listing, managed: Listing
) -> None:
    managed.website = "https://elsewhere.example.org"
    assert Proof.DOMAIN not in offered(session, managed, checks_domains=True)
    assert Proof.DOMAIN not in offered(session, imported, checks_domains=True)


def test_the_right_token_proves_the_claim_and_a_reviewer_decides(
    session: Session, managed: Listing, provider: Account, reviewer: Account, made: Claim
) -> None:
    assert made.state is ClaimState.DRAFT
    with pytest.raises(Conflict):
        decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW, reason="Why.")
    commands.require_token(made, by=provider.actor, now=NOW)
    published = {"v=spf1 -all", made.token}
    assert commands.prove_domain(session, made, published, by=provider.actor, now=NOW) is TokenResult.RIGHT
    assert (made.state, made.proved_at) == (ClaimState.DISPUTED, NOW), "others manage the listing"
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions[-2:] == ["claim.submit", "claim.dispute"]
    decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW, reason="Why.")
    assert managed.right_of(provider.id)
    with pytest.raises(Conflict, match="does not wait for a token"):
        commands.prove_domain(session, made, published, by=provider.actor, now=NOW)


def test_no_token_a_wrong_one_and_that_of_another_claim_prove_nothing(
    session: Session, managed: Listing, provider: Account, other_provider: Account, made: Claim, claim: Claims
) -> None:
    others = claim(managed, other_provider, Proof.DOMAIN)
    assert others.token != made.token
    for published, result in (
        (set(), TokenResult.NOTHING),
        ({"", "v=spf1 -all"}, TokenResult.NOTHING),
        ({made.token[:-1]}, TokenResult.OTHER),
        ({f"token={made.token}"}, TokenResult.OTHER),
        ({others.token}, TokenResult.OTHER),
    ):
        assert commands.prove_domain(session, made, published, by=provider.actor, now=NOW) is result
    assert (made.state, made.proved_at) == (ClaimState.DRAFT, None)
    with pytest.raises(NotAllowed):
        commands.prove_domain(session, made, {made.token}, by=other_provider.actor, now=NOW)


def test_a_token_expires_and_a_new_one_replaces_it(session: Session, provider: Account, made: Claim) -> None:
    late, old = NOW + VALID_FOR, made.token
    for check in (
        lambda: commands.require_token(made, by=provider.actor, now=late),
        lambda: commands.prove_domain(session, made, {old}, by=provider.actor, now=late),
    ):
        with pytest.raises(Conflict, match="expired"):
            check()
    commands.renew_token(session, made, by=provider.actor, now=late)
    assert commands.prove_domain(session, made, {old}, by=provider.actor, now=late) is TokenResult.OTHER
    assert commands.prove_domain(session, made, {made.token}, by=provider.actor, now=late) is TokenResult.RIGHT
    with pytest.raises(Conflict):
        commands.renew_token(session, made, by=provider.actor, now=late)


def test_other_claims_have_no_token_and_a_token_is_no_code(
    session: Session, managed: Listing, other_provider: Account, provider: Account, made: Claim, claim: Claims
) -> None:
    by_phone = claim(managed, other_provider)
    with pytest.raises(Conflict, match="does not wait for a token"):
        commands.require_token(by_phone, by=other_provider.actor, now=NOW)
    with pytest.raises(Conflict, match="does not wait for a code"):
        commands.enter_code(session, made, "123456", by=provider.actor, now=NOW)


@pytest.mark.usefixtures("made")
def test_the_database_refuses_a_submitted_claim_whose_domain_is_not_proved(session: Session) -> None:
    session.commit()
    for statement in ("UPDATE claims SET state = 'submitted'", "UPDATE claims SET token = ''"):
        with pytest.raises(DatabaseError):
            session.execute(sa.text(statement))
        session.rollback()
