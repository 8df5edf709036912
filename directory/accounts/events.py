"""Records changes of accounts: who made them, when and why, with an entry in the audit log."""

import enum
from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.tables import Account, AccountEvent
from directory.audit.commands import record


class Event(enum.StrEnum):
    """What can happen to an account."""

    CONFIRM = "confirm"
    INVITE = "invite"
    JOIN = "join"
    RENAME = "rename"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  the name of an event
    RESET_PASSWORD = "reset_password"  # noqa: S105  the name of an event
    CHANGE_EMAIL = "change_email"
    DISABLE = "disable"
    CLOSE = "close"


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
