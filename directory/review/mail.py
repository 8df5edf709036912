"""What an admin does with queued email: send again what was given up, and cancel what was not sent yet."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.errors import NotFound
from directory.outbox import queue
from directory.outbox.delivery import send_again
from directory.outbox.queries import EmailFilter, EmailState, conditions
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


def resend_all(session: Session, wanted: EmailFilter, *, by: Actor, now: datetime) -> int:
    """Queue all emails again that were given up and that the filter lets through, and return their number.

    They are sent in the order in which they were queued. The log gets one entry, with the digest of their ids.
    """
    require(by, Action.RESEND_MAIL)
    given_up = EmailFilter(EmailState.GIVEN_UP, wanted.text, wanted.letter, wanted.listing_id)
    again = (
        sa.update(Email)
        .where(*conditions(given_up, now=now), Email.to != "")
        .values(given_up_at=None, attempts=0, next_attempt_at=now)
        .returning(Email.id)
    )
    ids = sorted(session.scalars(again, execution_options={"synchronize_session": False}))
    session.expire_all()
    if ids:
        after = digest({"emails": ids})
        record(session, action="mail.resend_all", target="mail:given-up", before=None, after=after, by=by.id, now=now)
    return len(ids)


def cancel_email(session: Session, email_id: int, *, by: Actor, now: datetime) -> Email:
    """Cancel an email that was not tried yet, so that it is never sent.

    Raises:
        NotFound: there is no such email.
        Conflict: a delivery was tried already, or the email is cancelled.
    """
    require(by, Action.CANCEL_MAIL)
    mail = session.get(Email, email_id)
    if mail is None:
        raise NotFound("There is no such email.")
    queue.cancel_email(session, mail, now=now)
    record(session, action="mail.cancel", target=f"mail:{mail.id}", before=None, after=None, by=by.id, now=now)
    return mail
