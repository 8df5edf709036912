"""The command `attestations remind`, which emails owners of answers that expire soon and of unconfirmed listings."""

from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.attestations.reminders import queue_reminders
from directory.certification.ruleset import bundled_rulesets
from directory.cli.installation import installation, report_errors
from directory.config import Settings
from directory.listings.confirmation_reminders import queue_confirmation_reminders

BATCH_SIZE = 100
"""Emails queued in one transaction; arbitrary, so that other writers need not wait long."""

MAX_REMINDERS = 1000
"""The default limit of emails in one run; arbitrary, so that a mail server is not flooded."""


@click.group()
def attestations() -> None:
    """Signed answers of providers."""


@attestations.command("remind")
@click.option(
    "--limit", default=MAX_REMINDERS, show_default=True, type=click.IntRange(1), help="Letters in this run at most."
)
@report_errors
def remind_owners(limit: int) -> None:
    """Email owners 60, 30 and 7 days before their attestation expires, and on the day; each reminder once.

    It also asks the owners of listings that were not confirmed for 90 days whether these are still right.

    Run it from cron every hour if `serve` does not do it. It may run as often as you like. After a late run, only the
    most urgent reminder is sent. “mail send” sends the queued email.

    Example: bma-directory attestations remind
    """
    with installation() as settings:
        promised = enqueue_due_reminders(settings, limit=limit)
    click.echo(f"{promised:,} reminders are in the outbox." if promised else "No reminder is due.")


def enqueue_due_reminders(settings: Settings, *, limit: int = MAX_REMINDERS) -> int:
    """Queue the reminders that are due, in small transactions; returns their number."""

    def expiring(session: Session, most: int) -> int:
        rulesets, home = bundled_rulesets(), settings.base_url
        return queue_reminders(session, rulesets=rulesets, home=home, now=clock.now(), limit=most)

    def unconfirmed(session: Session, most: int) -> int:
        return queue_confirmation_reminders(session, home=settings.base_url, now=clock.now(), limit=most)

    queued = _enqueue_in_batches(expiring, limit)
    return queued + _enqueue_in_batches(unconfirmed, limit - queued)


def _enqueue_in_batches(queue: Callable[[Session, int], int], limit: int) -> int:
    """Call `queue` with a session and a maximum, a transaction for each batch, until nothing is due."""
    queued = 0
    while queued < limit:
        with transaction.atomic() as session:
            batch = queue(session, min(BATCH_SIZE, limit - queued))
        if not batch:
            break
        queued += batch
    return queued
