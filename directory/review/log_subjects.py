"""Finds what the logs call everything that belongs to one listing."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.tables import Attestation
from directory.claims.tables import Claim, Removal
from directory.disputes.tables import Dispute
from directory.listings.tables import ListingRevision
from directory.outbox.tables import Email
from directory.review.tables import Decision

MAX_SUBJECTS = 500
"""How many of the newest of each kind are looked for; arbitrary, more than any listing has had."""


def subjects_of_listing(session: Session, listing_id: int) -> list[str]:
    """Return the subjects of log entries about a listing: itself, and its answers, claims, reports, email and so on."""
    kinds: dict[str, tuple[Any, Any]] = {
        "revision": (ListingRevision.id, ListingRevision.listing_id),
        "claim": (Claim.id, Claim.listing_id),
        "removal": (Removal.id, Removal.listing_id),
        "dispute": (Dispute.id, Dispute.listing_id),
        "decision": (Decision.id, Decision.listing_id),
        "mail": (Email.id, Email.listing_id),
    }
    parts = [_numbers(kind, number, listing, listing_id) for kind, (number, listing) in kinds.items()]
    answers = sa.select(Attestation.id, Attestation.public_id).where(Attestation.listing_id == listing_id)
    found: Sequence[Any] = session.execute(sa.union_all(*parts)).all()
    subjects = [f"listing:{listing_id}", *(f"{kind}:{number}" for kind, number in found)]
    # URLs of the console have the number of an attestation, the audit log its public id.
    return [*subjects, *(f"attestation:{name}" for row in session.execute(answers) for name in row)]


def _numbers(kind: str, number: Any, listing: Any, listing_id: int) -> sa.Select[Any]:
    newest = sa.select(number).where(listing == listing_id).order_by(number.desc()).limit(MAX_SUBJECTS).subquery()
    return sa.select(sa.literal(kind), newest.c[0])
