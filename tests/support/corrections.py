"""A correction of a listing by a reviewer: a change that somebody who does not manage it made, accepted at once."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.listings import revisions
from directory.listings.changes import diff_values, values_of
from directory.listings.field_sets import editable_fields
from directory.listings.fields import LISTING_FIELDS
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.revision_store import new_revision
from directory.listings.tables import Listing


def correct(session: Session, listing: Listing, *, by: Actor, now: datetime, **values: Any) -> None:
    """Change fields of a published listing as a reviewer."""
    fields = [each for each in editable_fields(LISTING_FIELDS) if each.name in values]
    changes = [*diff_values(fields, values_of(fields, listing), values)]
    revision = new_revision(listing, changes, RevisionState.SUBMITTED, by=by.id, now=now)
    session.add(revision)
    session.flush()
    revisions.accept(session, revision, by=by, now=now, reason="A report.")
