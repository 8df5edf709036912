"""The mail that an installation has queued, and the links in it."""

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.outbox.tables import Email


def emails_to(session: Session, address: str) -> list[Email]:
    """All mail to an address, oldest first."""
    session.rollback()
    return list(session.scalars(sa.select(Email).where(Email.to == address).order_by(Email.id)))


def link_in(mail: Email, page: str) -> str:
    """The path of the link to a page of sign-in, as somebody opens it."""
    found = re.search(rf"^\S+(/signin/{page}/\S+)$", mail.body, re.MULTILINE)
    assert found, mail.body
    return found[1]
