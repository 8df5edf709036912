"""Undoes the last live change of a published listing, as a new change."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.errors import Conflict
from directory.listings.changes import FieldChange, current_value, from_json
from directory.listings.revision_lifecycle import PUBLIC, RevisionState
from directory.listings.revision_store import new_revision, write_public_changes
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
