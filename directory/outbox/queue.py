"""Queues email in the current transaction, holds it back and cancels it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from directory import resources
from directory.certification import wording
from directory.errors import Conflict
from directory.outbox.tables import Email
from directory.outbox.unsubscribe import is_unsubscribed

MAX_SUBJECT = 200
"""Characters of a subject, the width of its column; a longer one is cut off."""

TOKEN_BYTES = 24

SITE = "\ue000"
"""Stands for the address of the site in the text of an email, which is known when it is sent; nobody can type it."""


def enqueue_email(
    session: Session, letter: str, *, to: str, now: datetime, listing_id: int | None = None, **facts: Any
) -> Email:
    """Render the template `templates/mail/<letter>.txt` and queue the email.

    The first line of the template is the subject, each further line a paragraph. The template may set `action`, the
    text and the address of the one link of the email, and `topic`, if the recipient may unsubscribe. A line indented by
    four spaces is code, which is not wrapped, and `SITE` becomes the address of the site. The email is rendered now, so
    it states what is true when it is queued. If the recipient has unsubscribed, it is cancelled.

    Args:
        session: its transaction contains the change that the email reports.
        letter: the name of the template.
        to: the address of the recipient.
        now: the current time.
        listing_id: the listing that the email is about, if it is about one.
        facts: what the template uses; `recipient`, a name, is used for the greeting.
    """
    template = _template_environment().get_template(f"{letter}.txt").make_module(facts)
    subject, _, body = str(template).partition("\n")
    label, path = getattr(template, "action", ("", ""))
    topic = getattr(template, "topic", "")
    mail = Email(
        letter=letter,
        to=to,
        subject=" ".join(subject.split())[:MAX_SUBJECT],
        body=f"{_greeting(facts.get('recipient', ''))}\n\n{body.strip()}\n",
        action_label=label,
        action_path=path,
        topic=topic,
        listing_id=listing_id,
        unsubscribe_token=secrets.token_urlsafe(TOKEN_BYTES) if topic else None,
        created_at=now,
        next_attempt_at=now,
        cancelled_at=now if topic and is_unsubscribed(session, to, topic) else None,
    )
    session.add(mail)
    return mail


def hold_until(session: Session, mail: Email, until: datetime) -> None:
    """Send the email not before `until`.

    Raises:
        Conflict: a delivery was tried already, or the email is cancelled.
    """
    _change_untried(session, mail, next_attempt_at=until)


def cancel_email(session: Session, mail: Email, *, now: datetime) -> None:
    """Cancel an email, so that it is never sent.

    Raises:
        Conflict: a delivery was tried already, or the email is cancelled.
    """
    _change_untried(session, mail, cancelled_at=now)


def merge_emails(session: Session, emails: Sequence[Email], *, subject: str) -> list[Email]:
    """Merge emails of this transaction that go to the same address into the first of them, and return those left.

    A merged email has the given subject and the link of its first part. Email that is forgotten after sending stays.
    """
    left: dict[str, Email] = {}
    for mail in emails:
        first = left.setdefault(f"{mail.id}" if mail.forget else mail.to, mail)
        if first is not mail:
            _, _, text = mail.body.partition("\n\n")
            first.subject, first.body = " ".join(subject.split())[:MAX_SUBJECT], f"{first.body}\n{text}"
            session.delete(mail)
    session.flush()
    return list(left.values())


def _change_untried(session: Session, mail: Email, **values: datetime) -> None:
    session.flush()
    # One statement, because a delivery may begin at the same moment: it counts an attempt first.
    untried = sa.update(Email).where(Email.id == mail.id, Email.attempts == 0, Email.cancelled_at.is_(None))
    changed = session.scalar(
        untried.values(values).returning(Email.id), execution_options={"synchronize_session": False}
    )
    session.refresh(mail)
    if changed is None:
        raise Conflict("This email is cancelled, or it was sent in the meantime. It cannot be changed any more.")


def _greeting(name: str) -> str:
    return f"Hello {' '.join(name.split())}," if name.strip() else "Hello,"


@cache
def letter_names() -> tuple[str, ...]:
    """Return the names of all letters, in alphabetical order."""
    names = _template_environment().list_templates(extensions=["txt"])
    return tuple(sorted(name.removesuffix(".txt") for name in names))


@cache
def _template_environment() -> Environment:
    letters = Environment(
        loader=FileSystemLoader(resources.folder("templates") / "mail"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  the paragraphs are plain text, and escaped where they become HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    letters.globals["wording"] = wording
    return letters
