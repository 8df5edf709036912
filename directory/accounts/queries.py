"""Database queries for accounts."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountEvent, AccountRole, Invitation
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


def count_active_admins(session: Session) -> int:
    """Return the number of admins who can sign in."""
    admins = sa.select(sa.func.count(Account.id)).where(
        Account.active,
        Account.confirmed_at.is_not(None),
        Account.roles.any(AccountRole.name == Role.ADMIN.value),
    )
    return session.scalars(admins).one()


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


def account(session: Session, account_id: int) -> Account:
    """Return an account.

    Raises:
        NotFound: there is none with that id.
    """
    found = session.get(Account, account_id)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def account_history(session: Session, account_id: int, *, limit: int) -> Sequence[tuple[AccountEvent, str]]:
    """Return the latest events of an account, newest first, each with the name of whoever made it."""
    by = aliased(Account)
    rows = session.execute(
        sa.select(AccountEvent, by.name)
        .outerjoin(by, by.id == AccountEvent.by_id)
        .where(AccountEvent.account_id == account_id)
        .order_by(AccountEvent.id.desc())
        .limit(limit)
    )
    return [(event, name or "") for event, name in rows]


def open_invitation(session: Session, account_id: int) -> Invitation | None:
    """Return the invitation of an account that was not accepted yet; it may have run out."""
    return session.scalar(sa.select(Invitation).where(Invitation.account_id == account_id))
