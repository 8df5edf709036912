"""The command `attestations revoke-unmanaged`, which revokes answers that nobody has kept right for 60 days."""

import click

from directory import clock, transaction
from directory.cli.installation import installation, report_errors
from directory.cli.reminders import BATCH_SIZE, attestations
from directory.review.unmanaged import revoke_unmanaged

__all__ = ["attestations"]


@attestations.command("revoke-unmanaged")
@report_errors
def revoke_answers() -> None:
    """Revoke the answers of listings that nobody has managed for 60 days. Each listing is handled once.

    Run it from cron every day if `serve` does not do it. It may run as often as you like.

    Example: bma-directory attestations revoke-unmanaged
    """
    with installation():
        handled = revoke_due_answers()
    click.echo(f"{handled:,} listings were handled." if handled else "No listing is due.")


def revoke_due_answers() -> int:
    """Handle all listings that are due, in small transactions; returns their number."""
    handled = 0
    while True:
        with transaction.atomic() as session:
            batch = revoke_unmanaged(session, now=clock.now(), limit=BATCH_SIZE)
        if not batch:
            return handled
        handled += batch
