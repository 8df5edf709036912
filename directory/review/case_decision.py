"""Decides several parts of one case at once: a listing, its change, its answers, claims and requests."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.attestations import lifecycle as attestation_lifecycle
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.claims import lifecycle as claim_lifecycle
from directory.claims.tables import Claim, Removal
from directory.errors import Conflict, FieldError, Invalid
from directory.listings import lifecycle as listing_lifecycle
from directory.listings import revision_lifecycle
from directory.listings.tables import Listing, ListingRevision
from directory.review.claims import decide_claim
from directory.review.commands import decide_attestation, decide_listing
from directory.review.decisions import SUBJECTS, group_decision
from directory.review.removals import decide_removal
from directory.review.revisions import decide_revision
from directory.review.tables import Decision

MOVES: Mapping[str, type[enum.StrEnum]] = {
    "listing": listing_lifecycle.Move,
    "revision": revision_lifecycle.Move,
    "claim": claim_lifecycle.Move,
    "removal": claim_lifecycle.RemovalMove,
    "attestation": attestation_lifecycle.Move,
}
"""The moves of each kind of part, in the order of the decisions: a listing is published before its answers."""

NEEDS_REASON: Mapping[str, frozenset[enum.StrEnum]] = {
    "listing": frozenset(listing_lifecycle.NEEDS_REASON),
    "revision": frozenset(revision_lifecycle.NEEDS_REASON),
    "claim": frozenset(claim_lifecycle.NEEDS_REASON),
    "removal": frozenset(claim_lifecycle.REMOVAL_UNDOES),
    "attestation": frozenset(attestation_lifecycle.NEEDS_REASON),
}
"""The moves of each kind that need a reason."""


@dataclass(frozen=True, slots=True)
class PartDecision:
    """The decision on one part of a case; `version` is the version that was reviewed."""

    kind: str
    subject_id: int
    move: str
    version: int

    @property
    def needs_reason(self) -> bool:
        """Whether this decision needs a reason."""
        return self.move in NEEDS_REASON[self.kind]


def decide_case(
    session: Session,
    listing: Listing,
    parts: Sequence[PartDecision],
    *,
    reason: str,
    comments: Mapping[str, str],
    by: Actor,
    now: datetime,
    rulesets: Rulesets,
) -> Decision:
    """Decide these parts of a listing's case as one decision, with one email to each recipient.

    The reason goes with the parts that need one, or with all of them if none does. `comments` on single answers go
    with answers that are returned.

    Raises:
        NotAllowed: `by` is not a reviewer, or has an interest in the listing.
        Invalid: nothing was decided, or a reason is missing or too long.
        Conflict: a part was changed or decided since it was reviewed.
    """
    if not parts:
        raise Invalid([FieldError("press", "Nothing is decided yet: every part is left for later.")])
    some_need = any(part.needs_reason for part in parts)
    with group_decision(session, listing, by=by, now=now) as decision:
        for part in sorted(parts, key=lambda each: list(MOVES).index(each.kind)):
            told = reason if part.needs_reason or not some_need else ""
            facts = {"by": by, "now": now, "reason": told, "version": part.version}
            _decide(session, _subject(session, listing, part), part.move, facts, rulesets, comments)
    return decision


def _subject(session: Session, listing: Listing, part: PartDecision) -> Any:
    subject = session.get(SUBJECTS[part.kind], part.subject_id)
    if subject is None or (subject if part.kind == "listing" else subject.listing) is not listing:
        raise Conflict("A part of this case is not there any more. Look at the case as it is now.")
    if part.move not in set(MOVES[part.kind]):
        raise Invalid([FieldError("press", "Choose one of the decisions.")])
    return subject


def _decide(
    session: Session,
    subject: Any,
    move: str,
    facts: dict[str, Any],
    rulesets: Rulesets,
    comments: Mapping[str, str],
) -> None:
    match subject:
        case Listing():
            decide_listing(session, subject, listing_lifecycle.Move(move), rulesets=rulesets, **facts)
        case ListingRevision():
            decide_revision(session, subject, revision_lifecycle.Move(move), **facts)
        case Claim():
            decide_claim(session, subject, claim_lifecycle.Move(move), rulesets=rulesets, **facts)
        case Removal():
            decide_removal(session, subject, claim_lifecycle.RemovalMove(move), **facts)
        case Attestation():
            kept = comments if move == attestation_lifecycle.Move.RETURN else {}
            moved = attestation_lifecycle.Move(move)
            decide_attestation(session, subject, moved, rulesets=rulesets, comments=kept, **facts)
