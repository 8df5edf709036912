"""Changes to published listings: live ones that take effect at once, and decisions on revisions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations import commands as attestations
from directory.attestations import lifecycle as attestation_lifecycle
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.errors import Conflict, NotAllowed
from directory.listings import revisions
from directory.listings.address_changes import stored_rows
from directory.listings.changes import FieldChange, from_json
from directory.listings.kinds import ListingKind
from directory.listings.notices import notify_owners
from directory.listings.revision_lifecycle import DECISIONS, NEEDS_REASON, Move, RevisionState
from directory.listings.revision_store import find_revision
from directory.listings.tables import Listing, ListingRevision
from directory.listings.undo import undo_change
from directory.review.commands import validate_reason
from directory.review.decisions import group_decision, keep_for_undo
from directory.review.tables import Decision
from directory.search.changes import record_changes

BADGE_ENDED_REASON = "The listing now names another provider than the one that these answers were signed for."


def change_live(
    session: Session,
    listing: Listing,
    values: Mapping[str, Any],
    locations: Mapping[int, Mapping[str, Any]],
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> tuple[FieldChange, ...]:
    """Change live fields as `listings.revisions.change_live` does, and update the search index."""
    changes = revisions.change_live(session, listing, values, locations, version=version, by=by, now=now)
    if changes:
        record_changes(session, [listing.id])
    return changes


def undo_live(
    session: Session, listing: Listing, revision_id: int, *, by: Actor, now: datetime
) -> tuple[FieldChange, ...]:
    """Undo the last live change as `listings.undo.undo_change` does, and update the search index."""
    changes = undo_change(session, listing, revision_id, by=by, now=now)
    record_changes(session, [listing.id])
    return changes


def decide_revision(
    session: Session,
    revision: ListingRevision,
    move: Move,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> None:
    """Accept, return or reject a revision; `version` is the version that was reviewed.

    Accepted changes are public at once. A changed NPI, kind or person ends the answers that were signed before.

    Raises:
        NotAllowed: `by` is not a reviewer, the listing is their own, or the move is not a reviewer's.
        Invalid: the reason is missing or too long.
        Conflict: the revision does not wait for review, or a value that it replaces has changed since.
    """
    listing = revision.listing
    require(by, Action.DECIDE, right=listing.right_of(by.id))
    if move not in DECISIONS:
        raise NotAllowed(f"To {move.value} a change is for the owner of the listing.")
    if version is not None and revision.version != version:
        raise Conflict("This change was edited in the meantime. Look at it as it is now, then decide again.")
    reason = validate_reason(reason, needed=move in NEEDS_REASON)
    changes, ended = from_json(revision.changes), False
    with group_decision(session, listing, by=by, now=now) as decision:
        _keep(session, decision, revision)
        if move is Move.ACCEPT:
            ends = names_another_provider(listing, changes)
            revisions.accept(session, revision, by=by, now=now, reason=reason)
            ended = ends and end_answers(session, listing, by=by, now=now)
            record_changes(session, [listing.id])
        else:
            revisions.move(session, revision, move, by=by, now=now, reason=reason)
            revisions.settle_draft(session, revision, keep=move is Move.RETURN, now=now)
        facts = {"listing": listing, "changes": changes, "move": move.value, "reason": reason, "ended": ended}
        notify_owners(session, listing.id, "revision_decided", now=now, **facts)


def _keep(session: Session, decision: Decision, revision: ListingRevision) -> None:
    """Note what an undo restores: the addresses with their live fields, and the provider's draft."""
    draft = find_revision(session, revision.listing, RevisionState.DRAFT)
    kept = {"addresses": stored_rows(revision.listing), "draft": draft.changes if draft else []}
    keep_for_undo(decision, f"revision:{revision.id}", **kept)


def names_another_provider(listing: Listing, changes: tuple[FieldChange, ...]) -> bool:
    """Whether changes make a listing that of another provider, which ends the answers that were signed for it."""
    deciding = {"npi", "kind"} | ({"name"} if listing.kind is ListingKind.PERSON else set())
    return any(change.field in deciding for change in changes)


def end_answers(session: Session, listing: Listing, *, by: Actor, now: datetime) -> bool:
    """Revoke the accepted answers of a listing and return those that wait; returns whether there were any."""
    moves = {
        AttestationState.ACCEPTED: attestation_lifecycle.Move.REVOKE,
        AttestationState.SUBMITTED: attestation_lifecycle.Move.RETURN,
    }
    wanted = sa.select(Attestation).where(Attestation.listing_id == listing.id, Attestation.state.in_(moves))
    found = session.scalars(wanted).all()
    for attestation in found:
        attestations.move(session, attestation, moves[attestation.state], by=by, now=now, reason=BADGE_ENDED_REASON)
    return bool(found)
