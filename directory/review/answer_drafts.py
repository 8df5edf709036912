"""What becomes of answers that are not signed: discarded by a provider, or returned to a claim that was undone."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations import commands as attestations
from directory.attestations.claim_answers import adopt_prepared
from directory.attestations.draft_input import stored_answers
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.audit.commands import record
from directory.certification.form_values import form_texts
from directory.certification.ruleset import Rulesets
from directory.claims.lifecycle import WAITING
from directory.claims.tables import Claim, ClaimAnswers
from directory.errors import Conflict
from directory.evidence.tables import Evidence

CLAIM_UNDONE = "The claim of the person who signed was undone."


def discard_draft(session: Session, draft: Attestation, *, version: int, by: Actor, now: datetime) -> None:
    """Delete answers that are not signed, with their evidence; `version` is the version that the provider saw.

    Raises:
        NotAllowed: the account may not prepare answers for the listing.
        Conflict: the answers are signed, or were changed in the meantime.
    """
    require(by, Action.PREPARE_ANSWERS, right=draft.listing.right_of(by.id))
    if draft.state is not AttestationState.DRAFT:
        raise Conflict("These answers are signed, so they stay on file. You can take them back instead.")
    if draft.version != version:
        raise Conflict("These answers were changed in the meantime. Look at them as they are now, then decide again.")
    _delete_draft(session, draft, by=by, now=now)


def settle_claim_answers(session: Session, claim: Claim, rulesets: Rulesets, *, by: Actor, now: datetime) -> None:
    """Move the answers of a claimant to where they belong after a decision: the listing's draft, or the claim.

    If an approval was undone, the claimant's draft goes back to the claim, and answers of the claimant that wait for a
    reviewer are withdrawn. Answers that were accepted meanwhile stay: a reviewer revokes them if they are wrong.
    """
    adopt_prepared(session, claim, rulesets.current, now=now)
    if claim.state not in WAITING or claim.listing.right_of(claim.account_id) is not None:
        return
    of_listing = sa.select(Attestation).where(Attestation.listing_id == claim.listing_id)
    for signed in session.scalars(
        of_listing.where(Attestation.state == AttestationState.SUBMITTED, Attestation.signed_by_id == claim.account_id)
    ).all():
        attestations.move(session, signed, Move.WITHDRAW, by=by, now=now, reason=CLAIM_UNDONE)
    draft = session.scalar(
        of_listing.where(Attestation.state == AttestationState.DRAFT, Attestation.prepared_by_id == claim.account_id)
    )
    if draft is not None:
        texts = _texts(draft, rulesets)
        _delete_draft(session, draft, by=by, now=now)
        if session.get(ClaimAnswers, claim.id) is None:
            session.add(ClaimAnswers(claim_id=claim.id, texts=texts, updated_at=now))
        session.flush()


def _texts(draft: Attestation, rulesets: Rulesets) -> dict[str, list[str]]:
    """Return the answers of a draft as form texts, and what was typed and is no answer yet."""
    ruleset = rulesets.load(draft.ruleset_id)
    answers = stored_answers(draft, ruleset)
    texts: dict[str, list[str]] = {}
    for question in ruleset.questions:
        texts |= form_texts(question, answers.get(question.key))
    for typed in draft.typed.values():
        texts |= typed
    return {name: several for name, several in texts.items() if any(several)}


def _delete_draft(session: Session, draft: Attestation, *, by: Actor, now: datetime) -> None:
    target = f"attestation:{draft.public_id}"
    session.execute(sa.delete(Evidence).where(Evidence.attestation_id == draft.id))
    session.delete(draft)
    session.flush()
    # A draft has no digest.
    record(session, action="attestation.discard", target=target, before=None, after=None, by=by.id, now=now)
