"""Undoes changes of a published listing: the last live one, and a reviewer's decision on a revision."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.errors import Conflict
from directory.listings.address_changes import is_stored, restore_rows
from directory.listings.changes import ADDRESSES, Document, FieldChange, current_value, from_json
from directory.listings.commands import require_unlisted_npi
from directory.listings.revision_lifecycle import PUBLIC, RevisionState
from directory.listings.revision_store import find_revision, new_revision, store_draft, write_public_changes
from directory.listings.revisions import require_changeable
from directory.listings.tables import Listing, ListingRevision

UNDO_WITHIN = timedelta(days=7)
"""How long a live change can be undone; arbitrary, afterwards it is changed like any other value."""


def undoable_change(session: Session, listing: Listing, *, now: datetime) -> ListingRevision | None:
    """Return the last public change of a listing if it was live and can still be undone."""
    last = session.scalars(
        sa.select(ListingRevision)
        .where(ListingRevision.listing_id == listing.id, ListingRevision.state.in_(PUBLIC))
        .order_by(ListingRevision.updated_at.desc(), ListingRevision.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.state is not RevisionState.LIVE or now - last.updated_at > UNDO_WITHIN:
        return None
    return last


def undo_change(
    session: Session, listing: Listing, revision_id: int, *, by: Actor, now: datetime
) -> tuple[FieldChange, ...]:
    """Write the old values of the last live change again, and return the changes.

    This does not update the search index; `review.revisions.undo_live` does both.

    Raises:
        NotAllowed: the account may not edit the listing.
        Conflict: another change came after it, it is too old, a value is not as the change left it, or the listing is
            not published.
    """
    require_changeable(listing, by)
    last = undoable_change(session, listing, now=now)
    if last is None or last.id != revision_id:
        raise Conflict("This change cannot be undone any more: another one came after it, or it is too old.")
    undone = tuple(
        FieldChange(each.field, each.new, each.old, each.location_id, each.where) for each in from_json(last.changes)
    )
    for change in undone:
        today = FieldChange(change.field, current_value(listing, change), change.new, change.location_id, change.where)
        if today.old != change.old:
            raise Conflict(
                f"{change.short} changed in the meantime, from “{change.before}” to “{today.before}”. "
                f"To undo would make it “{change.after}”. Change it by hand if that is right."
            )
    session.add(new_revision(listing, undone, RevisionState.LIVE, by=by.id, now=now))
    write_public_changes(session, listing, undone, by=by, now=now)
    return undone


def revert_revision(
    session: Session, revision: ListingRevision, addresses: Sequence[Document], *, by: Actor, now: datetime
) -> None:
    """Write back what an accepted revision replaced, as an undo of the acceptance.

    `addresses` are the `stored_rows` from before it.

    Raises:
        Conflict: a value has changed since, or the earlier NPI is listed elsewhere meanwhile.
    """
    listing = revision.listing
    undone = [FieldChange(each.field, each.new, each.old) for each in from_json(revision.changes)]
    for change in undone:
        today = FieldChange(change.field, current_value(listing, change), change.new)
        if today.old != change.old and not (change.field == ADDRESSES and is_stored(listing, change.old)):
            raise Conflict(
                f"{change.short} changed in the meantime, from “{change.before}” to “{today.before}”, "
                "so the decision cannot be undone."
            )
        if change.field == "npi":
            require_unlisted_npi(session, change.new)
    if any(change.field == ADDRESSES for change in undone):
        restore_rows(session, listing, addresses)
    write_public_changes(session, listing, [each for each in undone if each.field != ADDRESSES], by=by, now=now)


def restore_draft(
    session: Session, revision: ListingRevision, changes: Sequence[Any], *, decided_at: datetime, now: datetime
) -> None:
    """Give the draft the changes that it had before a decision on `revision` at `decided_at` moved some into it.

    Raises:
        Conflict: the provider has edited the draft since.
    """
    draft = find_revision(session, revision.listing, RevisionState.DRAFT)
    if draft is not None and draft.updated_at > decided_at:
        raise Conflict("The provider has edited the change since, so the decision cannot be undone.")
    store_draft(session, revision.listing, from_json(changes), None, by=(draft or revision).by_id, now=now)
