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
    """Confirm that a listing is correct today, with these facts; `version` is the version that the owner saw.

    The confirmed facts are public at once.

    Raises:
        NotAllowed: the listing belongs to someone else.
        Conflict: the listing is not public, or has been changed since.
    """
    listings.confirm(session, listing, facts, version=version, by=by, now=now)
    record_changes(session, [listing.id])
