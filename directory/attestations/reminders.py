"""Queues reminder emails 60, 30 and 7 days before answers expire and on the day, each only once."""

import enum
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.attestations.lifecycle import AttestationState
from directory.attestations.notices import not_yet_queued, record_notice, select_attestations
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.certification.ruleset import Rulesets
from directory.certification.wording import Standing, days_until, standing_words
from directory.listings.notices import notify_owners

MAX_LATENESS = timedelta(days=30)
"""No reminder is sent later than this after expiry, even if the job did not run; arbitrary."""


class Occasion(enum.StrEnum):
    """When a reminder is due, the most urgent first; the values are stored in the database."""

    ON_THE_DAY = "expires_on_the_day"
    SEVEN_DAYS = "expires_in_7_days"
    THIRTY_DAYS = "expires_in_30_days"
    SIXTY_DAYS = "expires_in_60_days"


_DAYS = {Occasion.SEVEN_DAYS: 7, Occasion.THIRTY_DAYS: 30, Occasion.SIXTY_DAYS: 60}


def queue_reminders(session: Session, *, rulesets: Rulesets, home: str, now: datetime, limit: int) -> int:
    """Queue the reminders that are due, the most urgent first, and return how many; 0 if none is left.

    A late run queues only the most urgent reminder for each attestation. Owners whose renewal is already signed and
    waits for review get no reminder.

    Args:
        session: its transaction covers both the queued emails and the records of them.
        rulesets: the published rules; newer ones may end answers before their own expiry date.
        home: the base URL of this directory, such as `https://directory.example`.
        now: the current time.
        limit: the maximum number of emails to queue.
    """
    until = effective_valid_until(rulesets)
    occasion = _due_occasion(until, now)
    due = (
        select_attestations(until.label("until"), occasion.label("occasion"))
        .where(
            until >= now - MAX_LATENESS,
            until <= now + timedelta(days=60),
            not_yet_queued(occasion),
            ~_has_submitted_renewal(),
        )
        .order_by(until, Attestation.id)
        .limit(limit)
    )
    promised = 0
    for attestation, ends, which in session.execute(due).all():
        if record_notice(session, attestation, which, now=now):
            _queue_reminder(session, attestation, ends, home=home, now=now)
            promised += 1
    return promised


def _queue_reminder(session: Session, attestation: Attestation, until: datetime, *, home: str, now: datetime) -> None:
    notify_owners(
        session,
        attestation.listing_id,
        "reminder",
        now=now,
        listing=attestation.listing,
        until=until,
        ended=now > until,
        shown_then=standing_words(Standing.EXPIRED, at=until).line,
        days=days_until(until, now),
        by_newer_rules=attestation.valid_until is not None and until < attestation.valid_until,
        address=f"{home}/portal/listings/{attestation.listing_id}/badge",
    )


def _due_occasion(until: sa.ColumnElement[datetime], now: datetime) -> sa.ColumnElement[str]:
    """SQL: the most urgent occasion that is due; days are UTC days."""
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time.min, UTC)
    whens = [(until < tomorrow, Occasion.ON_THE_DAY.value)]
    whens += [(until <= now + timedelta(days=days), occasion.value) for occasion, days in _DAYS.items()]
    return sa.case(*whens)


def _has_submitted_renewal() -> sa.ColumnElement[bool]:
    later = aliased(Attestation)
    waiting = sa.select(later.id).where(
        later.listing_id == Attestation.listing_id, later.state == AttestationState.SUBMITTED
    )
    return waiting.correlate(Attestation).exists()
