"""Commands that create, change, disable and close accounts."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.email_address import normalize_email
from directory.accounts.events import ROLE_EVENTS, Event, record_event
from directory.accounts.names import check_name
from directory.accounts.passwords import check_and_hash, is_password
from directory.accounts.policy import Role
from directory.accounts.queries import count_active_admins
from directory.accounts.sessions import end_sessions
from directory.accounts.tables import CLOSED_DOMAIN, Account, AccountRole
from directory.errors import Conflict, FieldError, Invalid
from directory.outbox.queue import enqueue_email
from directory.outbox.unsubscribe import forget_address

UNCONFIRMED_LIFETIME = timedelta(days=7)
"""How long an account may wait for the confirmation of its address."""

ONLY_ADMIN_MESSAGE = "This is the only admin. Make somebody else an admin first."

CLOSED_NAME = "Closed account"
"""The name of a closed account in histories."""


def create_account(
    session: Session, *, email: str, password: str, name: str, roles: Iterable[Role], now: datetime
) -> Account:
    """Create an active, confirmed account; for commands and the demo.

    Raises:
        Invalid: the email address or the password is not acceptable.
        Conflict: an account with that email address exists already.
    """
    account = create_unconfirmed_account(session, email=email, name=name, roles=roles, now=now)
    account.password = check_and_hash(password, email=account.email)
    account.confirmed_at = now
    session.flush()
    return account


def create_unconfirmed_account(
    session: Session, *, email: str, name: str, roles: Iterable[Role], now: datetime
) -> Account:
    """Create an account that has no password and cannot sign in yet.

    Raises:
        Invalid: the email address is not acceptable.
        Conflict: an account with that email address exists already.
    """
    address = normalize_email(email)
    if session.scalar(sa.select(Account.id).where(sa.func.lower(Account.email) == address)) is not None:
        raise Conflict(f"There is already an account for {address}.")
    account = Account(
        email=address,
        name=name,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        created_at=now,
        roles=[find_or_create_role(session, role) for role in roles],
    )
    session.add(account)
    session.flush()
    return account


def find_or_create_role(session: Session, role: Role) -> AccountRole:
    """Return the row of a role; creates it on first use."""
    found = session.scalar(sa.select(AccountRole).where(AccountRole.name == role.value))
    if found is None:
        found = AccountRole(name=role.value)
        session.add(found)
    return found


def rename_account(session: Session, account: Account, name: str, *, now: datetime) -> None:
    """Change the name of one's own account.

    Raises:
        Invalid: the name is empty, too long, or has no letters.
    """
    name = name.strip()
    if message := check_name(name):
        raise Invalid([FieldError("name", message)])
    if name != account.name:
        account.name = name
        record_event(session, account, Event.RENAME, by=account.id, now=now)


def set_password(session: Session, account: Account, password: str, *, now: datetime) -> None:
    """Set a new password for somebody who cannot receive email, and end all sessions; for operators on the server.

    Raises:
        Invalid: the password is not acceptable.
    """
    account.password = check_and_hash(password, user=account)
    _invalidate_sign_ins(session, account)
    record_event(session, account, Event.RESET_PASSWORD, by=None, now=now)


def set_role(session: Session, account: Account, role: Role, *, by: int | None, now: datetime, reason: str) -> None:
    """Make an account a reviewer's or an admin's, or only a provider's. Whoever manages listings goes on to.

    Raises:
        Conflict: this is the last admin.
    """
    if role is not Role.ADMIN:
        require_other_admin(session, account)
    provides = role is Role.PROVIDER or account.actor.provides
    account.roles = [find_or_create_role(session, each) for each in dict.fromkeys([Role.PROVIDER] * provides + [role])]
    record_event(session, account, ROLE_EVENTS[role], by=by, now=now, reason=reason)


def disable_account(
    session: Session, account: Account, *, by: int | None = None, now: datetime, reason: str = ""
) -> None:
    """Deactivate an account and end its sessions. `by` is None for an operator on the server.

    Raises:
        Conflict: it is not active, or it is the last admin's.
    """
    require_other_admin(session, account)
    if not account.active:
        raise Conflict(f"The account {account.email} is not active.")
    account.active = False
    _invalidate_sign_ins(session, account)
    record_event(session, account, Event.DISABLE, by=by, now=now, reason=reason)


def enable_account(session: Session, account: Account, *, by: int | None, now: datetime, reason: str) -> None:
    """Let a disabled account sign in again, with its roles and listings.

    Raises:
        Conflict: it is active, or its owner closed it.
    """
    session.refresh(account)
    if account.active:
        raise Conflict(f"The account {account.email} is active already.")
    if account.is_closed:
        raise Conflict("Its owner closed this account, and its address is deleted. Invite the person again.")
    account.active = True
    record_event(session, account, Event.ENABLE, by=by, now=now, reason=reason)


def lock_admins(session: Session) -> None:
    """Keep everybody else from changing who is an admin until the transaction ends.

    An update that changes nothing locks in both databases; SQLite ignores SELECT … FOR UPDATE, and in PostgreSQL it
    would not notice that a role of a locked account was taken away meanwhile.
    """
    session.execute(
        sa.update(AccountRole).where(AccountRole.name == Role.ADMIN.value).values(description=AccountRole.description),
        execution_options={"synchronize_session": False},
    )


def require_other_admin(session: Session, account: Account, message: str = ONLY_ADMIN_MESSAGE) -> None:
    """Check that an admin is left without this account, also if two admins do it to each other at once.

    Raises:
        Conflict: it is the last active admin's.
    """
    lock_admins(session)
    session.refresh(account, ["active", "confirmed_at", "roles"])
    if is_active_admin(account) and count_active_admins(session) == 1:
        raise Conflict(message)


def is_active_admin(account: Account) -> bool:
    """Return whether somebody signs in with the account as an admin."""
    return account.active and account.confirmed_at is not None and account.actor.administers


def close_account(session: Session, account: Account, *, password: str, now: datetime) -> None:
    """Close one's own account: deactivate it, remove name and address, and end its sessions.

    `claims.account_closure` does this and gives up the account's listings; decisions and attestations stay.

    Raises:
        Invalid: the password is wrong.
        Conflict: this is the last admin.
    """
    if not is_password(password, account.password):
        raise Invalid([FieldError("password", "This is not your password.")])
    require_other_admin(
        session, account, "You are the only admin. Make somebody else an admin before you close this account."
    )
    enqueue_email(session, "account_closed", to=account.email, now=now, recipient=account.name)
    forget_address(session, account.email)
    account.active = False
    account.email, account.name, account.password = f"closed-{account.id}{CLOSED_DOMAIN}", CLOSED_NAME, None
    _invalidate_sign_ins(session, account)
    record_event(session, account, Event.CLOSE, by=account.id, now=now)


def delete_unconfirmed_accounts(session: Session, *, now: datetime) -> int:
    """Delete accounts whose address nobody confirmed in time, with their invitations; returns their number."""
    overdue = sa.delete(Account).where(Account.confirmed_at.is_(None), Account.created_at <= now - UNCONFIRMED_LIFETIME)
    deleted = session.scalars(overdue.returning(Account.id), execution_options={"synchronize_session": False})
    return len(deleted.all())


def _invalidate_sign_ins(session: Session, account: Account) -> None:
    """End all sessions, and make all links in email worthless."""
    account.fs_uniquifier = uuid.uuid4().hex
    end_sessions(session, account.id)
