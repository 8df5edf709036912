"""Answers that a claimant prepares before the claim is decided: kept apart, adopted on approval, else deleted."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.claims import DOCUMENT
from support.factories import NOW, make_account, make_attestation, make_listing

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.attestations.claim_answers import adopt_prepared, save_prepared
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.claims import commands, decisions
from directory.claims.lifecycle import Move
from directory.claims.request import ClaimRequest
from directory.claims.tables import Claim, ClaimAnswers, Proof
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.managers import grant_right
from directory.listings.tables import Listing, ListingSource

RULES = bundled_rulesets().current
VOLUME = RULES.criteria[0].key
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
        adopt_prepared(session, made, RULES, now=NOW)

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


def test_a_decision_that_is_undone_leaves_a_draft_that_nobody_signed(
    session: Session, made: Claim, provider: Account, decide
) -> None:
    prepare(session, made, provider)
    decide(Move.APPROVE)
    decide(Move.REOPEN)
    assert [(draft.state, draft.signed_at) for draft in drafts(session)] == [(AttestationState.DRAFT, None)]
