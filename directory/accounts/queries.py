"""Database queries for accounts."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountRole
from directory.errors import NotFound


def find_account(session: Session, email: str) -> Account:
    """Return the account with an email address, in any spelling of upper and lower case.

    Raises:
        NotFound: there is none.
    """
    address = email.strip().lower()
    found = session.scalar(sa.select(Account).where(sa.func.lower(Account.email) == address))
    if found is None:
        raise NotFound(f"There is no account for {address}.")
    return found


def count_active_admins(session: Session, *, lock: bool = False) -> int:
    """Return the number of admins who can sign in; `lock` keeps them as they are until the transaction ends."""
    admins = sa.select(Account.id).where(
        Account.active,
        Account.confirmed_at.is_not(None),
        Account.roles.any(AccountRole.name == Role.ADMIN.value),
    )
    return len(session.scalars(admins.with_for_update() if lock else admins).all())


def account_ids_named(session: Session, text: str) -> list[int]:
    """Return the ids of the accounts with this name or email address, in any spelling, or with this number."""
    named = text.strip().lower()
    where = sa.or_(sa.func.lower(Account.email) == named, sa.func.lower(Account.name) == named)
    found = list(session.scalars(sa.select(Account.id).where(where)))
    # Accounts that were deleted have only their number, in the log.
    return [*found, int(named)] if named.isascii() and named.isdecimal() and len(named) < 10 else found


def account_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the name of each account, or its email address where it has none; deleted accounts are left out."""
    rows = session.execute(sa.select(Account.id, Account.name, Account.email).where(Account.id.in_(ids)))
    return {account_id: name or email or "" for account_id, name, email in rows}
