"""The commands `mail send`, which sends the queued email, and `mail digest`, which queues the daily digest."""

import time

import click

from directory import clock, transaction
from directory.cli.installation import installation, report_errors
from directory.config import Settings
from directory.errors import FieldError, Invalid
from directory.outbox.delivery import claim_email, record_result, try_to_send
from directory.outbox.message import Letterhead
from directory.outbox.smtp import make_smtp_sender
from directory.review.digest import queue_digest, reviewers_without_digest
from directory.settings.letterhead import current_letterhead


@click.group()
def mail() -> None:
    """Queued email."""


@mail.command("send")
@report_errors
def send() -> None:
    """Send the email due now, once. Run it from cron every minute if `serve` does not send email.

    Several may run at once: each email is sent by one of them.

    Example: BMA_SMTP_URL=smtps://user:secret@mail.example.org bma-directory mail send
    """
    with installation() as settings:
        if not settings.smtp_url:
            raise Invalid([FieldError("BMA_SMTP_URL", "BMA_SMTP_URL is not set, so no server can send mail.")])
        sent, failed = send_due_emails(settings)
    click.echo(f"Sent {sent}, failed {failed}.")
    if failed:
        raise click.exceptions.Exit(1)


@mail.command("digest")
@report_errors
def digest() -> None:
    """Email reviewers how much waits for review, once a day at most and only if something waits.

    Run it from cron once a day if `serve` does not do it. “mail send” sends the queued email.

    Example: bma-directory mail digest
    """
    with installation():
        queued = queue_digests()
    click.echo(f"{queued:,} digests are in the outbox." if queued else "No digest is due.")


def send_due_emails(settings: Settings, *, seconds: float = float("inf")) -> tuple[int, int]:
    """Send the email due; returns how many were sent and how many attempts failed. Stops after `seconds`.

    Raises:
        Invalid: the server's URL or the file of certificates cannot be used.
    """
    hand_over = make_smtp_sender(settings.smtp_url, ca_file=settings.smtp_ca_file)
    environment = Letterhead(settings.mail_from, settings.mail_reply_to, settings.base_url, settings.operator_name)
    head = current_letterhead(transaction.session(), environment)
    sent = failed = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # The claim is committed before the email is sent, so that no other process sends it too.
        with transaction.atomic() as session:
            claimed = claim_email(session, head, now=clock.now())
        if claimed is None:
            break
        failure = try_to_send(claimed, hand_over)
        with transaction.atomic() as session:
            record_result(session, claimed, failure, now=clock.now())
        sent, failed = sent + (failure is None), failed + (failure is not None)
    return sent, failed


def queue_digests() -> int:
    """Queue today's digests that are not queued yet, one transaction each; returns their number."""
    queued = 0
    for account_id in reviewers_without_digest(transaction.session(), now=clock.now()):
        with transaction.atomic() as session:
            queued += queue_digest(session, account_id, now=clock.now())
    return queued
