"""Keeping an installation in order: `db upgrade`, `search rebuild`, `search verify`, `mail send` and `doctor`."""

from collections.abc import Iterator
from datetime import datetime

import click
import sqlalchemy as sa

from directory import clock, resources, transaction
from directory.certification.ruleset import shipped
from directory.cli.installation import gazetteer, installation, is_up_to_date, plainly
from directory.config import NO_DISCLOSURE, Settings
from directory.errors import Fault, Invalid
from directory.geocoding.gazetteer import Found
from directory.outbox.delivery import deliver, due
from directory.outbox.smtp import sender
from directory.outbox.tables import Mail
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


@click.command()
@plainly
def doctor() -> None:
    """Check the installation and say what to mend; status 1 where something is wrong.

    Example: BMA_HOME=/srv/bma bma-directory doctor
    """
    with installation(any_shape=True) as settings:
        wrong = 0
        for good, sentence in _findings(settings, clock.now()):
            wrong += not good
            click.echo(f"{'ok   ' if good else 'MEND '}{sentence}")
    if wrong:
        raise click.exceptions.Exit(1)


def _findings(settings: Settings, now: datetime) -> Iterator[tuple[bool, str]]:
    private = not (settings.home / "keys").exists() or (settings.home / "keys").stat().st_mode & 0o077 == 0
    yield private, f"{settings.home / 'keys'} is readable by its owner only."
    yield (resources.folder("static") / "dist" / "manifest.json").exists(), "The style sheets and scripts are built."
    yield isinstance(gazetteer(settings).look_up("80021"), Found), "The gazetteer places ZIP 80021."
    has_map = settings.basemap.exists() or (resources.folder("data") / "basemap.pmtiles").exists()
    yield has_map, "There is a basemap."
    yield settings.operator_disclosure != NO_DISCLOSURE, "BMA_OPERATOR_DISCLOSURE says what interest the operator has."
    yield settings.base_url.startswith("https://"), f"BMA_BASE_URL ({settings.base_url}) is served over https."
    session = transaction.session()
    shape = is_up_to_date()
    yield shape, "The database has the newest shape (else: bma-directory db upgrade)."
    if shape:
        agrees = next(index.verify(session, rulesets=shipped()), None) is None
        yield agrees, "The search index says what the listings say."
        given_up = session.scalar(sa.select(sa.func.count()).where(Mail.given_up_at.is_not(None)))
        yield not given_up, f"No mail was given up ({given_up} were)."
        late = next(iter(due(session, now=now, limit=1)), None)
        yield (
            late is None or not settings.smtp_url,
            "No mail waits that is due (bma-directory mail send).",
        )
