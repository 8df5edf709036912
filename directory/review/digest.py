"""Queues the daily email that tells reviewers how much waits for them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountRole
from directory.outbox.queue import enqueue_email
from directory.outbox.tables import Email
from directory.review.case_kinds import ItemKind, WaitingOn
from directory.review.case_tables import ReviewItem

DIGEST_HOUR = 13
"""The hour (UTC) from which the digest is written: the morning in all of the United States but Hawaii."""


def reviewers_without_digest(session: Session, *, now: datetime) -> Sequence[int]:
    """Return the ids of the active reviewers and admins for whom today's digest is not queued yet."""
    if now.astimezone(UTC).hour < DIGEST_HOUR:
        return []
    key = sa.literal(_key_prefix(now)).concat(sa.cast(Account.id, sa.String))
    return session.scalars(
        sa.select(Account.id)
        .where(
            Account.active,
            Account.roles.any(AccountRole.name.in_([Role.REVIEWER.value, Role.ADMIN.value])),
            ~sa.exists().where(Email.once_key == key),
        )
        .order_by(Account.id)
    ).all()


def queue_digest(session: Session, account_id: int, *, now: datetime) -> bool:
    """Queue today's digest for one reviewer; returns False if nothing waits.

    Raises:
        Conflict: on commit, if another process has queued it in the meantime.
    """
    account = session.get_one(Account, account_id)
    counts = dict(
        session.execute(
            sa.select(ReviewItem.kind, sa.func.count())
            .where(ReviewItem.waiting_on == WaitingOn.REVIEWER)
            .group_by(ReviewItem.kind)
        ).all()
    )
    if not counts:
        return False
    waiting = [(kind, counts[kind]) for kind in ItemKind if kind in counts]
    mail = enqueue_email(session, "review_digest", to=account.email, now=now, recipient=account.name, waiting=waiting)
    mail.once_key = f"{_key_prefix(now)}{account_id}"
    return True


def _key_prefix(now: datetime) -> str:
    return f"review_digest:{now.astimezone(UTC):%Y-%m-%d}:"
