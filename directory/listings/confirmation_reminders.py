"""Queues emails that ask owners every 90 days whether their published listing is still right."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.listings.notices import notify_owners
from directory.listings.tables import Listing, ListingManager

CONFIRM_EVERY = timedelta(days=90)
"""How long after a confirmation, or the last reminder, the owner is asked again."""


def queue_confirmation_reminders(session: Session, *, home: str, now: datetime, limit: int) -> int:
    """Queue the reminders that are due and return how many; 0 if none is left.

    Args:
        session: its transaction covers both the queued emails and the records of them.
        home: the base URL of this directory, such as `https://directory.example`.
        now: the current time.
        limit: the maximum number of emails to queue.
    """
    before = (now - CONFIRM_EVERY).date()
    owned = (
        sa.select(ListingManager.listing_id)
        .join(Account, Account.id == ListingManager.account_id)
        .where(ListingManager.right == Right.OWNER, Account.active)
    )
    due = (
        sa.select(Listing)
        .where(
            Listing.state == ListingState.PUBLISHED,
            Listing.id.in_(owned),
            Listing.last_confirmed.is_(None) | (Listing.last_confirmed <= before),
            Listing.reminded_on.is_(None) | (Listing.reminded_on <= before),
        )
        .order_by(Listing.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Listing)
    )
    rows = session.scalars(due).all()
    for listing in rows:
        address = f"{home}/portal/listings/{listing.id}"
        notify_owners(session, listing.id, "confirm_listing", now=now, listing=listing, address=address)
    # Not through the mapped class, whose version would change: a form that the owner has open stays valid.
    listings = Listing.metadata.tables[Listing.__tablename__]
    asked = [listing.id for listing in rows]
    session.execute(sa.update(listings).where(listings.c.id.in_(asked)).values(reminded_on=now.date()))
    return len(rows)
