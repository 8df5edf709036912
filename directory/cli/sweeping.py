"""`evidence sweep`: removes documents that no row speaks of, and names those that are missing."""

import click

from directory import clock, transaction
from directory.cli.installation import installation, plainly
from directory.evidence import queries, storage


@click.group()
def evidence() -> None:
    """Documents that providers added to their answers; they lie in BMA_HOME/uploads."""


@evidence.command("sweep")
@plainly
def sweep() -> None:
    """Remove documents older than a day that were taken out of a draft, or left by a crash; for cron, every night.

    Status 1 names documents that are missing from the disk. Restore those from a backup.

    Example: bma-directory evidence sweep
    """
    with installation() as settings:
        swept = storage.sweep(settings.uploads, queries.files(transaction.session()), now=clock.now())
    click.echo(f"Removed {swept.removed:,} {'document' if swept.removed == 1 else 'documents'}.")
    if swept.missing:
        names = "\n".join(swept.missing)
        raise click.ClickException(f"{len(swept.missing):,} missing in {settings.uploads}:\n{names}")
