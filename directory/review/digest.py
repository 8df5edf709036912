"""Queues the daily email that tells reviewers how much waits for them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountRole
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.disputes.queries import count_waiting
from directory.imports.differences import count_open_differences
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.outbox.queue import enqueue_email
from directory.outbox.tables import Email
from directory.review.queries import listings_without_npi

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
    counts = {
        "listings": _count(session, Listing.state == ListingState.SUBMITTED),
        "answers": _count(session, Attestation.state == AttestationState.SUBMITTED),
        "reports": count_waiting(session),
        "deactivated": len(listings_without_npi(session)),
        "differences": count_open_differences(session),
    }
    if not any(counts.values()):
        return False
    mail = enqueue_email(session, "review_digest", to=account.email, now=now, recipient=account.name, **counts)
    mail.once_key = f"{_key_prefix(now)}{account_id}"
    return True


def _key_prefix(now: datetime) -> str:
    return f"review_digest:{now.astimezone(UTC):%Y-%m-%d}:"


def _count(session: Session, condition: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).where(condition)) or 0
