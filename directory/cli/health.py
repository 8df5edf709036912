"""The command `doctor`, which checks an installation and reports problems."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import click
import dns.exception
import dns.resolver
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory import clock, resources, transaction
from directory.basemap.header import header_error
from directory.cli.installation import gazetteer, installation, is_schema_current, report_errors, search_index
from directory.config import NO_SENDER, Settings
from directory.errors import NotFound
from directory.geocoding.gazetteer import Found
from directory.outbox.delivery import count_due
from directory.outbox.tables import Email
from directory.review.case_items import count_differences
from directory.settings.declarations import DISCLOSURE, MAIL, MAIL_SENDER, OPERATOR
from directory.settings.queries import setting_values

LATE_AFTER = timedelta(minutes=15)
"""Email due for longer than this means that `mail send` is not running; arbitrary, many times cron's minute."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check: a message if it passed, and one that says how to fix the problem."""

    good: bool
    when_good: str
    to_mend: str

    def __str__(self) -> str:
        return f"ok    {self.when_good}" if self.good else f"MEND  {self.to_mend}"


@click.command()
@report_errors
def doctor() -> None:
    """Check the installation and say how to fix problems. Status 1 if there are any.

    Example: BMA_HOME=/srv/bma bma-directory doctor
    """
    with installation(any_shape=True) as settings:
        wrong = 0
        for finding in (
            *_check_files(settings),
            *_check_settings(settings),
            *_check_database(settings, clock.now()),
        ):
            wrong += not finding.good
            click.echo(finding)
    if wrong:
        raise click.exceptions.Exit(1)


def _check_files(settings: Settings) -> Iterator[CheckResult]:
    keys = settings.home / "keys"
    yield CheckResult(
        not keys.exists() or keys.stat().st_mode & 0o077 == 0,
        f"{keys} is closed to everybody but its owner.",
        f"Others can read the keys. Run: chmod -R go= {keys}",
    )
    yield CheckResult(
        os.access(settings.home, os.W_OK),
        f"{settings.home} can be written.",
        f"This account cannot write in {settings.home}. Give it the folder.",
    )
    yield CheckResult(
        (resources.folder("static") / "dist" / "manifest.json").exists(),
        "The style sheets and scripts are built.",
        "The style sheets and scripts are missing. Install the wheel again, or run: make assets",
    )
    yield CheckResult(
        _has_working_gazetteer(settings),
        "The gazetteer places ZIP 80021.",
        "There is no gazetteer, or it is broken. Install the wheel again, or run: bma-directory places build",
    )
    yield CheckResult(
        not (fault := _check_basemap(settings)),
        "There is a basemap that browsers can draw.",
        fault,
    )


def _check_basemap(settings: Settings) -> str:
    """Return what is wrong with the basemap that is served; empty if nothing is."""
    own, shipped = settings.basemap, resources.folder("data") / "basemap.pmtiles"
    if own.exists():
        fault = header_error(own)
        return f"{fault} Take it away, or put another there." if fault else ""
    advice = "Install the wheel again, or run: bma-directory basemap build"
    if not shipped.exists():
        return f"There is no basemap. {advice}"
    fault = header_error(shipped)
    return f"{fault} {advice}" if fault else ""


def _has_working_gazetteer(settings: Settings) -> bool:
    try:
        with gazetteer(settings) as places:
            return isinstance(places.look_up("80021"), Found)
    except NotFound:
        return False


def _check_settings(settings: Settings) -> Iterator[CheckResult]:
    yield CheckResult(
        settings.demo or bool(settings.contact_email),
        "BMA_CONTACT_EMAIL says how to reach the operator."
        if settings.contact_email
        else "A demonstration has no operator.",
        "BMA_CONTACT_EMAIL is not set: the pages on privacy and accessibility say no way to reach you.",
    )
    yield CheckResult(
        settings.base_url.startswith("https://"),
        f"BMA_BASE_URL is {settings.base_url}.",
        f"BMA_BASE_URL is {settings.base_url}: cookies would travel in the clear. Serve over https, and say so in it.",
    )
    yield CheckResult(
        settings.demo or bool(settings.smtp_url),
        "BMA_SMTP_URL names a server for mail." if settings.smtp_url else "A demonstration sends no mail.",
        "BMA_SMTP_URL is not set: mail to providers waits in the outbox for ever.",
    )
    yield CheckResult(
        not settings.outgoing_requests or _has_name_server(),
        "There is a name server for claims by domain."
        if settings.outgoing_requests
        else "BMA_OUTGOING_REQUESTS is not set: nobody proves a claim by their domain.",
        "BMA_OUTGOING_REQUESTS is 1, but this machine names no name server: claims by domain cannot be checked.",
    )


def _has_name_server() -> bool:
    try:
        return bool(dns.resolver.Resolver().nameservers)
    except dns.exception.DNSException:
        return False


def _check_database(settings: Settings, now: datetime) -> Iterator[CheckResult]:
    shape = is_schema_current()
    yield CheckResult(
        shape,
        "The database has the shape that this version needs.",
        "The database has another shape than this version needs. Run: bma-directory db upgrade",
    )
    if shape:
        yield from _check_rows(transaction.session(), settings, now)


def _check_rows(session: Session, settings: Settings, now: datetime) -> Iterator[CheckResult]:
    index = search_index(settings)
    trouble = index.trouble(session)
    yield CheckResult(not trouble, "The snapshot of the search index is up to date.", trouble)
    yield CheckResult(
        next(index.verify(session), None) is None,
        "The search index says what the listings say.",
        "The search index differs from the listings. Run: bma-directory search rebuild",
    )
    yield CheckResult(
        count_differences(session) == 0,
        "The review queue says what waits.",
        "The review queue differs from what waits. Run: bma-directory queue rebuild",
    )
    values = setting_values(session)
    sender = values.text(MAIL, MAIL_SENDER) or settings.mail_from
    yield CheckResult(
        settings.demo or sender != NO_SENDER,
        f"Mail comes from {sender}.",
        f"BMA_MAIL_FROM is not set: mail servers refuse mail from {NO_SENDER}. Name an address of your own domain.",
    )
    disclosure = values.text(OPERATOR, DISCLOSURE)
    yield CheckResult(
        bool(disclosure) or settings.has_disclosure,
        "The operator says what interest it has in the providers.",
        "Say on the console under “Settings” what interest you have in the providers listed, or that you have none.",
    )
    given_up = session.scalar(sa.select(sa.func.count()).where(Email.given_up_at.is_not(None))) or 0
    yield CheckResult(
        given_up == 0,
        "No mail was given up.",
        f"{given_up:,} mails could not be delivered and were given up. See the console's outbox, and send them again.",
    )
    if settings.smtp_url:
        yield CheckResult(
            count_due(session, now=now - LATE_AFTER) == 0,
            "No mail is late.",
            "Mail has been due for some time. Run every minute: bma-directory mail send",
        )
