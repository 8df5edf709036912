"""Lets owners confirm a public listing without a review and updates the search index."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.listings import commands as listings
from directory.listings.facts import ListingFacts
from directory.listings.tables import Listing
from directory.search.changes import record_changes


def confirm_listing(
    session: Session,
    listing: Listing,
    facts: ListingFacts,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Say that an entry is right today, with these facts; `version` is the one that the owner was looking at.

    Raises:
        NotAllowed: the listing is somebody else's.
        Conflict: it is not public, or was changed in the meantime.
    """
    listings.confirm(session, listing, facts, version=version, by=by, now=now)
    record_changes(session, [listing.id])
