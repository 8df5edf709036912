"""Claims: what proves one, who decides, what is told to whom, and that silence hands nothing over."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.claims import Claims
from support.factories import NOW, make_account, make_listing

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.claims import commands, decisions
from directory.claims.codes import CodeResult
from directory.claims.commands import MAX_CODES_A_DAY, MAX_OPEN_CLAIMS
from directory.claims.lifecycle import ClaimState, Move
from directory.claims.proofs import proof_offers
from directory.claims.tables import MAX_TRIES, ClaimCode, ClaimMove, Proof
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.tables import Listing
from directory.outbox.tables import Email

WEBSITE = "https://www.example-practice.org/about"


def mails(session: Session, to: str) -> list[str]:
    return list(session.scalars(sa.select(Email.subject).where(Email.to == to).order_by(Email.id)))


def mailed_code(session: Session) -> str:
    body = session.scalars(sa.select(Email.body).order_by(Email.id.desc())).first()
    return re.search(r"type this code: (\d{6})", body)[1]


@pytest.fixture
def managed(session: Session) -> Listing:
    return make_listing(session, make_account(session, Role.PROVIDER, email="first@example.com"), website=WEBSITE)


def test_an_imported_listing_starts_with_phone_or_document(session: Session, imported: Listing) -> None:
    assert [offer.proof for offer in proof_offers(session, imported)] == [Proof.PHONE, Proof.DOCUMENT]


def test_only_contacts_that_a_reviewer_accepted_prove_a_claim(session: Session, managed: Listing) -> None:
    offers = proof_offers(session, managed)
    assert [(offer.proof, offer.target) for offer in offers] == [
        (Proof.MAIL, "example-practice.org"),
        (Proof.PHONE, "303-555-0100"),
        (Proof.DOCUMENT, ""),
    ]
    managed.website, managed.phone = "https://elsewhere.example.org", "303-555-0666"
    assert [offer.proof for offer in proof_offers(session, managed)] == [Proof.DOCUMENT]


def test_a_phone_that_a_provider_changed_proves_nothing_after_they_left(
    session: Session, imported: Listing, provider: Account, reviewer: Account, claim: Claims
) -> None:
    made = claim(imported, provider, Proof.DOCUMENT)
    decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW)
    imported.phone = "303-555-0666"
    commands.release_listings(session, provider, now=NOW)
    assert Proof.PHONE not in {offer.proof for offer in proof_offers(session, imported)}


def test_a_claim_by_phone_is_proved_by_the_code_that_a_reviewer_read_out(
    session: Session, imported: Listing, provider: Account, reviewer: Account, claim: Claims
) -> None:
    made = claim(imported, provider)
    assert made.state is ClaimState.SUBMITTED
    with pytest.raises(Conflict, match="Nothing proves this claim"):
        decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW)
    session.refresh(made)
    code = decisions.read_out_code(session, made, by=reviewer.actor, now=NOW)
    assert commands.enter_code(session, made, f" {code[:3]} {code[3:]}", by=provider.actor, now=NOW) is CodeResult.RIGHT
    version = imported.version
    decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW, version=made.version)
    assert imported.right_of(provider.id) is Right.OWNER
    assert imported.version > version, "an import that read the listing before must not overwrite it"
    assert mails(session, provider.email)[-2:] == [
        f"We have your claim to {imported.name}",
        f"You now manage {imported.name}",
    ]
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions[-5:] == ["claim.submit", "claim.read_code", "claim.prove", "claim.approve", "listing.grant_right"]


def test_a_claim_by_mail_waits_for_its_code_and_is_then_submitted(
    session: Session, managed: Listing, provider: Account, claim: Claims
) -> None:
    made = claim(managed, provider, Proof.MAIL)
    assert (made.state, made.target) == (ClaimState.DRAFT, "office@example-practice.org")
    assert mails(session, "first@example.com")[-1].endswith("is published"), "nobody is told of an unproved claim"
    code = mailed_code(session)
    assert code not in session.scalars(sa.select(ClaimCode.hashed)).one()
    assert commands.enter_code(session, made, code, by=provider.actor, now=NOW) is CodeResult.RIGHT
    assert made.state is ClaimState.DISPUTED, "others manage the listing"
    assert commands.codes.try_code(session, made, code, now=NOW) is CodeResult.ENDED


@pytest.mark.parametrize("mailbox", ["", "office@gmail.com", "a b", "x" * 65, "office\0", '"a"'])
def test_only_the_part_before_the_at_sign_is_asked(
    managed: Listing, provider: Account, claim: Claims, mailbox: str
) -> None:
    with pytest.raises(Invalid) as refused:
        claim(managed, provider, Proof.MAIL, mailbox=mailbox)
    assert {fault.field for fault in refused.value.faults} == {"mailbox"}


def test_a_code_ends_after_five_tries_after_half_an_hour_and_with_the_next_one(
    session: Session, managed: Listing, provider: Account, claim: Claims
) -> None:
    made = claim(managed, provider, Proof.MAIL)
    code = mailed_code(session)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    late = NOW + timedelta(minutes=30)
    assert commands.enter_code(session, made, code, by=provider.actor, now=late) is CodeResult.ENDED
    for _ in range(MAX_TRIES):
        assert commands.enter_code(session, made, wrong, by=provider.actor, now=NOW) is CodeResult.WRONG
    assert commands.enter_code(session, made, code, by=provider.actor, now=NOW) is CodeResult.ENDED
    commands.send_code(session, made, by=provider.actor, now=NOW)
    second = mailed_code(session)
    commands.send_code(session, made, by=provider.actor, now=NOW + timedelta(seconds=1))
    third = mailed_code(session)
    if second != third:
        assert commands.enter_code(session, made, second, by=provider.actor, now=late) is CodeResult.WRONG
    assert commands.enter_code(session, made, third, by=provider.actor, now=late) is CodeResult.RIGHT


def test_a_practice_gets_few_codes_a_day_however_many_claim(session: Session, managed: Listing, claim: Claims) -> None:
    for _ in range(MAX_CODES_A_DAY):
        claim(managed, make_account(session, Role.PROVIDER), Proof.MAIL)
    with pytest.raises(Conflict, match="codes today"):
        claim(managed, make_account(session, Role.PROVIDER), Proof.MAIL)


def test_a_thousand_claims_cost_an_owner_one_mail_a_day(session: Session, managed: Listing, claim: Claims) -> None:
    for _ in range(20):
        claim(managed, make_account(session, Role.PROVIDER))
    assert mails(session, "first@example.com").count(f"Somebody else claims {managed.name}") == 1


def test_a_document_is_forgotten_once_the_claim_is_decided(
    session: Session, imported: Listing, provider: Account, reviewer: Account, claim: Claims
) -> None:
    made = claim(imported, provider, Proof.DOCUMENT)
    assert made.sha256
    decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW)
    assert (made.sha256, made.document_name, made.proved_at) == (None, None, NOW)
    with pytest.raises(Invalid, match="Choose a document"):
        claim(imported, make_account(session, Role.PROVIDER), Proof.DOCUMENT, document=None)


def test_a_second_claimant_opens_a_case_and_nobody_wins_by_waiting(
    session: Session, imported: Listing, provider: Account, other_provider: Account, reviewer: Account, claim: Claims
) -> None:
    first, second = claim(imported, provider, Proof.DOCUMENT), claim(imported, other_provider, Proof.DOCUMENT)
    assert (first.state, second.state) == (ClaimState.DISPUTED, ClaimState.DISPUTED)
    with pytest.raises(Invalid, match="Give the reason"):
        decisions.decide(session, second, Move.APPROVE, by=reviewer.actor, now=NOW)
    decisions.decide(session, second, Move.APPROVE, by=reviewer.actor, now=NOW, reason="The letter is theirs.")
    decisions.decide(session, first, Move.REFUSE, by=reviewer.actor, now=NOW, reason="Another letterhead.")
    assert imported.right_of(provider.id) is None
    assert imported.right_of(other_provider.id) is Right.OWNER
    assert mails(session, provider.email)[-1] == f"Your claim was refused: {imported.name}"
    assert mails(session, other_provider.email)[-1] == f"A claim was refused: {imported.name}"


def test_owners_stay_beside_the_claimant_unless_a_reviewer_replaces_them_and_an_undo_restores_them(
    session: Session, managed: Listing, provider: Account, reviewer: Account, claim: Claims
) -> None:
    [owner_id] = [row.account_id for row in managed.managers]
    made = claim(managed, provider, Proof.DOCUMENT)
    by = {"by": reviewer.actor, "now": NOW, "reason": "Why."}
    decisions.decide(session, made, Move.APPROVE, replace_others=True, **by)
    assert {row.account_id for row in managed.managers} == {provider.id}
    assert mails(session, "first@example.com")[-1] == f"Somebody else now owns {managed.name}"
    decisions.decide(session, made, Move.REOPEN, **by)
    assert {row.account_id: row.right for row in managed.managers} == {owner_id: Right.OWNER}
    assert made.state is ClaimState.DISPUTED


def test_a_reviewer_decides_neither_on_their_own_claim_nor_on_a_listing_that_they_manage(
    session: Session, imported: Listing, managed: Listing, provider: Account, reviewer: Account, claim: Claims
) -> None:
    provider.roles = [*provider.roles, *reviewer.roles]
    owner = session.get_one(Account, managed.managers[0].account_id)
    owner.roles = [*owner.roles, *reviewer.roles]
    mine = claim(imported, provider, Proof.DOCUMENT)
    with pytest.raises(NotAllowed, match="your own"):
        decisions.decide(session, mine, Move.APPROVE, by=provider.actor, now=NOW)
    theirs = claim(managed, provider, Proof.DOCUMENT)
    with pytest.raises(NotAllowed, match="decide on this listing"):
        decisions.decide(session, theirs, Move.REFUSE, by=owner.actor, now=NOW, reason="No.")


def test_who_manages_a_listing_or_claims_it_already_claims_it_no_more(
    session: Session, imported: Listing, managed: Listing, provider: Account, reviewer: Account, claim: Claims
) -> None:
    claim(imported, provider)
    with pytest.raises(Conflict, match="already"):
        claim(imported, provider)
    with pytest.raises(NotAllowed):
        claim(managed, session.get_one(Account, managed.managers[0].account_id))
    with pytest.raises(NotAllowed):
        claim(imported, reviewer)
    for _ in range(MAX_OPEN_CLAIMS - 1):
        claim(make_listing(session, session.get_one(Account, managed.managers[0].account_id)), provider)
    with pytest.raises(Conflict, match="open claims"):
        claim(managed, provider)


def test_a_stale_decision_is_refused_and_a_withdrawn_claim_is_not_decided(
    session: Session, imported: Listing, provider: Account, other_provider: Account, reviewer: Account, claim: Claims
) -> None:
    made = claim(imported, provider, Proof.DOCUMENT)
    with pytest.raises(Conflict, match="changed in the meantime"):
        decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW, version=made.version - 1)
    with pytest.raises(NotAllowed):
        commands.withdraw(session, made, by=other_provider.actor, now=NOW)
    commands.withdraw(session, made, by=provider.actor, now=NOW)
    with pytest.raises(Conflict):
        decisions.decide(session, made, Move.APPROVE, by=reviewer.actor, now=NOW)


def test_the_database_keeps_the_history_and_refuses_an_approval_without_proof(
    session: Session, imported: Listing, provider: Account, claim: Claims
) -> None:
    claim(imported, provider)
    session.commit()
    for statement in (
        sa.update(ClaimMove).values(reason="Another."),
        sa.delete(ClaimMove),
        sa.text("UPDATE claims SET state = 'approved'"),
        sa.text("UPDATE claims SET target = ''"),
    ):
        with pytest.raises(DatabaseError):
            session.execute(statement)
        session.rollback()
