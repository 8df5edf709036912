"""What a provider and a reviewer do to a published listing, and what of it is stored."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.listings import revisions
from directory.listings.changes import from_json, values_of
from directory.listings.field_sets import LIVE_FIELDS, LIVE_LOCATION_FIELDS
from directory.listings.revision_lifecycle import Move, RevisionState
from directory.listings.revision_store import find_revision
from directory.listings.tables import Listing, ListingRevision
from directory.review.revisions import change_live, decide_revision
from directory.search.tables import search_changes
from support.factories import (
    NOW,
    get_reviewer,
)

LATER = NOW + timedelta(days=10)


def live(session: Session, listing: Listing, by: Account, *, at: dict[str, Any] | None = None, **values: Any) -> Any:
    own = {row.id: values_of(LIVE_LOCATION_FIELDS, row) for row in listing.locations}
    own[listing.locations[0].id] |= at or {}
    said = values_of(LIVE_FIELDS, listing) | values
    return change_live(session, listing, said, own, version=listing.version, by=by.actor, now=LATER)


def draft(session: Session, listing: Listing, by: Account, **values: Any) -> ListingRevision | None:
    token = revisions.edit_token(session, listing)
    return revisions.save_draft(session, listing, values, token=token, by=by.actor, now=LATER)


def submitted(session: Session, listing: Listing, by: Account, **values: Any) -> ListingRevision:
    made = draft(session, listing, by, **values)
    assert made is not None
    revisions.submit(session, made, by=by.actor, now=LATER)
    return made


def decide(session: Session, revision: ListingRevision, move: Move, **how: Any) -> None:
    by = get_reviewer(session).actor
    decide_revision(session, revision, move, by=by, now=LATER, reason="For a test.", **how)


def waiting(session: Session, listing: Listing, state: RevisionState = RevisionState.DRAFT) -> dict[str, Any]:
    found = find_revision(session, listing, state)
    return {change.field: (change.old, change.new) for change in from_json(found.changes)} if found else {}


def last_entry(session: Session) -> AuditEntry:
    return session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()


def indexed(session: Session, listing: Listing) -> int:
    """The version of the last change of a listing that the search index was told."""
    return session.scalar(sa.select(search_changes.c.version).where(search_changes.c.listing_id == listing.id)) or 0
