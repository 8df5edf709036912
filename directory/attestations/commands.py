"""Commands that create, save, sign and withdraw an attestation, and the function that makes every state change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.accounts.tables import Account
from directory.attestations import draft_input, renewal
from directory.attestations.digest import signed_digest
from directory.attestations.draft_input import DraftInput
from directory.attestations.lifecycle import AttestationState, Move, next_state
from directory.attestations.tables import Attestation, AttestationMove
from directory.audit.commands import record
from directory.certification.answers import Answers, answers_from_json, answers_to_json, details_from_json
from directory.certification.cross_checks import find_contradictions
from directory.certification.ruleset import Ruleset
from directory.errors import Conflict, FieldError, Invalid
from directory.listings.lifecycle import OPEN
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.outbox.queue import enqueue_email

MAX_SIGNER_TEXT = 200
"""Maximum length of a signer's name or role in characters; arbitrary, equal to the column width."""


MAX_EXPLANATION = 2000
"""Maximum length of the explanation of a contradiction in characters; arbitrary, about a page."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The signer's name, role and agreement; `confirmed` holds the keys of earlier answers that are still correct.

    Raises:
        Invalid: the name or the role is missing or too long, or the statement was not confirmed.
    """

    name: str
    role: str
    agreed: bool
    confirmed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        faults = [
            *check_text("signer_name", "Your name", self.name.strip(), least=1, most=MAX_SIGNER_TEXT),
            *check_text("signer_role", "Your role", self.role.strip(), least=1, most=MAX_SIGNER_TEXT),
        ]
        if not self.agreed:
            faults.append(FieldError("agreed", "Press “I agree and sign” to agree to the statement."))
        if faults:
            raise Invalid(faults)


def get_or_create_draft(
    session: Session, listing: Listing, ruleset: Ruleset, *, by: Actor, now: datetime
) -> Attestation:
    """Return the draft of a listing, of which there is at most one.

    A new draft starts with the answers that were signed last, each of which must be confirmed.

    Raises:
        Conflict: the listing is no longer in the directory.
    """
    require(by, Action.PREPARE_ANSWERS, right=listing.right_of(by.id))
    _require_open(listing)
    of_listing = sa.select(Attestation).where(Attestation.listing_id == listing.id)
    found = session.scalar(of_listing.where(Attestation.state == AttestationState.DRAFT))
    if found is not None:
        return found
    made = Attestation(listing_id=listing.id, ruleset_id=ruleset.id, created_at=now, updated_at=now)
    renewal.carry_over(session, made, ruleset)
    session.add(made)
    session.flush()
    return made


