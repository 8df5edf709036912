"""Answers that a claimant prepares before the claim is decided: kept apart, adopted on approval, else deleted."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.claims import DOCUMENT
from support.factories import NOW, make_account, make_attestation, make_listing

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.attestations.claim_answers import save_prepared
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.claims import commands, decisions
from directory.claims.lifecycle import Move
from directory.claims.request import ClaimRequest
from directory.claims.tables import Claim, ClaimAnswers, Proof
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.managers import grant_right
from directory.listings.tables import Listing, ListingSource
from directory.review.answer_drafts import settle_claim_answers

RULES = bundled_rulesets().current
VOLUME = RULES.criteria[0].key
BONE = RULES.criteria[-1].key
TEXTS = {f"{VOLUME}-low": ["8"], f"{VOLUME}-high": ["10"]}


@pytest.fixture
def imported(session: Session) -> Listing:
    listing = make_listing(session, make_account(session, Role.PROVIDER), source=ListingSource.NPPES)
    listing.managers.clear()
    session.flush()
    return listing


@pytest.fixture
def made(session: Session, imported: Listing, provider: Account) -> Claim:
    request = ClaimRequest("Owner", "303-555-0199", Proof.DOCUMENT, document=DOCUMENT)
    return commands.make_claim(session, imported, request, by=provider.actor, now=NOW)


@pytest.fixture
def decide(session: Session, made: Claim, reviewer: Account):
    """Decide on the claim, as the console does."""

    def decided(move: Move) -> None:
        decisions.decide(session, made, move, by=reviewer.actor, now=NOW, reason="Why.")
        settle_claim_answers(session, made, bundled_rulesets(), by=reviewer.actor, now=NOW)

    return decided


def prepare(session: Session, claim: Claim, by: Account, texts=None, version: int = 0):
    return save_prepared(
        session, claim, RULES, TEXTS if texts is None else texts, version=version, by=by.actor, now=NOW
    )


def drafts(session: Session) -> list[Attestation]:
    return list(session.scalars(sa.select(Attestation)))


def kept(session: Session) -> list[ClaimAnswers]:
    return list(session.scalars(sa.select(ClaimAnswers)))


def test_prepared_answers_stay_with_the_claim_until_it_is_approved(
    session: Session, made: Claim, provider: Account, imported: Listing, decide
) -> None:
    assert prepare(session, made, provider).faults == ()
    assert drafts(session) == []
    decide(Move.APPROVE)
    [draft] = drafts(session)
    assert (draft.listing_id, draft.state, draft.prepared_by_id) == (imported.id, AttestationState.DRAFT, provider.id)
    assert draft.answers[VOLUME] == [8, 10]
    assert draft.signed_at is None
    assert kept(session) == []


@pytest.mark.parametrize("end", ["refuse", "withdraw", "close the account"])
def test_they_are_deleted_if_the_claim_comes_to_nothing(
    session: Session, made: Claim, provider: Account, decide, end: str
) -> None:
    prepare(session, made, provider)
    if end == "refuse":
        decide(Move.REFUSE)
    elif end == "withdraw":
        commands.withdraw(session, made, by=provider.actor, now=NOW)
    else:
        commands.release_listings(session, provider, now=NOW)
    assert kept(session) == []
    assert drafts(session) == []


@pytest.mark.parametrize("state", [AttestationState.DRAFT, AttestationState.SUBMITTED, AttestationState.ACCEPTED])
def test_answers_of_another_manager_stay_as_they_are(
    session: Session, imported: Listing, made: Claim, provider: Account, other_provider: Account, decide, state
) -> None:
    prepare(session, made, provider)
    grant_right(session, imported, other_provider.id, Right.OWNER, by=None, now=NOW)
    theirs = make_attestation(session, imported, state=state)
    before = (theirs.answers, theirs.version, theirs.state)
    decide(Move.APPROVE)
    assert drafts(session) == [theirs]
    assert (theirs.answers, theirs.version, theirs.state) == before
    assert kept(session) == []


def test_only_the_claimant_prepares_them_and_only_while_the_claim_is_open(
    session: Session, made: Claim, provider: Account, other_provider: Account, decide
) -> None:
    with pytest.raises(NotAllowed):
        prepare(session, made, other_provider)
    decide(Move.REFUSE)
    with pytest.raises(Conflict, match="decided"):
        prepare(session, made, provider)


def test_another_window_is_not_overwritten_in_silence(session: Session, made: Claim, provider: Account) -> None:
    prepare(session, made, provider)
    with pytest.raises(Conflict, match="Another window"):
        prepare(session, made, provider)
    prepare(session, made, provider, {}, version=1)
    assert kept(session)[0].texts == {}


def test_text_that_is_no_answer_yet_is_kept_and_too_much_is_refused(
    session: Session, made: Claim, provider: Account, decide
) -> None:
    typed = {f"{VOLUME}-low": ["a lot\0"], "nobody-asks": ["x"]}
    assert prepare(session, made, provider, typed).faults
    assert kept(session)[0].texts == {f"{VOLUME}-low": ["a lot\ufffd"]}
    with pytest.raises(Invalid, match="longer than"):
        prepare(session, made, provider, {f"{VOLUME}-low": ["x" * 3000]}, version=1)
    decide(Move.APPROVE)
    assert drafts(session)[0].typed == {VOLUME: {f"{VOLUME}-low": ["a lot\ufffd"]}}


def test_answers_go_back_to_the_claim_if_its_approval_is_undone_and_return_with_the_next(
    session: Session, made: Claim, provider: Account, decide
) -> None:
    typed = {**TEXTS, f"{BONE}-value": ["no bone"]}
    prepare(session, made, provider, typed)
    decide(Move.APPROVE)
    first = drafts(session)[0].public_id
    decide(Move.REOPEN)
    assert drafts(session) == []
    assert kept(session)[0].texts == typed
    logged = sa.select(AuditEntry.action).where(AuditEntry.object == f"attestation:{first}")
    assert list(session.scalars(logged)) == ["attestation.discard"]
    decide(Move.APPROVE)
    [draft] = drafts(session)
    assert (draft.answers[VOLUME], draft.typed, draft.prepared_by_id) == (
        [8, 10],
        {BONE: {f"{BONE}-value": ["no bone"]}},
        provider.id,
    )


def test_what_the_claimant_signed_is_withdrawn_if_the_approval_is_undone(
    session: Session, made: Claim, provider: Account, decide
) -> None:
    decide(Move.APPROVE)
    signed = make_attestation(session, made.listing, state=AttestationState.SUBMITTED)
    decide(Move.REOPEN)
    assert (signed.state, signed.signed_by_id) == (AttestationState.WITHDRAWN, provider.id)


@pytest.mark.usefixtures("made")
def test_answers_of_another_manager_stay_if_an_approval_is_undone(
    session: Session, imported: Listing, other_provider: Account, decide
) -> None:
    grant_right(session, imported, other_provider.id, Right.OWNER, by=None, now=NOW)
    decide(Move.APPROVE)
    theirs = make_attestation(session, imported, state=AttestationState.DRAFT)
    assert theirs.prepared_by_id == other_provider.id
    decide(Move.REOPEN)
    assert drafts(session) == [theirs]
