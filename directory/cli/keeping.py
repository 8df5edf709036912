"""Keeping an installation in order: `db upgrade`, `search rebuild`, `search verify`, `mail send` and `doctor`."""

import click

from directory import clock, transaction
from directory.certification.ruleset import shipped
from directory.cli.installation import installation, plainly
from directory.errors import Fault, Invalid
from directory.outbox.delivery import deliver, due
from directory.outbox.smtp import sender
from directory.search import index


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
    with installation(migrate=True), transaction.writing() as session:
        rows = index.rebuild(session, rulesets=shipped())
    click.echo(f"The index has {rows:,} rows.")


@search.command("verify")
@plainly
def verify() -> None:
    """Compare the index with the listings; status 1 where they differ.

    Example: bma-directory search verify
    """
    with installation():
        differences = 0
        for difference in index.verify(transaction.session(), rulesets=shipped()):
            differences += 1
            click.echo(str(difference))
    if differences:
        raise click.ClickException(f"{differences:,} differences. “search rebuild” mends them.")
    click.echo("The index says what the listings say.")


@click.group()
def mail() -> None:
    """Mail that was promised and is to be sent."""


@mail.command("send")
@plainly
def send() -> None:
    """Send what is due, once; for cron, every minute.

    Example: BMA_SMTP_URL=smtps://user:secret@mail.example.org bma-directory mail send
    """
    with installation() as settings:
        if not settings.smtp_url:
            raise Invalid([Fault("BMA_SMTP_URL", "BMA_SMTP_URL is not set, so no server can send mail.")])
        hand_over = sender(settings.smtp_url, sent_from=settings.mail_from)
        sent = failed = 0
        while batch := list(due(transaction.session(), now=clock.now(), limit=1)):
            # A commit after each mail: a crash sends one of them twice at most, and loses none.
            with transaction.writing():
                deliver(batch[0], hand_over, now=clock.now())
            sent, failed = sent + (batch[0].sent_at is not None), failed + (batch[0].sent_at is None)
    click.echo(f"Sent {sent}, failed {failed}.")
    if failed:
        raise click.exceptions.Exit(1)
