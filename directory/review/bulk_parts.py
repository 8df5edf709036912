"""Database queries for what can be decided in bulk: the new listings, changes and answers of some cases."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.attestations.tables import Attestation
from directory.listings.tables import Listing, ListingRevision
from directory.review.bulk import ORDER, Part
from directory.review.case_kinds import ItemKind
from directory.review.case_queue import CaseItem, cases_of


@dataclass(frozen=True, slots=True)
class BulkCase:
    """A case with what can be decided in bulk, and the kinds of what cannot."""

    listing: Listing
    parts: tuple[tuple[CaseItem, Part], ...]
    rest: tuple[ItemKind, ...]


def bulk_cases(session: Session, listing_ids: Sequence[int], *, now: datetime) -> list[BulkCase]:
    """Return these cases in the given order, with a fixed number of statements; a case that waits no more is gone."""
    items = cases_of(session, listing_ids, now=now)
    listings = {
        row.id: row
        for row in session.scalars(
            sa.select(Listing)
            .where(Listing.id.in_(items))
            .options(selectinload(Listing.locations), selectinload(Listing.managers))
        )
    }
    parts = _parts(session, listings, [item for found in items.values() for item in found])
    return [
        BulkCase(
            listing=listings[listing_id],
            parts=tuple((item, parts[item.subject]) for item in items[listing_id] if item.subject in parts),
            rest=tuple(item.kind for item in items[listing_id] if item.kind not in ORDER),
        )
        for listing_id in dict.fromkeys(listing_ids)
        if listing_id in items
    ]


def _parts(session: Session, listings: dict[int, Listing], items: Collection[CaseItem]) -> dict[str, Part]:
    """Return what the items are about, by subject."""
    revisions = sa.select(ListingRevision).where(ListingRevision.id.in_(_ids(items, ItemKind.REVISION)))
    answers = sa.select(Attestation).where(Attestation.id.in_(_ids(items, ItemKind.ATTESTATION)))
    found: dict[str, Part] = {item.subject: listings[_number(item)] for item in items if item.kind is ItemKind.LISTING}
    for revision in session.scalars(revisions.options(joinedload(ListingRevision.listing))):
        found[f"revision:{revision.id}"] = revision
    for attestation in session.scalars(answers.options(joinedload(Attestation.listing))):
        found[f"attestation:{attestation.id}"] = attestation
    return found


def _ids(items: Collection[CaseItem], kind: ItemKind) -> list[int]:
    return [_number(item) for item in items if item.kind is kind]


def _number(item: CaseItem) -> int:
    return int(item.subject.partition(":")[2])
