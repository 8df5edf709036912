"""Undoes the decisions of reviewers: each undo is a new decision, and the email of the first one is never sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations import commands as attestations
from directory.attestations import lifecycle as attestation_lifecycle
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.badges import commands as badges
from directory.certification.ruleset import Rulesets
from directory.claims.decisions import reopen_claim
from directory.claims.lifecycle import REMOVAL_UNDOES, RemovalMove
from directory.claims.lifecycle import Move as ClaimTransition
from directory.claims.removals import undo_removal
from directory.claims.tables import AcceptedContact, Claim, ClaimAnswers, Removal
from directory.disputes.commands import undo_dispute
from directory.disputes.lifecycle import DisputeState
from directory.disputes.tables import Dispute
from directory.errors import Conflict
from directory.listings import commands as listings
from directory.listings import lifecycle as listing_lifecycle
from directory.listings import revision_lifecycle, revisions
from directory.listings.commands import require_unlisted_npi
from directory.listings.tables import Listing, ListingRevision, SuppressedNpi
from directory.listings.undo import restore_draft, revert_revision
from directory.outbox.queue import cancel_email
from directory.review.answer_drafts import settle_claim_answers
from directory.review.decisions import SUBJECTS, emails_of, group_decision
from directory.review.tables import Decision, DecisionMove
from directory.search.changes import record_changes

UNDONE = "The reviewer undid this decision before anybody was told of it."
"""The reason in the history of everything that an undo moves back."""


@dataclass(frozen=True, slots=True)
class _Undo:
    """An undo as each function for a kind of subject needs it."""

    session: Session
    decision: Decision
    rulesets: Rulesets
    by: Actor
    now: datetime

    @property
    def facts(self) -> dict[str, Any]:
        """Who moves, when and why, for every lifecycle move."""
        return {"by": self.by, "now": self.now, "reason": UNDONE}

    def kept(self, move: DecisionMove) -> dict[str, Any]:
        """What the decision noted about the subject of a move."""
        facts: dict[str, Any] = self.decision.kept.get(move.subject, {})
        return facts


def undo_decision(session: Session, decision: Decision, *, by: Actor, rulesets: Rulesets, now: datetime) -> Decision:
    """Undo a decision as a new decision, and cancel its email.

    Raises:
        NotAllowed: `by` is not a reviewer, or manages the listing.
        Conflict: it is undone or too old, its email was tried, something moved on since, or the NPI was taken.
    """
    listing = decision.listing
    require(by, Action.DECIDE, right=listing.right_of(by.id))
    _require_undoable(session, decision, now)
    for mail in emails_of(session, decision):
        cancel_email(session, mail, now=now)
    decision.undone_at, decision.undone_by_id = now, by.id
    undo = _Undo(session, decision, rulesets, by, now)
    with group_decision(session, listing, by=by, now=now, undoes=decision) as made:
        for move in reversed(decision.moves):
            _FUNCTIONS[move.kind](undo, move)
        record_changes(session, [listing.id])
    return made


def _require_undoable(session: Session, decision: Decision, now: datetime) -> None:
    session.refresh(decision, with_for_update=True)
    if decision.undone_at is not None:
        raise Conflict("This decision is undone already.")
    if now >= decision.undo_until or decision.undoes_id is not None:
        raise Conflict("This decision cannot be undone any more: its email is on its way. Decide anew.")
    for move in decision.moves:
        if session.get_one(SUBJECTS[move.kind], move.subject_id).version != move.version:
            raise Conflict(f"The {move.kind} was changed since this decision, so it cannot be undone. Decide anew.")


def _undo_listing(undo: _Undo, move: DecisionMove) -> None:
    listing = undo.session.get_one(Listing, move.subject_id)
    made = listing_lifecycle.Move(move.move)
    if made is listing_lifecycle.Move.REJECT:
        require_unlisted_npi(undo.session, listing.npi)
    listings.move(undo.session, listing, listing_lifecycle.UNDOES[made], **undo.facts)
    if made is listing_lifecycle.Move.PUBLISH:
        accepted = (AcceptedContact.listing_id == listing.id, AcceptedContact.at == undo.decision.at)
        undo.session.execute(sa.delete(AcceptedContact).where(*accepted))
    elif made in {listing_lifecycle.Move.SUSPEND, listing_lifecycle.Move.RETIRE}:
        badges.reissue(undo.session, listing.id, rulesets=undo.rulesets, now=undo.now)


def _undo_attestation(undo: _Undo, move: DecisionMove) -> None:
    attestation = undo.session.get_one(Attestation, move.subject_id)
    undone = attestation_lifecycle.UNDOES[attestation_lifecycle.Move(move.move)]
    later = sa.select(Attestation.id).where(
        Attestation.listing_id == attestation.listing_id, Attestation.created_at > undo.decision.at
    )
    if undo.session.scalar(later) is not None:
        raise Conflict("The provider has begun new answers since, so this decision cannot be undone. Decide anew.")
    attestations.move(undo.session, attestation, undone, **undo.facts)
    undo.session.flush()
    if attestation.state is AttestationState.ACCEPTED:
        badges.reissue(undo.session, attestation.listing_id, rulesets=undo.rulesets, now=undo.now)


def _undo_revision(undo: _Undo, move: DecisionMove) -> None:
    revision = undo.session.get_one(ListingRevision, move.subject_id)
    made = revision_lifecycle.Move(move.move)
    if made is revision_lifecycle.Move.ACCEPT:
        revert_revision(undo.session, revision, undo.kept(move)["addresses"], by=undo.by, now=undo.now)
    revisions.move(undo.session, revision, revision_lifecycle.UNDOES[made], **undo.facts)
    if made is not revision_lifecycle.Move.ACCEPT:
        draft = undo.kept(move)["draft"]
        restore_draft(undo.session, revision, draft, decided_at=undo.decision.at, now=undo.now)


def _undo_claim(undo: _Undo, move: DecisionMove) -> None:
    if move.move == ClaimTransition.REOPEN:
        raise Conflict("A claim that was opened again waits for a decision. Decide on it.")
    claim = undo.session.get_one(Claim, move.subject_id)
    reopen_claim(undo.session, claim, **undo.facts)
    kept = undo.kept(move)
    for name, value in kept["document"].items():
        setattr(claim, name, value)
    settle_claim_answers(undo.session, claim, undo.rulesets, by=undo.by, now=undo.now)
    if kept["answers"] and undo.session.get(ClaimAnswers, claim.id) is None:
        undo.session.add(ClaimAnswers(claim_id=claim.id, texts=kept["answers"], updated_at=undo.now))


def _undo_removal(undo: _Undo, move: DecisionMove) -> None:
    removal, made = undo.session.get_one(Removal, move.subject_id), RemovalMove(move.move)
    kept = undo.kept(move)
    undo_removal(undo.session, removal, REMOVAL_UNDOES[made], reply_to=kept["reply_to"], **undo.facts)
    if kept["suppressed"]:
        undo.session.execute(sa.delete(SuppressedNpi).where(SuppressedNpi.npi == removal.listing.npi))


def _undo_dispute(undo: _Undo, move: DecisionMove) -> None:
    dispute = undo.session.get_one(Dispute, move.subject_id)
    state, reply_to = DisputeState(move.from_state), undo.kept(move)["reply_to"]
    undo_dispute(undo.session, dispute, state, reply_to=reply_to, **undo.facts)


_FUNCTIONS: dict[str, Callable[[_Undo, DecisionMove], None]] = {
    "listing": _undo_listing,
    "attestation": _undo_attestation,
    "revision": _undo_revision,
    "claim": _undo_claim,
    "removal": _undo_removal,
    "dispute": _undo_dispute,
}
