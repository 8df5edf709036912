"""Closes an account together with its rights to listings and its open claims."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.commands import close_account
from directory.accounts.tables import Account
from directory.claims.commands import release_listings


def close_account_and_release_listings(session: Session, account: Account, *, password: str, now: datetime) -> None:
    """Close an account. Its listings stay as they are; attestations and decisions stay too.

    Raises:
        Invalid: the password is wrong.
        Conflict: this is the last admin.
    """
    close_account(session, account, password=password, now=now)
    release_listings(session, account, now=now)
