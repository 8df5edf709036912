"""Database queries for the outbox: search for emails, their number in each state, and failed email of listings."""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.errors import NotFound
from directory.outbox.tables import Email


class EmailState(enum.StrEnum):
    """The state of an email, computed from its dates and attempts."""

    HELD = "held"
    WAITING = "waiting"
    RETRYING = "retrying"
    GIVEN_UP = "given-up"
    SENT = "sent"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class EmailFilter:
    """Which emails to find: those to which everything applies that is given.

    `text` is a part of the recipient's address, or of the subject of an email that holds no secret.
    """

    state: EmailState | None = None
    text: str = ""
    letter: str = ""
    listing_id: int | None = None


def find_emails(
    session: Session, wanted: EmailFilter, *, now: datetime, limit: int, offset: int = 0
) -> Sequence[tuple[Email, EmailState]]:
    """Return the emails that a filter lets through, with their states, the newest first."""
    rows = sa.select(Email, _state(now)).where(*conditions(wanted, now=now)).order_by(Email.id.desc())
    return [(mail, EmailState(name)) for mail, name in session.execute(rows.limit(limit).offset(offset))]


def find_email(session: Session, email_id: int, *, now: datetime) -> tuple[Email, EmailState]:
    """Return one email with its state.

    Raises:
        NotFound: there is no such email.
    """
    found = session.execute(sa.select(Email, _state(now)).where(Email.id == email_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such email.")
    return found[0], EmailState(found[1])


def count_emails(session: Session, wanted: EmailFilter = EmailFilter(), *, now: datetime) -> Mapping[EmailState, int]:
    """Return how many emails a filter lets through in each state, in the order of `EmailState`.

    The state that the filter names is left out of account.
    """
    current = _state(now).label("state")
    rows = session.execute(
        sa.select(current, sa.func.count())
        .select_from(Email)
        .where(*conditions(replace(wanted, state=None), now=now))
        .group_by(current)
    )
    counts = {name: number for name, number in rows}  # noqa: C416  a Result is no mapping
    return {state: counts.get(state.value, 0) for state in EmailState}


def failed_mail(session: Session, listing_ids: Collection[int]) -> Sequence[Email]:
    """Return the emails about these listings that were given up and can be sent again, the oldest first."""
    failed = sa.select(Email).where(Email.listing_id.in_(listing_ids), Email.given_up_at.is_not(None), Email.to != "")
    return session.scalars(failed.order_by(Email.id)).all()


def conditions(wanted: EmailFilter, *, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return the SQL conditions of a filter."""
    where: list[sa.ColumnElement[bool]] = []
    if wanted.state is not None:
        where.append(_state(now) == wanted.state.value)
    if wanted.text:
        in_subject = sa.and_(_contains(Email.subject, wanted.text), Email.forget.is_(False))
        where.append(sa.or_(_contains(Email.to, wanted.text), in_subject))
    if wanted.letter:
        where.append(Email.letter == wanted.letter)
    if wanted.listing_id is not None:
        where.append(Email.listing_id == wanted.listing_id)
    return where


def _contains(column: sa.ColumnElement[Any] | Any, text: str) -> sa.ColumnElement[bool]:
    return sa.func.lower(column).contains(text.lower(), autoescape=True)


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
