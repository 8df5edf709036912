"""The commands `evidence sweep` and `sessions sweep`, which delete what was kept long enough."""

import click

from directory import clock, transaction
from directory.accounts.rate_limits import delete_expired_counters
from directory.accounts.sessions import delete_expired_sessions
from directory.audit.access import delete_old_access
from directory.cli.installation import installation, report_errors
from directory.evidence import queries, storage


@click.group()
def evidence() -> None:
    """Documents that providers attached to their answers, stored in BMA_HOME/uploads."""


@evidence.command("sweep")
@report_errors
def sweep() -> None:
    """Delete documents that no attestation uses and that are older than a day. Run it from cron every night.

    Such documents were removed from a draft or left by a crash. Status 1 names documents that are missing on disk;
    restore those from a backup.

    Example: bma-directory evidence sweep
    """
    with installation() as settings:
        swept = storage.delete_orphans(settings.uploads, queries.stored_hashes(transaction.session()), now=clock.now())
    click.echo(f"Removed {swept.removed:,} {'document' if swept.removed == 1 else 'documents'}.")
    if swept.missing:
        names = "\n".join(swept.missing)
        raise click.ClickException(f"{len(swept.missing):,} missing in {settings.uploads}:\n{names}")


@click.group()
def sessions() -> None:
    """Sessions of signed-in users, stored in the database."""


@sessions.command("sweep")
@report_errors
def sweep_sessions() -> None:
    """Delete expired sessions, expired counts of attempts, and the access log of more than a year ago.

    `serve` does this every hour.

    Example: bma-directory sessions sweep
    """
    with installation(), transaction.atomic() as session:
        removed = delete_expired_sessions(session, now=clock.now())
        delete_expired_counters(session, now=clock.now())
        delete_old_access(session, now=clock.now())
    click.echo(f"Removed {removed:,} {'session' if removed == 1 else 'sessions'}.")
