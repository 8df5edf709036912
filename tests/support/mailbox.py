"""The mail that an installation has queued, and the link in it."""

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
    found = re.search(rf"/signin/{page}/\S+$", mail.action_path)
    assert found, mail.action_path
    return found[0]
