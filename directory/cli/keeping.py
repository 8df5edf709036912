"""Keeping an installation in order: `db upgrade`, `search rebuild`, `search sweep` and `search verify`."""

import sys

import click
import sqlalchemy as sa

from directory import clock, transaction
from directory.certification.ruleset import shipped
from directory.cli.installation import installation, plainly
from directory.listings.tables import Location
from directory.search import following, rebuilding, verifying

SWEPT_AT_ONCE = 500
"""Listings in one transaction; arbitrary, a second or two."""


@click.group()
def db() -> None:
    """The database and its shape."""


@db.command("upgrade")
@plainly
def upgrade() -> None:
    """Bring the database to the newest shape; makes it where there is none.

    Example: bma-directory db upgrade
    """
    with installation(migrate=True):
        pass
    click.echo("The database is up to date.")


@click.group()
def search() -> None:
    """The search index; everything in it can be made again from the listings."""


@search.command("rebuild")
@plainly
def rebuild() -> None:
    """Make the whole index anew.

    Example: bma-directory search rebuild
    """
    with installation(migrate=True):
        total = transaction.session().scalar(sa.select(sa.func.count()).select_from(Location))
        transaction.close()
        with click.progressbar(length=total or 0, label="Locations", file=sys.stderr) as bar:
            rows = rebuilding.rebuild(transaction.writing, rulesets=shipped(), now=clock.now(), progress=bar.update)
    click.echo(f"The index has {rows:,} locations.")


@search.command("sweep")
@plainly
def sweep() -> None:
    """Take what has ended out of the index; `serve` does it every hour.

    No search finds what has ended. But counting is slower where much of it is left.

    Example: bma-directory search sweep
    """
    with installation():
        swept = sweep_ended()
    click.echo(f"Took out what ended of {swept:,} {'listing' if swept == 1 else 'listings'}.")


def sweep_ended() -> int:
    """Do it in short transactions; of how many listings."""
    swept = 0
    while True:
        with transaction.writing() as session:
            some = following.sweep(session, rulesets=shipped(), now=clock.now(), limit=SWEPT_AT_ONCE)
        swept += some
        if some == 0:
            return swept


@search.command("verify")
@plainly
def verify() -> None:
    """Compare the index with the listings; status 1 where they differ.

    Example: bma-directory search verify
    """
    with installation():
        differences = 0
        for difference in verifying.verify(transaction.session(), rulesets=shipped(), now=clock.now()):
            differences += 1
            click.echo(str(difference))
    if differences:
        raise click.ClickException(f"{differences:,} differences. “search rebuild” mends them.")
    click.echo("The index says what the listings say.")
