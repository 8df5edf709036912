"""Queues email in the current transaction."""

from datetime import datetime
from functools import cache
from textwrap import fill
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from directory import resources
from directory.certification import wording
from directory.outbox.tables import Email

LINE_LENGTH = 76
"""Characters, so that a quoted reply still fits the usual 80."""


def enqueue_email(session: Session, letter: str, *, to: str, now: datetime, **facts: Any) -> Email:
    """Render the template `templates/mail/<letter>.txt` and queue the email.

    The first line of the template is the subject; each paragraph is one line, which is wrapped here.
    The email is rendered now, so it states what is true when it is queued.
    """
    text = _template_environment().get_template(f"{letter}.txt").render(facts)
    subject, _, body = text.partition("\n")
    # A link must stay whole, also at its hyphens.
    wrapped = [
        fill(line, LINE_LENGTH, break_long_words=False, break_on_hyphens=False) for line in body.strip().splitlines()
    ]
    lines = "\n".join(wrapped)
    mail = Email(to=to, subject=" ".join(subject.split()), body=f"{lines}\n", created_at=now, next_attempt_at=now)
    session.add(mail)
    return mail


@cache
def _template_environment() -> Environment:
    folder = resources.folder("templates") / "mail"
    letters = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  emails are plain text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    letters.globals["wording"] = wording
    return letters
