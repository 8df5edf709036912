"""What waits for each kind of decision, and the decision on it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.claims.commands import make_claim
from directory.claims.lifecycle import Move as ClaimTransition
from directory.claims.lifecycle import RemovalMove
from directory.claims.removals import request_removal
from directory.claims.request import ClaimRequest
from directory.claims.tables import Claim, ClaimAnswers, Proof, Removal
from directory.disputes.lifecycle import DisputeState, Remedy
from directory.disputes.lifecycle import Move as DisputeTransition
from directory.disputes.tables import Dispute
from directory.listings.address_changes import TypedAddress, documents, typed_documents
from directory.listings.changes import ADDRESSES
from directory.listings.lifecycle import ListingState, Move
from directory.listings.revision_lifecycle import Move as RevisionTransition
from directory.listings.tables import Listing, ListingManager, ListingRevision, Location
from directory.review.claims import decide_claim
from directory.review.commands import decide_attestation, decide_listing
from directory.review.removals import decide_removal
from directory.review.revisions import decide_revision
from support.claims import DOCUMENT
from support.dispute_factories import make_dispute, move_dispute
from support.factories import NOW, get_reviewer, make_account, make_address, make_attestation, make_listing
from support.revision_actions import draft, submitted

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


def unheard_dispute(session: Session, provider: Account) -> Dispute:
    listing = make_listing(session, provider)
    listing.managers.clear()
    session.flush()
    return make_dispute(session, listing, about="entry")


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
    "uphold a report that nobody can answer": (
        unheard_dispute,
        on_dispute(DisputeTransition.UPHOLD, Remedy.COULD_NOT_REACH),
    ),
    "uphold a report": (
        dispute_in(DisputeState.ANSWERED),
        on_dispute(DisputeTransition.UPHOLD, Remedy.REVOKED),
    ),
}
"""What waits, and a decision on it."""
