"""What admins do with other people's accounts: each act needs a reason, is recorded, and its owner is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts import invitations
from directory.accounts.commands import disable_account, enable_account, is_active_admin, lock_admins, set_role
from directory.accounts.events import Event, record_event
from directory.accounts.policy import Action, Actor, Role, require
from directory.accounts.second_factor import reset_second_factor
from directory.accounts.sessions import end_sessions
from directory.accounts.tables import Account
from directory.errors import Conflict, FieldError, Invalid, NotAllowed
from directory.outbox.queue import enqueue_email
from directory.review.case_holds import release_cases_of

MAX_REASON = 500
"""The most characters of a reason; the limit of the column."""


def invite_person(
    session: Session, *, email: str, role: Role, home: str, reason: str, by: Actor, now: datetime
) -> Account:
    """Invite somebody, or send an invitation again.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: the email address is malformed, or there is no reason.
        Conflict: the address belongs to an account that is in use, or is invited in another role.
    """
    require(by, Action.MANAGE_PEOPLE)
    reason = _require_reason(reason)
    return invitations.invite(session, email=email, role=role, home=home, by=by.id, now=now, reason=reason)


def withdraw_invitation(session: Session, account: Account, *, by: Actor, now: datetime) -> None:
    """Take back an invitation that was not accepted yet, and delete its account.

    Raises:
        NotAllowed: the account is not an admin's.
        Conflict: the invitation was accepted.
    """
    require(by, Action.MANAGE_PEOPLE)
    invitations.withdraw_invitation(session, account, by=by.id, now=now)


def change_role(
    session: Session, account: Account, role: Role, *, before: Role, reason: str, by: Actor, now: datetime
) -> None:
    """Make somebody a reviewer or an admin, or take that role away; `before` is the role that was shown.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: there is no reason.
        Conflict: this is the last admin, the role is changed already, or the account is not in use.
    """
    _begin(session, account, by)
    reason = _require_reason(reason)
    if account.role is not before:
        raise Conflict("Somebody else changed this role in the meantime.")
    if role is before:
        raise Conflict(f"This person is {_WITH_ARTICLE[role]} already.")
    if not account.active or account.confirmed_at is None:
        raise Conflict("This account is not in use, so its role cannot be changed.")
    set_role(session, account, role, by=by.id, now=now, reason=reason)
    _end_work(session, account)
    _notify(session, account, "role", role=_WITH_ARTICLE[role], now=now)


def disable_person(session: Session, account: Account, *, reason: str, by: Actor | None, now: datetime) -> None:
    """Disable an account: nobody can sign in with it, and its sessions end at once. Listings and decisions stay.

    Args:
        session: the database session.
        account: the account.
        reason: why, in words.
        by: who does it; None for an operator on the server, who need not give a reason.
        now: the current time.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: there is no reason.
        Conflict: this is the last admin or one's own account, or it is not active.
    """
    if by is not None:
        _begin(session, account, by)
        _require_other(account, by)
        reason = _require_reason(reason)
    disable_account(session, account, by=by.id if by else None, now=now, reason=reason)
    _end_work(session, account)
    _notify(session, account, "disabled", now=now)


def enable_person(session: Session, account: Account, *, reason: str, by: Actor, now: datetime) -> None:
    """Let a disabled account sign in again.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: there is no reason.
        Conflict: it is active, or its owner closed it.
    """
    _begin(session, account, by)
    enable_account(session, account, by=by.id, now=now, reason=_require_reason(reason))
    _notify(session, account, "enabled", now=now)


def sign_out_person(session: Session, account: Account, *, reason: str, by: Actor, now: datetime) -> None:
    """End all sessions of somebody else.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: there is no reason.
        Conflict: this is one's own account.
    """
    _begin(session, account, by)
    _require_other(account, by)
    end_sessions(session, account.id)
    release_cases_of(session, account.id)
    record_event(session, account, Event.SIGN_OUT, by=by.id, now=now, reason=_require_reason(reason))
    _notify(session, account, "signed_out", now=now)


def reset_factor_of_person(session: Session, account: Account, *, reason: str, by: Actor, now: datetime) -> None:
    """Remove the second factor of somebody who lost it, and end their sessions.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: there is no reason.
        Conflict: this is one's own account.
    """
    _begin(session, account, by)
    _require_other(account, by)
    reset_second_factor(session, account, by=by.id, now=now, reason=_require_reason(reason))


def _begin(session: Session, account: Account, by: Actor) -> None:
    """Check that `by` is an admin still, who may have lost the role while this request waited for another."""
    require(by, Action.MANAGE_PEOPLE)
    lock_admins(session)
    admin = session.get_one(Account, by.id)
    for changed in {admin, account}:
        session.refresh(changed, ["active", "confirmed_at", "roles"])
    if not is_active_admin(admin):
        raise NotAllowed(f"Your account may not {Action.MANAGE_PEOPLE.value} any more.")


def _end_work(session: Session, account: Account) -> None:
    """End what somebody holds when their role changes or their account is disabled."""
    end_sessions(session, account.id)
    release_cases_of(session, account.id)


def _require_other(account: Account, by: Actor) -> None:
    if account.id == by.id:
        raise Conflict("This is your own account. Use your account page for it.")


def _require_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Invalid([FieldError("reason", "Enter why. The reason stays on the record.")])
    if len(reason) > MAX_REASON:
        raise Invalid([FieldError("reason", f"The reason may have at most {MAX_REASON} characters.")])
    if "\0" in reason:
        raise Invalid([FieldError("reason", "The reason has characters that cannot be seen. Please type it again.")])
    return reason


def _notify(session: Session, account: Account, change: str, *, now: datetime, role: str = "") -> None:
    if account.confirmed_at is not None:
        enqueue_email(
            session, "account_changed", to=account.email, now=now, recipient=account.name, change=change, role=role
        )


_WITH_ARTICLE = {Role.PROVIDER: "a provider", Role.REVIEWER: "a reviewer", Role.ADMIN: "an admin"}
