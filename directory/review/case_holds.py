"""Takes and releases cases: a reviewer who opens a case has it for 30 minutes, and nobody else is sent to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.accounts.tables import Account
from directory.review.case_kinds import WaitingOn
from directory.review.case_tables import ReviewCase, ReviewHold

HOLD_TIME = timedelta(minutes=30)
"""How long a case is taken; arbitrary, several times what a case needs. Opening it again starts anew."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has a case, and until when."""

    by_id: int
    name: str
    until: datetime


def take_case(session: Session, listing_id: int, *, by: Actor, now: datetime) -> Hold | None:
    """Take a case if nobody else has it; returns who has it now, or None if nothing waits for a reviewer.

    Raises:
        NotAllowed: `by` is no reviewer.
    """
    require(by, Action.SEE_QUEUE)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    waiting = sa.select(ReviewCase.listing_id, sa.literal(by.id), sa.literal(now + HOLD_TIME, ReviewHold.until.type))
    row = insert(ReviewHold).from_select(
        ["listing_id", "by_id", "until"],
        waiting.where(ReviewCase.listing_id == listing_id, ReviewCase.waiting_on == WaitingOn.REVIEWER),
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["listing_id"],
            set_={"by_id": row.excluded.by_id, "until": row.excluded.until},
            where=sa.or_(ReviewHold.until <= now, ReviewHold.by_id == by.id),
        ),
        execution_options={"synchronize_session": False},
    )
    return case_hold(session, listing_id, now=now)


def case_hold(session: Session, listing_id: int, *, now: datetime) -> Hold | None:
    """Return who has a case, or None."""
    row = session.execute(
        sa.select(ReviewHold.by_id, Account.name, Account.email, ReviewHold.until)
        .join(Account, Account.id == ReviewHold.by_id)
        .where(ReviewHold.listing_id == listing_id, ReviewHold.until > now)
    ).one_or_none()
    return None if row is None else Hold(row.by_id, row.name or row.email, row.until)


def release_case(session: Session, listing_id: int, *, by: Actor) -> None:
    """Let others take a case that `by` has; without a hold nothing happens."""
    _delete(session, sa.and_(ReviewHold.listing_id == listing_id, ReviewHold.by_id == by.id))


def release_cases_of(session: Session, account_id: int) -> None:
    """Release all cases of an account, which signs out."""
    _delete(session, ReviewHold.by_id == account_id)


def _delete(session: Session, condition: sa.ColumnElement[bool]) -> None:
    session.execute(sa.delete(ReviewHold).where(condition), execution_options={"synchronize_session": False})
