"""Closes an account together with its listings, which then belong to nobody."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.commands import close_account
from directory.accounts.tables import Account
from directory.audit.commands import record
from directory.listings.digest import listing_digest
from directory.listings.queries import listings_of


def close_account_and_release_listings(session: Session, account: Account, *, password: str, now: datetime) -> None:
    """Close an account. Its listings stay as they are, without an owner; attestations and decisions stay too.

    Raises:
        Invalid: the password is wrong.
        Conflict: this is the last admin.
    """
    close_account(session, account, password=password, now=now)
    for listing in listings_of(session, account.id):
        listing.managers = [row for row in listing.managers if row.account_id != account.id]
        listing.updated_at = now
        session.flush()
        digest = listing_digest(listing)
        record(
            session,
            action="listing.release",
            target=f"listing:{listing.id}",
            before=digest,
            after=digest,
            by=account.id,
            now=now,
        )
