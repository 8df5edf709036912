"""Review decisions on listings and attestations: check the policy, change the state, update the index, queue email."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations import commands as attestations
from directory.attestations import lifecycle as attestation_lifecycle
from directory.attestations.queries import is_expired
from directory.attestations.tables import Attestation
from directory.badges import commands as badges
from directory.badges.embed import embed
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.standing import grade_stored
from directory.claims.proofs import accept_contacts
from directory.duplicates.queries import paired_listings
from directory.errors import Conflict, FieldError, Invalid, NotAllowed
from directory.evidence.tables import Evidence
from directory.listings import commands as listings
from directory.listings import lifecycle as listing_lifecycle
from directory.listings.lifecycle import ListingState
from directory.listings.notices import notify_owners, tell_decision
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.messages.tables import Message
from directory.outbox.queue import SITE
from directory.review.case_changes import note_listings
from directory.review.decisions import group_decision
from directory.review.tables import ReviewNote
from directory.search.changes import record_changes

ACCEPTS_ANSWERS = frozenset({ListingState.SUBMITTED, ListingState.PUBLISHED, ListingState.SUSPENDED})
"""States of a listing in which its answers can be accepted."""

MAX_REASON = 2000
"""Maximum length of a reason or a remark in characters; arbitrary, about a page."""


def decide_listing(
    session: Session,
    listing: Listing,
    move: listing_lifecycle.Move,
    *,
    by: Actor,
    now: datetime,
    rulesets: Rulesets,
    reason: str = "",
    version: int | None = None,
) -> None:
    """Publish, return, reject, suspend, reinstate or retire a listing; `version` is the version that was reviewed.

    Raises:
        NotAllowed: `by` is not a reviewer, they manage the listing, or the move is not a reviewer's.
        Invalid: the reason is missing or too long.
        Conflict: the listing's state does not allow the move, or the listing has been changed since.
    """
    require(by, Action.DECIDE, right=listing.right_of(by.id))
    if move not in listing_lifecycle.DECISIONS:
        raise NotAllowed(f"To {move.value} a listing is for its provider.")
    listings.require_version(listing, version)
    reason = validate_reason(reason, needed=move in listing_lifecycle.NEEDS_REASON)
    with group_decision(session, listing, by=by, now=now):
        listings.move(session, listing, move, by=by, now=now, reason=reason)
        if move is listing_lifecycle.Move.PUBLISH:
            accept_contacts(session, listing, by=by, now=now)
        if move is listing_lifecycle.Move.REINSTATE:
            badges.reissue(session, listing.id, rulesets=rulesets, now=now)
        record_changes(session, [listing.id])
        tell_decision(session, listing, move.value, reason, now=now)


def decide_attestation(  # noqa: PLR0913  the only function for these decisions; each argument is part of one
    session: Session,
    attestation: Attestation,
    move: attestation_lifecycle.Move,
    *,
    by: Actor,
    now: datetime,
    rulesets: Rulesets,
    reason: str = "",
    comments: Mapping[str, str] | None = None,
    version: int | None = None,
) -> None:
    """Accept, return or revoke an attestation; accepting one supersedes the previously accepted one.

    Raises:
        NotAllowed: `by` is not a reviewer, they manage the listing, or the move is not a reviewer's.
        Invalid: the reason is missing, the reason or a remark is too long, or a remark is for an unknown answer.
        Conflict: the state of the attestation or the listing does not allow the move, it expired while it waited, or
            it has been changed since.
    """
    listing = attestation.listing
    require(by, Action.DECIDE, right=listing.right_of(by.id))
    if move not in attestation_lifecycle.DECISIONS:
        raise NotAllowed(f"To {move.value} an attestation is no decision of a reviewer.")
    attestations.require_version(attestation, version)
    reason = validate_reason(reason, needed=move in attestation_lifecycle.NEEDS_REASON)
    ruleset = rulesets.load(attestation.ruleset_id)
    remarks = _validate_comments(ruleset, comments or {})
    if move is attestation_lifecycle.Move.ACCEPT and listing.state not in ACCEPTS_ANSWERS:
        raise Conflict(f"This listing is {listing.state.value}, so no answers of it can be accepted.")
    with group_decision(session, listing, by=by, now=now):
        if move is attestation_lifecycle.Move.ACCEPT:
            _supersede_accepted(session, attestation, by=by, now=now, rulesets=rulesets)
        attestations.move(session, attestation, move, by=by, now=now, reason=reason, comments=remarks)
        if move is attestation_lifecycle.Move.ACCEPT:
            badges.issue(session, attestation, now=now)
        record_changes(session, [listing.id])
        facts = {"move": move.value, "reason": reason, "remarks": remarks, **_letter_facts(attestation, move, rulesets)}
        notify_owners(session, listing.id, "attestation_decided", now=now, **facts)


def _letter_facts(attestation: Attestation, move: attestation_lifecycle.Move, rulesets: Rulesets) -> dict[str, object]:
    """Return what the email about a decision says of the attestation; `badge` is the code for the owner's site."""
    listing, ruleset = attestation.listing, rulesets.load(attestation.ruleset_id)
    earned = grade_stored(rulesets, ruleset.id, attestation.answers).assessment.badge_earned
    shows_badge = move is attestation_lifecycle.Move.ACCEPT and earned
    return {
        "listing": listing,
        "attestation": attestation,
        "ruleset": ruleset,
        "until": rulesets.counts_until(ruleset.id, attestation.valid_until) if attestation.valid_until else None,
        "badge": embed(SITE, listing.slug, attestation.subject_name or listing.name).html if shows_badge else "",
    }