def save(
    session: Session,
    attestation: Attestation,
    ruleset: Ruleset,
    answers: Answers,
    details: Answers,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Replace the answers of a draft; `version` is the version that was edited.

    Raises:
        Conflict: it is already signed, was changed in another window, or the listing is no longer in the directory.
    """
    reading = DraftInput(answers, details, typed={}, too_long={}, faults=())
    save_input(session, attestation, ruleset, reading, version=version, by=by, now=now)


def save_input(
    session: Session,
    attestation: Attestation,
    ruleset: Ruleset,
    reading: DraftInput,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Save a draft like `save`, including text that is not a valid answer yet.

    The draft cannot be signed until that text is corrected.

    Raises:
        Conflict: as in `save`.
    """
    require(by, Action.PREPARE_ANSWERS, right=attestation.listing.right_of(by.id))
    _require_open(attestation.listing)
    _require_draft(attestation, version)
    stay = list(reading.too_long) if attestation.ruleset_id == ruleset.id else []
    answers = draft_input.preserve_keys(attestation.answers, answers_to_json(ruleset, reading.answers), stay)
    details = draft_input.preserve_keys(attestation.details, answers_to_json(ruleset, reading.details), stay)
    attestation.unconfirmed = renewal.still_unconfirmed(attestation, answers)
    attestation.ruleset_id, attestation.answers, attestation.details = ruleset.id, answers, details
    attestation.typed = draft_input.preserve_keys(attestation.typed, reading.typed, stay)
    attestation.prepared_by_id, attestation.updated_at = by.id, now
    session.flush()


def submit(
    session: Session,
    attestation: Attestation,
    ruleset: Ruleset,
    signature: Signature,
    explanations: Mapping[str, str],
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Sign a draft and submit it for review; its answers cannot change afterward.

    Raises:
        Invalid: some typed text is not a valid answer, an earlier answer is not confirmed, or a contradiction between
            answers is not explained.
        Conflict: it is already signed, was changed in another window, was answered under other rules, another
            attestation waits for review, or the listing is no longer in the directory.
    """
    require(by, Action.SIGN_ATTESTATION, right=attestation.listing.right_of(by.id))
    _require_open(attestation.listing)
    _require_draft(attestation, version)
    if attestation.ruleset_id != ruleset.id:
        raise Conflict("The rules changed since these answers were saved. Please look through your answers again.")
    _require_none_submitted(session, attestation)
    if faults := draft_input.check_typed(ruleset, attestation.typed):
        raise Invalid(faults)
    if unsaid := tuple(renewal.check_confirmed(ruleset, attestation.unconfirmed, signature.confirmed)):
        raise Invalid(unsaid)
    attestation.explanations = _validate_explanations(ruleset, attestation, explanations)
    _sign(attestation, ruleset, signature, by=by, now=now)
    move(session, attestation, Move.SUBMIT, by=by, now=now)
    signer = session.get_one(Account, by.id)
    facts = {"recipient": signer.name, "attestation": attestation, "ruleset": ruleset}
    enqueue_email(session, "attestation_signed", to=signer.email, now=now, listing_id=attestation.listing_id, **facts)


def _sign(attestation: Attestation, ruleset: Ruleset, signature: Signature, *, by: Actor, now: datetime) -> None:
    """Store the signature, the exact wording that was signed, and the digest of everything."""
    attestation.statement = ruleset.statement
    attestation.signer_name, attestation.signer_role = signature.name.strip(), signature.role.strip()
    attestation.signed_by_id, attestation.signed_at = by.id, now
    if attestation.prepared_by_id == by.id:
        attestation.prepared_by_id = None
    attestation.valid_until = ruleset.valid_until(now)
    attestation.subject_name, attestation.subject_npi = attestation.listing.name, attestation.listing.npi
    attestation.typed, attestation.unconfirmed = {}, []
    attestation.digest = signed_digest(attestation)


def withdraw(session: Session, attestation: Attestation, *, by: Actor, now: datetime) -> None:
    """Withdraw a signed attestation that waits for review.

    Raises:
        Conflict: it no longer waits for review.
    """
    require(by, Action.SIGN_ATTESTATION, right=attestation.listing.right_of(by.id))
    move(session, attestation, Move.WITHDRAW, by=by, now=now)


def move(
    session: Session,
    attestation: Attestation,
    name: Move,
    *,
    by: Actor | None,
    now: datetime,
    reason: str = "",
    comments: Mapping[str, str] | None = None,
) -> None:
    """Apply one move and record it in the history and the audit log; the caller has checked that `by` may do so.

    Raises:
        Conflict: the lifecycle has no such move from the current state.
    """
    before, attestation.state = attestation.state, next_state(attestation.state, name)
    attestation.updated_at = now
    session.add(
        AttestationMove(
            attestation_id=attestation.id,
            move=name.value,
            from_state=before.value,
            to_state=attestation.state.value,
            reason=reason,
            comments=dict(comments or {}),
            by_id=by.id if by else None,
            at=now,
        )
    )
    session.flush()
    record(
        session,
        action=f"attestation.{name.value}",
        target=f"attestation:{attestation.public_id}",
        # A draft has no digest, and the digest of a signed attestation never changes.
        before=None if name is Move.SUBMIT else attestation.digest,
        after=attestation.digest,
        by=by.id if by else None,
        now=now,
    )


def require_version(attestation: Attestation, version: int | None) -> None:
    """Refuse a decision that was based on an older version; scripts pass None to skip the check.

    Raises:
        Conflict: the attestation has been changed since.
    """
    if version is not None and attestation.version != version:
        raise Conflict("This attestation was changed in the meantime. Look at it as it is now, then decide again.")


def _require_open(listing: Listing) -> None:
    if listing.state not in OPEN:
        raise Conflict(f"This listing is {listing.state.value}, so there is nothing to sign for it.")


def _require_draft(attestation: Attestation, version: int) -> None:
    if attestation.state is not AttestationState.DRAFT:
        raise Conflict(f"This attestation is {attestation.state.value} and is never changed; start a new one.")
    if attestation.version != version:
        raise Conflict("These answers were changed in the meantime. Look at them as they are now, then go on.")


def _require_none_submitted(session: Session, attestation: Attestation) -> None:
    waiting = sa.select(Attestation.id).where(
        Attestation.listing_id == attestation.listing_id, Attestation.state == AttestationState.SUBMITTED
    )
    if session.scalar(waiting) is not None:
        raise Conflict("Another attestation of this listing waits for review. Withdraw it before signing a new one.")


def _validate_explanations(
    ruleset: Ruleset, attestation: Attestation, explanations: Mapping[str, str]
) -> dict[str, str]:
    answers, details = answers_from_json(ruleset, attestation.answers), details_from_json(ruleset, attestation.details)
    found = find_contradictions(ruleset, answers, details)
    given = {item.key: explanations.get(item.key, "").strip() for item in found}
    faults = [
        FieldError(f"explain_{item.key}", f"{item.about}: correct your answers, or say why they fit together.")
        for item in found
        if not given[item.key]
    ]
    for item in found:
        field = f"explain_{item.key}"
        faults += check_text(field, "An explanation", given[item.key], most=MAX_EXPLANATION, lines=True)
    if faults:
        raise Invalid(faults)
    return given
