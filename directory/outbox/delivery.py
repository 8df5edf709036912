"""Delivers queued email, oldest first: claims one, tries to send it, records the result; retries, then gives up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from smtplib import SMTPException

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.errors import Conflict, NotFound
from directory.outbox.message import Letterhead, compose
from directory.outbox.smtp import describe_failure, is_permanent
from directory.outbox.tables import Email

SendEmail = Callable[[EmailMessage], None]
"""Sends one email; raises OSError or SMTPException on failure."""

LEASE = timedelta(minutes=15)
"""How long a claim lasts, in which no other process sends the email.

If a process dies after the server accepted an email and before the result is stored, the email is sent once more after
the lease, with the same `Message-ID`. Arbitrary, longer than the slowest conversation, at 20 seconds a step.
"""

FIRST_RETRY_DELAY = timedelta(minutes=1)
"""The delay after the first failure; it doubles with each further one, up to `LONGEST_RETRY_DELAY`."""

LONGEST_RETRY_DELAY = timedelta(hours=1)
"""So that all email leaves within an hour after a mail server that was away is back."""

MAX_ATTEMPTS = 78
"""An email is given up after this many attempts, three days, and `doctor` reports it."""

MAX_ERROR = 1000
"""Characters of an error that are stored; arbitrary."""


@dataclass(frozen=True, slots=True)
class ClaimedEmail:
    """An email that this process may send until the lease ends; `attempt` counts the attempts."""

    id: int
    attempt: int
    message: EmailMessage


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an email was not sent, and whether a retry is useless."""

    error: str
    permanent: bool


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """SQL condition: the email is to be sent now."""
    waits = (Email.sent_at.is_(None), Email.given_up_at.is_(None), Email.cancelled_at.is_(None))
    return sa.and_(*waits, Email.next_attempt_at <= now)


def count_due(session: Session, *, now: datetime) -> int:
    """Return the number of emails that are due."""
    return session.scalar(sa.select(sa.func.count()).select_from(Email).where(is_due(now))) or 0


def claim_email(session: Session, head: Letterhead, *, now: datetime) -> ClaimedEmail | None:
    """Claim the email that has been due for longest, or return None; commit before sending it.

    An email that cannot be composed, for example because of its address, is given up: it must not block the others.
    """
    while (mail := _claim_oldest(session, now)) is not None:
        try:
            return ClaimedEmail(mail.id, mail.attempts, compose(mail, head))
        except (ValueError, LookupError, AttributeError) as fault:  # what the email package raises for bad headers
            _give_up(mail, f"This email cannot be written: {fault}", now=now)
            session.flush()
    return None


def _claim_oldest(session: Session, now: datetime) -> Email | None:
    oldest = (
        sa.select(Email.id)
        .where(is_due(now), _is_next_for_recipient(now))
        .order_by(Email.next_attempt_at, Email.id)
        .limit(1)
    )
    return session.scalar(
        sa.update(Email)
        # The second condition is checked again if another process claimed the row in the meantime.
        .where(Email.id == oldest.with_for_update(skip_locked=True).scalar_subquery(), is_due(now))
        .values(attempts=Email.attempts + 1, next_attempt_at=now + LEASE)
        .returning(Email),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )


def _is_next_for_recipient(now: datetime) -> sa.ColumnElement[bool]:
    """SQL condition: no earlier email to the same recipient is due, being sent or retried.

    Links and codes, which are forgotten after sending, wait for nothing, because they are valid for a short time only.
    """
    earlier = aliased(Email)
    waits = (earlier.sent_at.is_(None), earlier.given_up_at.is_(None), earlier.cancelled_at.is_(None))
    begun = sa.or_(earlier.attempts > 0, earlier.next_attempt_at <= now)
    same = (earlier.to == Email.to, earlier.id < Email.id, earlier.forget.is_(False))
    return sa.or_(Email.forget, ~sa.exists().where(*same, *waits, begun))


def try_to_send(claimed: ClaimedEmail, send: SendEmail) -> Failure | None:
    """Send a claimed email; returns why it failed, or None if the server accepted it."""
    try:
        send(claimed.message)
    except (OSError, SMTPException) as failure:
        # PostgreSQL stores no NUL character, which a broken server may send.
        return Failure(describe_failure(failure).replace("\0", "")[:MAX_ERROR], is_permanent(failure))
    return None


def record_result(session: Session, claimed: ClaimedEmail, failure: Failure | None, *, now: datetime) -> None:
    """Store the result of an attempt; a failure counts only if no other process has tried since the lease ended."""
    mail = session.get_one(Email, claimed.id, populate_existing=True, with_for_update=True)
    if mail.sent_at or (failure is not None and mail.attempts != claimed.attempt):
        return
    if failure is None:
        mail.sent_at, mail.given_up_at, mail.last_error = now, None, ""
        _forget(mail)
    elif failure.permanent or mail.attempts >= MAX_ATTEMPTS:
        _give_up(mail, failure.error, now=now)
    else:
        mail.last_error = failure.error
        mail.next_attempt_at = now + retry_delay(mail.attempts)


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts."""
    doubled: timedelta = FIRST_RETRY_DELAY * 2 ** min(attempts - 1, 10)
    return min(doubled, LONGEST_RETRY_DELAY)


def _give_up(mail: Email, error: str, *, now: datetime) -> None:
    mail.given_up_at, mail.last_error = now, error[:MAX_ERROR]
    _forget(mail)


def _forget(mail: Email) -> None:
    """Erase what must not be kept; the error may repeat the recipient's address, and the link may lead to a report."""
    if mail.forget:
        mail.to = mail.body = mail.last_error = mail.action_path = ""


def send_again(session: Session, email_id: int, *, now: datetime) -> Email:
    """Queue an email again that was given up, with all its attempts.

    Raises:
        NotFound: there is no such email.
        Conflict: it was not given up, or its content was erased.
    """
    mail = session.get(Email, email_id, with_for_update=True)
    if mail is None:
        raise NotFound("There is no such email.")
    if mail.given_up_at is None or not mail.to:
        raise Conflict("Only an email that was given up, and whose text is still stored, can be sent again.")
    mail.given_up_at, mail.attempts, mail.next_attempt_at = None, 0, now
    session.flush()
    return mail
