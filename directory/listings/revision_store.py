"""Stores revisions and writes accepted changes to listings; `revisions` decides when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.accounts.policy import Actor
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.listings import address_changes
from directory.listings.changes import ADDRESSES, FieldChange, from_json, to_json, write_changes
from directory.listings.digest import listing_digest
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.tables import Listing, ListingRevision


def find_revision(session: Session, listing: Listing, state: RevisionState) -> ListingRevision | None:
    """The draft or the submitted revision of a listing, if there is one."""
    wanted = sa.select(ListingRevision).where(ListingRevision.listing_id == listing.id, ListingRevision.state == state)
    return session.scalar(wanted)


def unfinished_revisions(session: Session, listing_ids: Sequence[int]) -> dict[int, frozenset[RevisionState]]:
    """Return which listings have a draft, a submitted revision, or both, by listing id."""
    rows = session.execute(
        sa.select(ListingRevision.listing_id, ListingRevision.state).where(
            ListingRevision.listing_id.in_(listing_ids),
            ListingRevision.state.in_((RevisionState.DRAFT, RevisionState.SUBMITTED)),
        )
    ).all()
    return {
        listing_id: frozenset(row.state for row in rows if row.listing_id == listing_id) for listing_id in listing_ids
    }


def revision_digest(revision: ListingRevision) -> str:
    """The hash of what a revision proposes and of its state, in hexadecimal."""
    # The log hashes whole numbers and text; coordinates are neither, and their text is as exact.
    stated = {"id": revision.id, "listing": revision.listing_id, "state": revision.state}
    return digest({**stated, "changes": [_hashable(change) for change in revision.changes]})


def _hashable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _hashable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hashable(item) for item in value]
    return repr(value) if isinstance(value, float) else value


def new_revision(
    listing: Listing, changes: Iterable[FieldChange], state: RevisionState, *, by: int, now: datetime
) -> ListingRevision:
    """A revision that is not stored yet."""
    return ListingRevision(
        listing=listing, state=state, changes=to_json(changes), by_id=by, created_at=now, updated_at=now
    )


def store_draft(
    session: Session,
    listing: Listing,
    changes: Iterable[FieldChange],
    replaced: Collection[str] | None,
    *,
    by: int,
    now: datetime,
) -> ListingRevision | None:
    """Replace the draft's changes of these fields (None: all) by `changes`; a draft without changes is deleted."""
    draft = find_revision(session, listing, RevisionState.DRAFT)
    kept = [change for change in from_json(draft.changes) if change.field not in replaced] if draft and replaced else []
    stored = [*kept, *changes]
    if draft is None and stored:
        draft = new_revision(listing, stored, RevisionState.DRAFT, by=by, now=now)
        session.add(draft)
    elif draft is not None and stored:
        draft.changes, draft.by_id, draft.updated_at = to_json(stored), by, now
    elif draft is not None:
        session.delete(draft)
        draft = None
    session.flush()
    return draft


def write_public_changes(
    session: Session,
    listing: Listing,
    changes: Sequence[FieldChange],
    *,
    by: Actor,
    now: datetime,
    action: str = "listing.change",
) -> None:
    """Write changes to the listing and record them in the audit log under `action`."""
    before = listing_digest(listing)
    write_changes(listing, [change for change in changes if change.field != ADDRESSES])
    for change in changes:
        if change.field == ADDRESSES:
            address_changes.write(session, listing, change.new)
    if any(change.field == "price_note" for change in changes):
        listing.price_noted_on = now.date() if listing.price_note else None
    listing.updated_at = now
    # Where only a location changed, no column of the listing did, so the version would stay the same.
    flag_modified(listing, "updated_at")
    session.flush()
    record(
        session,
        action=action,
        target=f"listing:{listing.id}",
        before=before,
        after=listing_digest(listing),
        by=by.id,
        now=now,
    )
