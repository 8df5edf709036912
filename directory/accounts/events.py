"""Records changes of accounts: who made them, when and why, with an entry in the audit log."""

import enum
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountEvent
from directory.audit.commands import record


class Event(enum.StrEnum):
    """What can happen to an account; the value is the name in lower case, as the audit log has it."""

    CONFIRM = enum.auto()
    INVITE = enum.auto()
    JOIN = enum.auto()
    RENAME = enum.auto()
    CHANGE_PASSWORD = enum.auto()
    RESET_PASSWORD = enum.auto()
    CHANGE_EMAIL = enum.auto()
    DISABLE = enum.auto()
    ENABLE = enum.auto()
    CLOSE = enum.auto()
    WITHDRAW_INVITATION = enum.auto()
    MAKE_PROVIDER = enum.auto()
    MAKE_REVIEWER = enum.auto()
    MAKE_ADMIN = enum.auto()
    SIGN_OUT = enum.auto()
    SECOND_FACTOR_RESET = enum.auto()


ROLE_EVENTS: Mapping[Role, Event] = {
    Role.PROVIDER: Event.MAKE_PROVIDER,
    Role.REVIEWER: Event.MAKE_REVIEWER,
    Role.ADMIN: Event.MAKE_ADMIN,
}
"""The event of each new role."""


def record_event(
    session: Session, account: Account, event: Event, *, by: int | None, now: datetime, reason: str = ""
) -> None:
    """Record one change in the transaction that makes it.

    Args:
        session: its transaction contains the change.
        account: the account that was changed.
        event: what happened.
        by: the id of the account that did it; None for an operator on the server.
        now: the current time.
        reason: why, in words; it is not in the audit log, which is public.
    """
    session.add(AccountEvent(account_id=account.id, event=event.value, reason=reason, by_id=by, at=now))
    record(
        session,
        action=f"account.{event.value}",
        target=f"account:{account.id}",
        before=None,
        after=None,
        by=by,
        now=now,
    )
