"""The answers that a claimant prepares while a claim waits; once it is approved, they become the listing's draft."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.accounts.tables import Account
from directory.attestations import draft_input
from directory.attestations.commands import get_or_create_draft, save_input
from directory.attestations.draft_input import DraftInput
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.form_values import FormData
from directory.certification.ruleset import Ruleset
from directory.claims.lifecycle import OPEN, ClaimState
from directory.claims.tables import Claim, ClaimAnswers
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.lifecycle import OPEN as LISTING_OPEN

_CURRENT = (AttestationState.DRAFT, AttestationState.SUBMITTED, AttestationState.ACCEPTED)


def save_prepared(
    session: Session, claim: Claim, ruleset: Ruleset, sent: FormData, *, version: int, by: Actor, now: datetime
) -> DraftInput:
    """Replace the prepared answers; `version` is the version that was edited, 0 if there was none.

    Text that is not a valid answer yet is kept too, and is among the faults of the result.

    Raises:
        NotAllowed: the claim belongs to another account.
        Conflict: the claim is decided, or the answers were changed in another window.
        Invalid: a text is too long to be kept.
    """
    if claim.account_id != by.id:
        raise NotAllowed("This claim belongs to another account.")
    if claim.state not in OPEN:
        raise Conflict("This claim is decided, so nothing can be prepared for it.")
    kept = session.get(ClaimAnswers, claim.id)
    if version != (kept.version if kept else 0):
        raise Conflict("Another window saved other answers meanwhile. Save again to replace them by these.")
    reading = draft_input.parse(ruleset, sent)
    if reading.too_long:
        raise Invalid(reading.faults)
    if kept is None:
        kept = ClaimAnswers(claim_id=claim.id)
        session.add(kept)
    kept.texts = {
        name: texts for question in ruleset.questions for name, texts in draft_input.texts_for(question, sent).items()
    }
    kept.updated_at = now
    session.flush()
    return reading


def adopt_prepared(session: Session, claim: Claim, ruleset: Ruleset, *, now: datetime) -> None:
    """Make the prepared answers of an approved claim the draft of the listing; call it after each decision.

    If the listing has answers of somebody else, those stay as they are and the prepared ones are deleted.
    """
    kept = session.get(ClaimAnswers, claim.id)
    if claim.state is not ClaimState.APPROVED or kept is None:
        return
    texts = kept.texts
    session.delete(kept)
    others = sa.select(Attestation.id).where(
        Attestation.listing_id == claim.listing_id, Attestation.state.in_(_CURRENT)
    )
    if claim.listing.state not in LISTING_OPEN or session.scalar(others.limit(1)) is not None:
        return
    by = session.get_one(Account, claim.account_id).actor
    draft = get_or_create_draft(session, claim.listing, ruleset, by=by, now=now)
    reading = draft_input.parse(ruleset, texts)
    save_input(session, draft, ruleset, reading, version=draft.version, by=by, now=now)
