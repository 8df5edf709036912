"""The command `duplicates find`, which looks for listings that may be the same provider."""

import click

from directory import clock, transaction
from directory.cli.installation import installation, report_errors
from directory.duplicates.commands import find_duplicates
from directory.duplicates.local_search import check_changed


@click.group()
def duplicates() -> None:
    """Listings that may be the same provider. A reviewer decides; nothing is merged by itself."""


@duplicates.command("find")
@click.option("--changed", is_flag=True, help="Only those changed since the last time; `serve` does this every minute.")
@report_errors
def find(*, changed: bool) -> None:
    """Compare all listings and show reviewers the pairs that may be the same provider.

    Takes some seconds for 100,000 listings and some minutes for a million.

    Example: bma-directory duplicates find
    """
    if changed:
        with installation(), transaction.atomic() as session:
            new = check_changed(session, now=clock.now())
        click.echo(f"New pairs: {new:,}.")
        return
    with installation(), transaction.atomic() as session:
        found = find_duplicates(session, now=clock.now())
    click.echo(f"Compared {found.listings:,} listings. Pairs that wait: {found.waiting:,}, new ones: {found.new:,}.")
