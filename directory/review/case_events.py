"""Notices which listings a transaction changes, and refreshes their cases before it commits."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, UOWTransaction

from directory.attestations.tables import Attestation
from directory.claims.tables import Claim, Removal, UnmanagedListing
from directory.database import MoveRecord
from directory.disputes.tables import Dispute
from directory.duplicates.tables import DuplicatePair
from directory.imports.tables import ImportDifference
from directory.listings.tables import Listing, ListingRevision, Location
from directory.messages.tables import Message
from directory.outbox.tables import Email
from directory.review.case_changes import changes_of, take_changes
from directory.review.case_items import refresh_items
from directory.review.tables import DrawnAttestation

LISTING_COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Listing: ("id",),
    Location: ("listing_id",),
    ListingRevision: ("listing_id",),
    Attestation: ("listing_id",),
    Claim: ("listing_id",),
    Removal: ("listing_id",),
    Dispute: ("listing_id",),
    UnmanagedListing: ("listing_id",),
    DuplicatePair: ("one_id", "other_id"),
    Message: ("listing_id",),
    Email: ("listing_id",),
    ImportDifference: ("listing_id",),
}
"""The tables that `case_sources` reads, with the columns that name the listings."""


def listen() -> None:
    """Let all sessions keep the cases; repeated calls have no effect.

    A session sees objects that are added, changed or deleted. After a statement that changes rows without them, call
    `case_changes.note_listings`.
    """
    if not sa.event.contains(Session, "after_flush", _collect):
        sa.event.listen(Session, "after_flush", _collect)
        sa.event.listen(Session, "before_commit", _refresh)
        sa.event.listen(Session, "after_rollback", _forget)


def _collect(session: Session, _context: UOWTransaction) -> None:
    with session.no_autoflush:
        for row in (*session.new, *session.dirty, *session.deleted):
            columns = LISTING_COLUMNS.get(type(row), ())
            if columns:
                ids = (getattr(row, column) for column in columns)
                changes_of(session).listing_ids.update(each for each in ids if each is not None)
            elif isinstance(row, DrawnAttestation):
                changes_of(session).attestation_ids.add(row.attestation_id)
            elif isinstance(row, MoveRecord) and row.by_id is not None:
                changes_of(session).account_ids.add(row.by_id)


def _refresh(session: Session) -> None:
    session.flush()
    changes = take_changes(session)
    if changes is None:
        return
    ids = {listing_id for listing_id in changes.listing_ids if listing_id is not None}
    if changes.attestation_ids:
        drawn = sa.select(Attestation.listing_id).where(Attestation.id.in_(changes.attestation_ids))
        ids.update(session.scalars(drawn))
    refresh_items(session, ids, decided_by=changes.account_ids)


def _forget(session: Session) -> None:
    take_changes(session)
