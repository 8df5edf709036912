"""Database queries for the outbox: the newest emails, and how many there are in each state."""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.outbox.tables import Email


class EmailState(enum.StrEnum):
    """The state of an email, computed from its dates and attempts."""

    HELD = "held"
    WAITING = "waiting"
    RETRYING = "retrying"
    GIVEN_UP = "given-up"
    SENT = "sent"
    CANCELLED = "cancelled"


def newest_emails(
    session: Session, *, state: EmailState | None = None, now: datetime, limit: int = 100
) -> Sequence[tuple[Email, EmailState]]:
    """Return the newest emails with their states, in one state or in any."""
    current = _state(now)
    rows = sa.select(Email, current).order_by(Email.id.desc()).limit(limit)
    if state is not None:
        rows = rows.where(current == state.value)
    return [(mail, EmailState(name)) for mail, name in session.execute(rows)]


def count_emails(session: Session, *, now: datetime) -> Mapping[EmailState, int]:
    """Return the number of emails in each state, in the order of `EmailState`."""
    current = _state(now).label("state")
    rows = session.execute(sa.select(current, sa.func.count()).select_from(Email).group_by(current))
    counts = {name: number for name, number in rows}  # noqa: C416  a Result is no mapping
    return {state: counts.get(state.value, 0) for state in EmailState}


def _state(now: datetime) -> sa.ColumnElement[str]:
    """SQL: the state of an email. The values are literals, so that PostgreSQL can group by the expression."""
    cases = (
        (Email.sent_at.is_not(None), EmailState.SENT),
        (Email.cancelled_at.is_not(None), EmailState.CANCELLED),
        (Email.given_up_at.is_not(None), EmailState.GIVEN_UP),
        (Email.attempts > 0, EmailState.RETRYING),
        (Email.next_attempt_at > now, EmailState.HELD),
    )
    names = [(condition, sa.literal_column(f"'{state.value}'", sa.String)) for condition, state in cases]
    return sa.case(*names, else_=sa.literal_column(f"'{EmailState.WAITING.value}'", sa.String))
