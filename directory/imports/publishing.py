"""Publishes drafts of an import in bulk, all or none."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.accounts.policy import Action, Actor, require
from directory.errors import Conflict, FieldError, Invalid
from directory.imports.queries import draft_ids
from directory.imports.snapshot import snapshot_digest, take_snapshots
from directory.imports.tables import Import, ImportRow
from directory.listings import commands as listings
from directory.listings.lifecycle import Move
from directory.listings.name_words import replace_words
from directory.listings.tables import Listing
from directory.search.changes import record_changes

MAX_AT_ONCE = 25
"""The most drafts that are published at once: as many as a page shows."""

PUBLISH_REASON = "Published as not stated, from public data, by a reviewer who looked at the list."


def publish_drafts(session: Session, found: Import, listing_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Publish drafts of an import as not stated; returns how many.

    Their rows take over the new content, so that undoing the import still takes these listings off the map.

    Raises:
        NotAllowed: `by` is no reviewer.
        Invalid: none is chosen, or too many.
        Conflict: one of them is no draft of this import any more; then none is published.
    """
    require(by, Action.DECIDE)
    wanted = set(listing_ids)
    if not 1 <= len(wanted) <= MAX_AT_ONCE:
        raise Invalid([FieldError("listing", f"Choose 1 to {MAX_AT_ONCE} listings; {len(wanted)} are chosen.")])
    drafts = sa.select(Listing).where(Listing.id.in_(wanted), Listing.id.in_(draft_ids(found.id)))
    rows = session.scalars(drafts.order_by(Listing.id).options(selectinload(Listing.locations))).all()
    if len(rows) != len(wanted):
        raise Conflict("One of these listings is no draft any more. Nothing was published; look at the list again.")
    for listing in rows:
        for move in (Move.SUBMIT, Move.PUBLISH):
            listings.move(session, listing, move, by=by, now=now, reason=PUBLISH_REASON)
    session.flush()
    replace_words(session, sorted(wanted), {})
    record_changes(session, wanted)
    _take_over(session, found, wanted)
    return len(rows)


def _take_over(session: Session, found: Import, listing_ids: Collection[int]) -> None:
    after = {each: snapshot_digest(snapshot) for each, snapshot in take_snapshots(session, listing_ids).items()}
    last = (
        sa.select(sa.func.max(ImportRow.batch), ImportRow.listing_id)
        .where(ImportRow.import_id == found.id, ImportRow.listing_id.in_(listing_ids))
        .group_by(ImportRow.listing_id)
    )
    for batch, listing_id in session.execute(last).all():
        if listing_id is None:
            continue
        written = sa.and_(ImportRow.import_id == found.id, ImportRow.batch == batch)
        session.execute(
            sa.update(ImportRow).where(written, ImportRow.listing_id == listing_id).values(after=after[listing_id])
        )
