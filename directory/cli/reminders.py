"""The command `attestations remind`, which emails owners whose attestations expire soon."""

import click

from directory import clock, transaction
from directory.attestations.reminders import queue_reminders
from directory.certification.ruleset import bundled_rulesets
from directory.cli.installation import installation, report_errors
from directory.config import Settings

BATCH_SIZE = 100
"""Letters in one transaction; arbitrary, so that others need not wait long for theirs."""

MAX_REMINDERS = 1000
"""Letters in one run, unless it is told otherwise; arbitrary, so that a mail server is not flooded."""


@click.group()
def attestations() -> None:
    """Signed answers."""


@attestations.command("remind")
@click.option(
    "--limit", default=MAX_REMINDERS, show_default=True, type=click.IntRange(1), help="Letters in this run at most."
)
@report_errors
def remind_owners(limit: int) -> None:
    """Write to owners 60, 30 and 7 days before their answers run out, and on the day; each letter once.

    For cron, every hour, where `serve` does not do it. It may run as often as you like, and come as late as it must:
    then only the most urgent letter is written. The letters go out with “mail send”.

    Example: bma-directory attestations remind
    """
    with installation() as settings:
        promised = enqueue_due_reminders(settings, limit=limit)
    click.echo(f"{promised:,} reminders are in the outbox." if promised else "No reminder is due.")


def enqueue_due_reminders(settings: Settings, *, limit: int = MAX_REMINDERS) -> int:
    """Promise the reminders that are due, in small transactions, and say how many."""
    promised = 0
    while promised < limit:
        with transaction.atomic() as session:
            batch = queue_reminders(
                session,
                rulesets=bundled_rulesets(),
                home=settings.base_url,
                now=clock.now(),
                limit=min(BATCH_SIZE, limit - promised),
            )
        if not batch:
            break
        promised += batch
    return promised
