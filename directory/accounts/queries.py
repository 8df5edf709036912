"""Database queries for accounts."""

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
