"""A decision can be undone for ten minutes: as a new decision, before anybody is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.claims import DOCUMENT
from support.dispute_factories import make_dispute, move_dispute
from support.factories import NOW, get_reviewer, make_account, make_address, make_attestation, make_listing
from support.mail import deliver_next
from support.revision_actions import draft, submitted

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.commands import get_or_create_draft
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.attestations.tables import Attestation
from directory.badges.queries import credential_data, revoked_indexes
from directory.certification.ruleset import bundled_rulesets
from directory.claims.commands import make_claim
from directory.claims.lifecycle import Move as ClaimTransition
from directory.claims.lifecycle import RemovalMove
from directory.claims.removals import request_removal
from directory.claims.request import ClaimRequest
from directory.claims.tables import AcceptedContact, Claim, ClaimAnswers, Proof, Removal
from directory.disputes.lifecycle import DisputeState, Remedy
from directory.disputes.lifecycle import Move as DisputeTransition
from directory.disputes.tables import Dispute
from directory.errors import Conflict, NotAllowed
from directory.listings.address_changes import TypedAddress, documents, typed_documents
from directory.listings.changes import ADDRESSES
from directory.listings.lifecycle import ListingState, Move
from directory.listings.revision_lifecycle import Move as RevisionTransition
from directory.listings.tables import Listing, ListingManager, ListingMove, ListingRevision, Location, SuppressedNpi
from directory.outbox.tables import Email
from directory.review.claims import decide_claim
from directory.review.commands import decide_attestation, decide_listing
from directory.review.decisions import UNDO_WITHIN, emails_of, forget_kept, group_decision, undoable_decision
from directory.review.removals import decide_removal
from directory.review.revisions import decide_revision
from directory.review.tables import Decision
from directory.review.undo import UNDONE, undo_decision

RULES = bundled_rulesets()
LATER = NOW + timedelta(days=10)
"""When the decisions of these tests are made: after all that happened before."""

SOON = LATER + timedelta(minutes=9)
MOVES_WITH_TIME = {"id", "version", "updated_at", "last_confirmed", "proved_at", "since", "by_id"}
"""Columns that count changes or say when one was made; an undo is a change too."""

PREPARED = {"volume_per_site_ml-low": ["8"], "volume_per_site_ml-high": ["10"]}

TABLES = (Listing, Location, ListingRevision, ListingManager, Attestation, Dispute, Claim, ClaimAnswers, Removal)

Decide = Callable[[Session, Any], None]


def how(session: Session, **more: Any) -> dict[str, Any]:
    return {"by": get_reviewer(session).actor, "now": LATER, "rulesets": RULES, "reason": "For a test.", **more}


def on_listing(move: Move) -> Decide:
    return lambda session, listing: decide_listing(session, listing, move, **how(session))


def on_answers(move: AttestationTransition) -> Decide:
    return lambda session, attestation: decide_attestation(session, attestation, move, **how(session))


def on_revision(move: RevisionTransition) -> Decide:
    def decide(session: Session, revision: ListingRevision) -> None:
        decide_revision(session, revision, move, by=get_reviewer(session).actor, now=LATER, reason="For a test.")

    return decide


def on_claim(move: ClaimTransition) -> Decide:
    return lambda session, claim: decide_claim(session, claim, move, **how(session, replace_others=True))


def on_removal(move: RemovalMove) -> Decide:
    return lambda session, removal: decide_removal(
        session, removal, move, reason="For a test.", by=get_reviewer(session).actor, now=LATER
    )


def on_dispute(move: DisputeTransition, remedy: Remedy | None = None) -> Decide:
    return lambda session, dispute: move_dispute(session, dispute, move, now=LATER, remedy=remedy)


def listing_in(state: ListingState) -> Callable[[Session, Account], Any]:
    return lambda session, provider: make_listing(session, provider, state=state, npi="1234567893")


def waiting_answers(session: Session, provider: Account) -> Attestation:
    return make_attestation(session, make_listing(session, provider), state=AttestationState.SUBMITTED)


def waiting_renewal(session: Session, provider: Account) -> Attestation:
    listing = make_listing(session, provider)
    make_attestation(session, listing)
    return make_attestation(session, listing, state=AttestationState.SUBMITTED, now=NOW + timedelta(days=1))


def accepted_answers(session: Session, provider: Account) -> Attestation:
    return make_attestation(session, make_listing(session, provider))


def waiting_change(session: Session, provider: Account) -> ListingRevision:
    listing = make_listing(session, provider, npi="1234567893")
    make_attestation(session, listing)
    office = TypedAddress(None, make_address(line1="12 Other Street"), None)
    addresses = typed_documents(documents(listing), [office])
    waits = submitted(session, listing, provider, practice="B Practice", npi="1111111112", **{ADDRESSES: addresses})
    draft(session, listing, provider, practice="C Practice", credential="DO")
    session.flush()
    return waits


def waiting_claim(session: Session, provider: Account) -> Claim:
    listing = make_listing(session, make_account(session, Role.PROVIDER))
    request = ClaimRequest(
        proof=Proof.DOCUMENT, role="Owner", contact="303-555-0199", mailbox="office", document=DOCUMENT
    )
    claim = make_claim(session, listing, request, by=provider.actor, now=NOW, checks_domains=False)
    session.add(ClaimAnswers(claim_id=claim.id, texts=PREPARED, updated_at=NOW))
    session.flush()
    return claim


def waiting_removal(session: Session, provider: Account) -> Removal:
    listing = make_listing(session, provider, npi="1234567893")
    make_attestation(session, listing)
    return request_removal(session, listing, "I retired.", by=None, now=NOW, reply_to="me@example.com")


def dispute_in(state: DisputeState) -> Callable[[Session, Account], Any]:
    def make(session: Session, provider: Account) -> Dispute:
        listing = make_listing(session, provider)
        make_attestation(session, listing)
        return make_dispute(session, listing, state=state)

    return make


CASES: dict[str, tuple[Callable[[Session, Account], Any], Decide]] = {
    "publish": (listing_in(ListingState.SUBMITTED), on_listing(Move.PUBLISH)),
    "return": (listing_in(ListingState.SUBMITTED), on_listing(Move.RETURN)),
    "reject": (listing_in(ListingState.SUBMITTED), on_listing(Move.REJECT)),
    "suspend": (listing_in(ListingState.PUBLISHED), on_listing(Move.SUSPEND)),
    "reinstate": (listing_in(ListingState.SUSPENDED), on_listing(Move.REINSTATE)),
    "retire": (listing_in(ListingState.PUBLISHED), on_listing(Move.RETIRE)),
    "accept answers": (waiting_answers, on_answers(AttestationTransition.ACCEPT)),
    "accept a renewal": (waiting_renewal, on_answers(AttestationTransition.ACCEPT)),
    "return answers": (waiting_answers, on_answers(AttestationTransition.RETURN)),
    "revoke answers": (accepted_answers, on_answers(AttestationTransition.REVOKE)),
    "accept a change": (waiting_change, on_revision(RevisionTransition.ACCEPT)),
    "return a change": (waiting_change, on_revision(RevisionTransition.RETURN)),
    "reject a change": (waiting_change, on_revision(RevisionTransition.REJECT)),
    "approve a claim": (waiting_claim, on_claim(ClaimTransition.APPROVE)),
    "refuse a claim": (waiting_claim, on_claim(ClaimTransition.REFUSE)),
    "take down": (waiting_removal, on_removal(RemovalMove.ACCEPT)),
    "keep listed": (waiting_removal, on_removal(RemovalMove.DECLINE)),
    "ask about a report": (dispute_in(DisputeState.REPORTED), on_dispute(DisputeTransition.OPEN)),
    "dismiss a report": (dispute_in(DisputeState.REPORTED), on_dispute(DisputeTransition.DISMISS)),
    "decline a report": (dispute_in(DisputeState.OPEN), on_dispute(DisputeTransition.DECLINE)),
    "uphold a report": (
        dispute_in(DisputeState.ANSWERED),
        on_dispute(DisputeTransition.UPHOLD, Remedy.REVOKED),
    ),
}
"""What waits, and a decision on it."""


def contents(session: Session) -> dict[str, list[dict[str, Any]]]:
    """All that decisions change, without the counts and times of changes."""
    session.flush()
    session.expire_all()
    return {
        table.__tablename__: sorted(
            (
                {name: value for name, value in row._mapping.items() if name not in MOVES_WITH_TIME}
                for row in session.execute(sa.select(table.__table__))
            ),
            key=repr,
        )
        for table in (*TABLES, SuppressedNpi, AcceptedContact)
    }


def last_decision(session: Session) -> Decision:
    return session.scalars(sa.select(Decision).order_by(Decision.id.desc()).limit(1)).one()


def undo(session: Session, decision: Decision, at: Any = SOON) -> Decision:
    return undo_decision(session, decision, by=get_reviewer(session).actor, rulesets=RULES, now=at)


@pytest.mark.parametrize("name", CASES)
def test_an_undo_restores_everything_and_cancels_the_mail(session: Session, provider: Account, name: str) -> None:
    make, decide = CASES[name]
    thing = make(session, provider)
    before = contents(session)
    decide(session, thing)
    decided = last_decision(session)
    held = emails_of(session, decided)
    assert contents(session) != before
    assert held or name == "dismiss a report"
    assert all(mail.next_attempt_at == LATER + UNDO_WITHIN for mail in held)
    made = undo(session, decided)
    assert contents(session) == before
    assert all(mail.cancelled_at == SOON for mail in held)
    assert made.undoes_id == decided.id
    assert len(made.moves) >= len(decided.moves)
    decide(session, thing)  # the same decision is possible again


def test_an_undo_is_in_the_history_with_its_reason(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    on_listing(Move.REJECT)(session, listing)
    undo(session, last_decision(session))
    rows = session.scalars(sa.select(ListingMove).order_by(ListingMove.id)).all()
    assert [(row.move, row.reason) for row in rows[-2:]] == [("reject", "For a test."), ("undo_reject", UNDONE)]


def test_a_revoked_bit_is_never_cleared_by_an_undo(session: Session, provider: Account) -> None:
    attestation = accepted_answers(session, provider)
    first = credential_data(session, attestation.public_id, rulesets=RULES)
    on_answers(AttestationTransition.REVOKE)(session, attestation)
    undo(session, last_decision(session))
    again = credential_data(session, attestation.public_id, rulesets=RULES)
    revoked = revoked_indexes(session, first.status_list, rulesets=RULES, now=SOON)
    assert (first.status_index in revoked, again.status_index in revoked) == (True, False)


def test_an_undone_acceptance_gives_the_earlier_answers_a_new_credential(session: Session, provider: Account) -> None:
    renewal = waiting_renewal(session, provider)
    earlier = session.scalars(sa.select(Attestation).where(Attestation.id != renewal.id)).one()
    first = credential_data(session, earlier.public_id, rulesets=RULES)
    on_answers(AttestationTransition.ACCEPT)(session, renewal)
    undo(session, last_decision(session))
    again = credential_data(session, earlier.public_id, rulesets=RULES)
    assert again.status_index != first.status_index
    assert revoked_indexes(session, 1, rulesets=RULES, now=SOON) != []


def test_several_moves_are_one_decision_with_one_email_for_each_recipient(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED, npi="1234567893")
    answers = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    before = contents(session)
    with group_decision(session, listing, by=get_reviewer(session).actor, now=LATER):
        on_listing(Move.PUBLISH)(session, listing)
        on_answers(AttestationTransition.RETURN)(session, answers)
    decided = last_decision(session)
    [mail] = emails_of(session, decided)
    assert [(move.kind, move.move) for move in decided.moves] == [("listing", "publish"), ("attestation", "return")]
    assert mail.to == provider.email
    assert mail.body.count("Hello") == 1
    assert "is published" in mail.body or "public" in mail.body
    undo(session, decided)
    assert contents(session) == before


def test_nothing_is_sent_before_the_undo_ends_and_everything_after_it(session: Session, provider: Account) -> None:
    sent: list[Any] = []
    session.execute(sa.delete(Email))
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    session.execute(sa.delete(Email).where(Email.letter == "listing_received"))
    assert deliver_next(session, sent.append, now=SOON) is None
    assert deliver_next(session, sent.append, now=LATER + UNDO_WITHIN) is not None
    assert len(sent) == 1


def test_an_undo_is_refused_once_it_is_too_late(session: Session, provider: Account) -> None:
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    decided = last_decision(session)
    with pytest.raises(Conflict, match="cannot be undone any more"):
        undo(session, decided, at=LATER + UNDO_WITHIN)
    made = undo(session, decided)
    for done in (decided, made):
        with pytest.raises(Conflict):
            undo(session, done)


def test_an_undo_is_refused_once_the_mail_was_tried(session: Session, provider: Account) -> None:
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    decided = last_decision(session)
    [mail] = emails_of(session, decided)
    mail.attempts = 1
    session.flush()
    with pytest.raises(Conflict, match="sent in the meantime"):
        undo(session, decided)


def test_an_undo_is_refused_once_something_moved_on(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    on_listing(Move.PUBLISH)(session, listing)
    decided = last_decision(session)
    on_listing(Move.SUSPEND)(session, listing)
    with pytest.raises(Conflict, match="changed since"):
        undo(session, decided)


def test_an_undo_is_refused_once_new_answers_were_begun(session: Session, provider: Account) -> None:
    attestation = waiting_answers(session, provider)
    on_answers(AttestationTransition.RETURN)(session, attestation)
    get_or_create_draft(session, attestation.listing, RULES.current, by=provider.actor, now=SOON)
    with pytest.raises(Conflict, match="begun new answers"):
        undo(session, last_decision(session))


def test_an_undo_is_refused_once_the_change_was_edited_again(session: Session, provider: Account) -> None:
    revision = waiting_change(session, provider)
    on_revision(RevisionTransition.RETURN)(session, revision)
    [kept] = session.scalars(sa.select(ListingRevision).where(ListingRevision.id != revision.id)).all()
    kept.updated_at = SOON
    session.flush()
    with pytest.raises(Conflict, match="edited the change"):
        undo(session, last_decision(session))


def test_an_undo_is_refused_once_the_npi_is_taken(session: Session, provider: Account, other_provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED, npi="1234567893")
    on_listing(Move.REJECT)(session, listing)
    make_listing(session, other_provider, npi="1234567893", now=LATER)
    decided = session.scalars(sa.select(Decision).where(Decision.listing_id == listing.id)).one()
    with pytest.raises(Conflict, match="listed already"):
        undo(session, decided)


def test_nobody_undoes_a_decision_on_their_own_listing(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    on_listing(Move.PUBLISH)(session, listing)
    with pytest.raises(NotAllowed):
        undo_decision(session, last_decision(session), by=provider.actor, rulesets=RULES, now=SOON)


def test_only_the_last_decision_is_offered_and_only_while_it_can_be_undone(session: Session, provider: Account) -> None:
    reviewer = get_reviewer(session).actor
    assert undoable_decision(session, reviewer, now=LATER) is None
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    decided = last_decision(session)
    assert undoable_decision(session, reviewer, now=SOON) is decided
    assert undoable_decision(session, reviewer, now=LATER + UNDO_WITHIN) is None
    undo(session, decided)
    assert undoable_decision(session, reviewer, now=SOON) is None


def test_answers_of_a_rejected_listing_cannot_be_accepted(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    answers = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    on_listing(Move.REJECT)(session, listing)
    with pytest.raises(Conflict, match="rejected"):
        on_answers(AttestationTransition.ACCEPT)(session, answers)


def test_what_an_undo_needs_is_erased_when_it_is_no_longer_possible(session: Session, provider: Account) -> None:
    removal = waiting_removal(session, provider)
    on_removal(RemovalMove.DECLINE)(session, removal)
    decided = last_decision(session)
    assert forget_kept(session, now=SOON) == 0
    assert "me@example.com" in str(decided.kept)
    assert forget_kept(session, now=LATER + UNDO_WITHIN) == 1
    assert decided.kept == {}
    assert forget_kept(session, now=LATER + UNDO_WITHIN) == 0
