"""The maintenance commands `db upgrade`, `search rebuild`, `search verify` and `queue rebuild`."""

import sys

import click
import sqlalchemy as sa

from directory import clock, transaction
from directory.cli.installation import installation, report_errors, search_index
from directory.listings.tables import Location
from directory.review.case_items import rebuild_items


@click.group()
def db() -> None:
    """The database and its schema."""


@db.command("upgrade")
@report_errors
def upgrade() -> None:
    """Upgrade the database to the newest schema. Creates the database if there is none.

    Example: bma-directory db upgrade
    """
    with installation(migrate=True):
        pass
    click.echo("The database is up to date.")


@click.group()
def search() -> None:
    """The search index, which can always be rebuilt from the listings."""


@search.command("rebuild")
@click.option(
    "--if-due", is_flag=True, help="Only where the snapshot is missing or far behind, and nobody else builds."
)
@report_errors
def rebuild(*, if_due: bool) -> None:
    """Rebuild this server's snapshot of the search index. Searches continue meanwhile.

    Example: bma-directory search rebuild
    """
    with installation(migrate=not if_due) as settings:
        index, session = search_index(settings), transaction.session()
        if if_due and not index.is_due(session, now=clock.now()):
            return
        total = session.scalar(sa.select(sa.func.count()).select_from(Location))
        transaction.close()
        with click.progressbar(length=total or 0, label="Locations", file=sys.stderr) as bar:
            built = index.rebuild(transaction.session(), bar.update, wait=not if_due)
    if built is not None:
        click.echo(f"The index has {built:,} locations.")


@search.command("verify")
@report_errors
def verify() -> None:
    """Compare the index with the listings. Status 1 if they differ.

    Example: bma-directory search verify
    """
    with installation() as settings:
        differences = 0
        for listing_id, trouble in search_index(settings).verify(transaction.session()):
            differences += 1
            click.echo(f"listing {listing_id}: {trouble}")
    if differences:
        raise click.ClickException(f"{differences:,} differences. “search rebuild” mends them.")
    click.echo("The index says what the listings say.")


@click.group()
def queue() -> None:
    """The review queue, which can always be rebuilt from what waits."""


@queue.command("rebuild")
@report_errors
def rebuild_queue() -> None:
    """Write the review queue anew, if `doctor` says that it differs from what waits.

    Example: bma-directory queue rebuild
    """
    with installation(migrate=True), transaction.atomic() as session:
        changed = rebuild_items(session)
    click.echo(f"The review queue is right. {changed:,} rows were not.")
