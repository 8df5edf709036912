"""Invitations: an email with a link to set a name and a password, which works once and expires."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.commands import create_unconfirmed_account
from directory.accounts.events import Event, record_event
from directory.accounts.names import check_name
from directory.accounts.passwords import check_and_hash
from directory.accounts.policy import Role
from directory.accounts.sessions import TOKEN_BYTES, hash_token
from directory.accounts.tables import Account, Invitation
from directory.errors import Conflict, FieldError, Invalid, NotFound
from directory.outbox.queue import enqueue_email

LIFETIME = timedelta(days=7)
"""How long an invitation can be accepted; the account is deleted after the same time."""

NOT_VALID_MESSAGE = "This invitation does not work. It was used already, has run out, or a part of the link is missing."


def invite(
    session: Session, *, email: str, role: Role, home: str, by: int | None, now: datetime, reason: str = ""
) -> Account:
    """Create an account without a password and queue the email with the link. Inviting again sends a new link.

    Args:
        session: the database session.
        email: the address of the person.
        role: what the person may do.
        home: the base URL of the directory.
        by: the id of the account that invites; None for an operator on the server.
        now: the current time.
        reason: why, in words.

    Raises:
        Invalid: the email address is malformed.
        Conflict: the address belongs to an account that is in use.
    """
    account = _find_invited(session, email, role)
    if account is None:
        account = create_unconfirmed_account(session, email=email, name="", roles=[role], now=now)
    account.created_at = now
    session.execute(sa.delete(Invitation).where(Invitation.account_id == account.id))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Invitation(account_id=account.id, token_hash=hash_token(token), created_at=now, expires_at=now + LIFETIME)
    )
    link = f"{home}/signin/invitation/{token}"
    mail = enqueue_email(session, "invitation", to=account.email, now=now, role=role, link=link, until=now + LIFETIME)
    mail.forget = True
    record_event(session, account, Event.INVITE, by=by, now=now, reason=reason)
    return account


def withdraw_invitation(session: Session, account: Account, *, by: int | None, now: datetime) -> None:
    """Delete the account of an invitation that was not accepted; its link no longer works.

    Raises:
        Conflict: the account is in use.
    """
    # The row count decides between this and somebody who accepts the invitation at the same time.
    withdrawn = session.scalars(
        sa.delete(Invitation).where(Invitation.account_id == account.id).returning(Invitation.id),
        execution_options={"synchronize_session": False},
    ).all()
    if not withdrawn:
        raise Conflict(f"There is no open invitation for {account.email}.")
    record_event(session, account, Event.WITHDRAW_INVITATION, by=by, now=now)
    session.flush()
    session.delete(account)


def find_invitation(session: Session, token: str, *, now: datetime) -> Account:
    """Return the account that an open invitation is for.

    Raises:
        NotFound: it was accepted, has expired, or never existed.
    """
    found = session.scalar(
        sa.select(Account)
        .join(Invitation, Invitation.account_id == Account.id)
        .where(
            Invitation.token_hash == hash_token(token),
            Invitation.expires_at > now,
            Account.active,
            Account.confirmed_at.is_(None),
        )
    )
    if found is None:
        raise NotFound(NOT_VALID_MESSAGE)
    return found


def accept_invitation(session: Session, token: str, *, name: str, password: str, now: datetime) -> Account:
    """Set name and password of an invited account, which can sign in from now on; the link works only once.

    Raises:
        NotFound: the invitation is not open.
        Invalid: the name or the password is not acceptable.
    """
    account = find_invitation(session, token, now=now)
    if message := check_name(name.strip()):
        raise Invalid([FieldError("name", message)])
    account.name, account.password = name.strip(), check_and_hash(password, user=account)
    # The row count decides between two requests with the same link.
    taken = session.scalars(
        sa.delete(Invitation).where(Invitation.account_id == account.id).returning(Invitation.id),
        execution_options={"synchronize_session": False},
    ).all()
    if not taken:
        raise NotFound(NOT_VALID_MESSAGE)
    account.confirmed_at = now
    record_event(session, account, Event.JOIN, by=account.id, now=now)
    return account


def _find_invited(session: Session, email: str, role: Role) -> Account | None:
    """Return the account of an earlier invitation to the same role that was not accepted."""
    found = session.scalar(sa.select(Account).where(sa.func.lower(Account.email) == email.strip().lower()))
    if found is None:
        return None
    if found.confirmed_at is not None or found.password is not None:
        raise Conflict(f"There is already an account for {found.email}.")
    if [row.name for row in found.roles] != [role.value]:
        raise Conflict(f"{found.email} is invited already, in another role. Take that invitation back first.")
    return found
