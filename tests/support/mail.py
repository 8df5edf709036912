"""Email for tests: in the outbox, and delivered without a server."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.outbox.delivery import ClaimedEmail, SendEmail, claim_email, record_result, try_to_send
from directory.outbox.message import Letterhead
from directory.outbox.tables import Email
from support.factories import NOW

HEAD = Letterhead("directory@example.org", "", "https://directory.example", "Example Society")


def make_email(session: Session, **facts: Any) -> Email:
    """An email that is due at `NOW`."""
    mail = Email(
        **{"to": "a@example.com", "subject": "One", "body": "Two", "created_at": NOW, "next_attempt_at": NOW} | facts
    )
    session.add(mail)
    session.flush()
    return mail


def deliver_next(session: Session, send: SendEmail, *, now: datetime) -> ClaimedEmail | None:
    """One attempt to deliver the email that has been due for longest; gives it, or None if there is none."""
    claimed = claim_email(session, HEAD, now=now)
    if claimed is not None:
        record_result(session, claimed, try_to_send(claimed, send), now=now)
    return claimed
