"""Sends queued email, oldest first; retries after failures and gives up after a limit."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.outbox.tables import Email

SendEmail = Callable[[Email], None]
"""Sends one email; raises OSError or SMTPException on failure."""

FIRST_RETRY_DELAY = timedelta(minutes=1)
"""The delay after the first failure; it doubles with each further one."""

MAX_ATTEMPTS = 12
"""An email is given up after this many attempts, about three days, and `doctor` reports it."""


def due_emails(session: Session, *, now: datetime, limit: int = 100) -> Iterator[Email]:
    """Yield the emails due now, oldest first."""
    yield from session.scalars(
        sa.select(Email)
        .where(Email.sent_at.is_(None), Email.given_up_at.is_(None), Email.next_attempt_at <= now)
        .order_by(Email.next_attempt_at, Email.id)
        .limit(limit)
    )


def deliver_email(mail: Email, send: SendEmail, *, now: datetime) -> None:
    """Try once to send the email, and record the result."""
    mail.attempts += 1
    try:
        send(mail)
    except (OSError, SMTPException) as failure:
        mail.last_error = f"{type(failure).__name__}: {failure}"[:1000]
        if mail.attempts >= MAX_ATTEMPTS:
            mail.given_up_at = now
        else:
            mail.next_attempt_at = now + FIRST_RETRY_DELAY * 2 ** (mail.attempts - 1)
    else:
        mail.sent_at, mail.last_error = now, ""
    if mail.forget and (mail.sent_at or mail.given_up_at):
        # The error message may repeat the recipient's address.
        mail.to = mail.body = mail.last_error = ""


def newest_emails(session: Session, *, limit: int = 100) -> list[Email]:
    """Return the newest emails, sent or not."""
    return list(session.scalars(sa.select(Email).order_by(Email.id.desc()).limit(limit)))
