"""Decides on new listings, changes and answers of up to 25 cases at once: all of them, or none."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.attestations.lifecycle import Move as AttestationMove
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.errors import Conflict, FieldError, Invalid, NotAllowed
from directory.listings.lifecycle import Move as ListingMove
from directory.listings.revision_lifecycle import Move as RevisionMove
from directory.listings.tables import Listing, ListingRevision
from directory.review.case_kinds import ItemKind
from directory.review.commands import decide_attestation, decide_listing, validate_reason
from directory.review.revisions import decide_revision

MAX_CASES = 25
"""How many cases are decided at once: one page, each of whose answers a reviewer has seen."""

Part = Listing | ListingRevision | Attestation


class BulkDecision(enum.StrEnum):
    """What is decided on all of them."""

    ACCEPT = "accept"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a reviewer has looked at, in the version that was shown."""

    part: Part
    version: int

    @property
    def listing(self) -> Listing:
        """The listing whose case it belongs to."""
        return self.part if isinstance(self.part, Listing) else self.part.listing


ORDER = (ItemKind.LISTING, ItemKind.REVISION, ItemKind.ATTESTATION)
"""What can be decided in bulk. A listing comes before its answers, which count only on a public one."""

_TYPES = (Listing, ListingRevision, Attestation)


def decide_in_bulk(
    session: Session,
    choices: Sequence[Choice],
    decision: BulkDecision,
    *,
    note: str,
    by: Actor,
    now: datetime,
    rulesets: Rulesets,
) -> int:
    """Make the same decision on all choices, each with its own entry in the log; returns how many cases they are of.

    The caller's transaction is all or nothing: if one cannot be decided, none is.

    Raises:
        NotAllowed: `by` is no reviewer, or manages one of the listings.
        Invalid: nothing or too much is chosen, or the note is missing or too long.
        Conflict: one of them was decided or changed since; the sentence names it.
    """
    cases = len({choice.listing.id for choice in choices})
    if not cases:
        raise Invalid([FieldError("item", "Select at least one of them.")])
    if cases > MAX_CASES:
        raise Invalid([FieldError("item", f"Select at most {MAX_CASES} cases. These are {cases}.")])
    note = validate_reason(note, needed=decision is BulkDecision.RETURN, field="note")
    for choice in sorted(choices, key=lambda choice: _TYPES.index(type(choice.part))):
        try:
            _decide(session, choice, decision, note, by=by, now=now, rulesets=rulesets)
        except Conflict as refused:
            raise Conflict(f"Nothing was decided, because of {choice.listing.name}. {refused.sentence}") from refused
        except NotAllowed as refused:
            raise NotAllowed(f"{choice.listing.name}: {refused.sentence}") from refused
    return cases


def _decide(
    session: Session,
    choice: Choice,
    decision: BulkDecision,
    note: str,
    *,
    by: Actor,
    now: datetime,
    rulesets: Rulesets,
) -> None:
    accepts, part, version = decision is BulkDecision.ACCEPT, choice.part, choice.version
    if isinstance(part, Listing):
        made = ListingMove.PUBLISH if accepts else ListingMove.RETURN
        decide_listing(session, part, made, by=by, now=now, rulesets=rulesets, reason=note, version=version)
    elif isinstance(part, ListingRevision):
        move = RevisionMove.ACCEPT if accepts else RevisionMove.RETURN
        decide_revision(session, part, move, by=by, now=now, reason=note, version=version)
    else:
        judged = AttestationMove.ACCEPT if accepts else AttestationMove.RETURN
        decide_attestation(session, part, judged, by=by, now=now, rulesets=rulesets, reason=note, version=version)