def _supersede_accepted(
    session: Session, attestation: Attestation, *, by: Actor, now: datetime, rulesets: Rulesets
) -> None:
    """Supersede the previously accepted attestation, so that only one counts at a time."""
    if is_expired(attestation, rulesets, now):
        raise Conflict("This attestation expired while it waited. Ask the provider to sign again.")
    accepted = sa.select(Attestation).where(
        Attestation.listing_id == attestation.listing_id,
        Attestation.state == attestation_lifecycle.AttestationState.ACCEPTED,
    )
    for earlier in session.scalars(accepted).all():
        attestations.move(session, earlier, attestation_lifecycle.Move.SUPERSEDE, by=by, now=now)
    if attestation.signed_at is not None:
        # The owner may have confirmed the listing after signing, while the attestation waited for review.
        signed_on, listing = attestation.signed_at.date(), attestation.listing
        listing.last_confirmed = max(signed_on, listing.last_confirmed or signed_on)


def _validate_comments(ruleset: Ruleset, comments: Mapping[str, str]) -> dict[str, str]:
    """Return the remarks on single answers by answer key, without blank ones."""
    unknown = sorted(key for key in comments if ruleset.question(key) is None)
    if unknown:
        raise Invalid([FieldError("comments", f"There is no answer called {key[:60]!r}.") for key in unknown])
    kept = {key: validate_reason(text, needed=False, field=f"comment_{key}") for key, text in comments.items()}
    return {key: text for key, text in kept.items() if text}


def validate_reason(text: str, *, needed: bool, field: str = "reason") -> str:
    """Return the stripped text of a reason.

    Raises:
        Invalid: it is needed and missing, or too long.
    """
    text = text.strip()
    if needed and not text:
        raise Invalid([FieldError(field, "Give the reason: the provider is told, and it stays on the record.")])
    faults = list(check_text(field, "A reason", text, most=MAX_REASON, lines=True))
    if faults:
        raise Invalid(faults)
    return text


def retire_listing(
    session: Session, listing: Listing, *, by: Actor, now: datetime, reason: str, version: int | None = None
) -> None:
    """Let the owner retire a published listing; `version` is the version that the owner saw.

    Raises:
        NotAllowed: `by` is not an owner of the listing.
        Invalid: the reason is missing or too long.
        Conflict: the listing is not published, or has been changed since.
    """
    require(by, Action.TAKE_DOWN, right=listing.right_of(by.id))
    listings.require_version(listing, version)
    reason = validate_reason(reason, needed=True)
    listings.move(session, listing, listing_lifecycle.Move.RETIRE, by=by, now=now, reason=reason)
    record_changes(session, [listing.id])


def delete_draft(session: Session, listing: Listing, *, by: Actor, version: int | None = None) -> None:
    """Delete a draft listing that was never submitted, with its unsigned answers; `version` is what the owner saw.

    Raises:
        NotAllowed: the listing belongs to someone else.
        Conflict: the listing is no draft, has a history, signed answers, messages or notes, or was changed since.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    answers = session.scalars(sa.select(Attestation).where(Attestation.listing_id == listing.id)).all()
    if any(one.state is not attestation_lifecycle.AttestationState.DRAFT for one in answers):
        raise Conflict("Answers were signed for this listing, so it has a history and stays on file.")
    if any(session.scalar(sa.select(sa.exists().where(row.listing_id == listing.id))) for row in (Message, ReviewNote)):
        raise Conflict("Reviewers wrote about this listing, so it stays on file. Ask them if it has to go.")
    session.execute(sa.delete(Evidence).where(Evidence.attestation_id.in_([one.id for one in answers])))
    for one in answers:
        session.delete(one)
    session.flush()
    note_listings(session, paired_listings(session, listing.id))
    listings.delete_draft(session, listing, by=by, version=version)
