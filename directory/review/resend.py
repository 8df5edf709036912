"""Sends email again that the outbox gave up, for admins."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.outbox.delivery import send_again
from directory.outbox.tables import Email


def resend_email(session: Session, email_id: int, *, by: Actor, now: datetime) -> Email:
    """Queue an email again that was given up.

    Raises:
        NotFound: there is no such email.
        Conflict: it was not given up, or its content was erased.
    """
    require(by, Action.RESEND_MAIL)
    mail = send_again(session, email_id, now=now)
    record(session, action="mail.resend", target=f"mail:{mail.id}", before=None, after=None, by=by.id, now=now)
    return mail
