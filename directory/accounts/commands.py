"""Creates accounts and roles."""

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_security.proxies import _security
from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.security import make_password_hash
from directory.accounts.tables import Account, AccountRole
from directory.errors import Conflict, FieldError, Invalid


def create_account(
    session: Session, *, email: str, password: str, name: str, roles: Iterable[Role], now: datetime
) -> Account:
    """Create an active, confirmed account; for commands and the demo.

    Raises:
        Invalid: the email address or the password is not acceptable.
        Conflict: an account with that email address exists already.
    """
    address = _normalize_email(email)
    faults, password = _security._password_util.validate(password, is_register=True, email=address)  # noqa: SLF001  the only function that runs all checks
    if faults:
        raise Invalid([FieldError("password", str(fault)) for fault in faults])
    if session.scalar(sa.select(Account.id).where(Account.email == address)) is not None:
        raise Conflict(f"There is already an account for {address}.")
    account = Account(
        email=address,
        name=name,
        password=make_password_hash(password),
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=now,
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


def _normalize_email(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as fault:
        raise Invalid([FieldError("email", f"This is not a mail address: {fault}")]) from fault
