"""Queues reminder emails some days before answers expire, which admins set, and on the day, each only once."""

from collections.abc import Sequence
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
from directory.settings.queries import reminder_days

MAX_LATENESS = timedelta(days=30)
"""No reminder is sent later than this after expiry, even if the job did not run; arbitrary."""


ON_THE_DAY = "expires_on_the_day"
"""The occasion of the last reminder; like the others it is stored in the database."""


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
    reminders = reminder_days(session)
    occasion = _due_occasion(until, reminders, now)
    due = (
        select_attestations(until.label("until"), occasion.label("occasion"))
        .where(
            until >= now - MAX_LATENESS,
            until <= now + timedelta(days=max(reminders)),
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


def _due_occasion(until: sa.ColumnElement[datetime], reminders: Sequence[int], now: datetime) -> sa.ColumnElement[str]:
    """SQL: the most urgent occasion that is due; days are UTC days."""
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time.min, UTC)
    whens = [(until < tomorrow, ON_THE_DAY)]
    whens += [(until <= now + timedelta(days=days), f"expires_in_{days}_days") for days in sorted(reminders)]
    return sa.case(*whens)


def _has_submitted_renewal() -> sa.ColumnElement[bool]:
    later = aliased(Attestation)
    waiting = sa.select(later.id).where(
        later.listing_id == Attestation.listing_id, later.state == AttestationState.SUBMITTED
    )
    return waiting.correlate(Attestation).exists()
