"""Delivering what was promised: oldest first, again later when it fails, and given up in the end."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.outbox.tables import Mail

Send = Callable[[Mail], None]
"""What hands one mail over; raises OSError or SMTPException when it cannot."""

FIRST_WAIT = timedelta(minutes=1)
"""The wait after the first failure; it doubles with each one after."""

MAX_ATTEMPTS = 12
"""After about three days a mail is given up, and `doctor` says so."""


def due(session: Session, *, now: datetime, limit: int = 100) -> Iterator[Mail]:
    """What should be sent now, oldest first."""
    yield from session.scalars(
        sa.select(Mail)
        .where(Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.next_attempt_at <= now)
        .order_by(Mail.next_attempt_at, Mail.id)
        .limit(limit)
    )


def deliver(mail: Mail, send: Send, *, now: datetime) -> None:
    """Try once, and write down what came of it."""
    mail.attempts += 1
    try:
        send(mail)
    except (OSError, SMTPException) as failure:
        mail.last_error = f"{type(failure).__name__}: {failure}"[:1000]
        if mail.attempts >= MAX_ATTEMPTS:
            mail.given_up_at = now
        else:
            mail.next_attempt_at = now + FIRST_WAIT * 2 ** (mail.attempts - 1)
    else:
        mail.sent_at, mail.last_error = now, ""
    if mail.forget and (mail.sent_at or mail.given_up_at):
        # What a server refuses, it repeats, and with it the address.
        mail.to = mail.body = mail.last_error = ""


def outbox(session: Session, *, limit: int = 100) -> list[Mail]:
    """The newest mails, sent or not."""
    return list(session.scalars(sa.select(Mail).order_by(Mail.id.desc()).limit(limit)))
