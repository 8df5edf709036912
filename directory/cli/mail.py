"""The command `mail send`, which sends the queued email."""

import time

import click

from directory import clock, transaction
from directory.cli.installation import installation, report_errors
from directory.cli.leader_lock import leader_lock
from directory.config import Settings
from directory.errors import FieldError, Invalid
from directory.outbox.delivery import deliver_email, due_emails
from directory.outbox.smtp import make_smtp_sender


@click.group()
def mail() -> None:
    """Queued email."""


@mail.command("send")
@report_errors
def send() -> None:
    """Send the email due now, once. Run it from cron every minute if `serve` does not send email.

    Example: BMA_SMTP_URL=smtps://user:secret@mail.example.org bma-directory mail send
    """
    with installation() as settings:
        if not settings.smtp_url:
            raise Invalid([FieldError("BMA_SMTP_URL", "BMA_SMTP_URL is not set, so no server can send mail.")])
        result = send_due_emails(settings)
    if result is None:
        click.echo("Another process is sending mail.")
        return
    sent, failed = result
    click.echo(f"Sent {sent}, failed {failed}.")
    if failed:
        raise click.exceptions.Exit(1)


def send_due_emails(settings: Settings, *, seconds: float = float("inf")) -> tuple[int, int] | None:
    """Send the email due; returns how many were sent and how many failed, or None if another process is sending.

    Stops after `seconds`.

    Raises:
        Invalid: the server's URL cannot be used.
    """
    hand_over = make_smtp_sender(settings.smtp_url, sent_from=settings.mail_from)
    sent = failed = 0
    end = time.monotonic() + seconds
    with leader_lock(settings.database_url, "mail") as still_alone:
        if not still_alone():
            return None
        while time.monotonic() < end and (batch := list(due_emails(transaction.session(), now=clock.now(), limit=1))):
            # Commit after each email: a crash sends at most one of them twice, and loses none.
            with transaction.atomic():
                deliver_email(batch[0], hand_over, now=clock.now())
            sent, failed = sent + (batch[0].sent_at is not None), failed + (batch[0].sent_at is None)
    return sent, failed
