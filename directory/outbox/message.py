"""Composes an email: its headers, and its text and HTML from the same paragraphs."""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache
from textwrap import fill
from urllib.parse import urljoin

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from directory import resources
from directory.outbox.queue import SITE
from directory.outbox.tables import Email
from directory.outbox.unsubscribe import TOPICS

LINE_LENGTH = 76
"""Characters, so that a quoted reply still fits the usual 80."""


CODE = "    "
"""The indent of a line of code, which is not wrapped."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all email of an installation shares: `sender` and `reply_to` are addresses, with or without a name."""

    sender: str
    reply_to: str
    base_url: str
    operator: str

    def address(self, path: str) -> str:
        """Return the absolute address of a page of this site."""
        return urljoin(f"{self.base_url}/", path)


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of an email for both of its parts; links are absolute, and empty if there is none."""

    subject: str
    paragraphs: tuple[tuple[str, ...], ...]
    action_label: str
    action: str
    operator: str
    home: str
    topic: str
    unsubscribe: str


def compose(mail: Email, head: Letterhead) -> EmailMessage:
    """Return the message to send; repeated for the same email, it has the same `Message-ID`."""
    letter = letter_of(mail, head)
    name, address = parseaddr(head.sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((name or head.operator, address))
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.id}.{mail.created_at:%Y%m%d%H%M%S%f}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if head.reply_to:
        message["Reply-To"] = head.reply_to
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text_part(letter))
    message.add_alternative(html_part(letter), subtype="html")
    return message


def letter_of(mail: Email, head: Letterhead) -> Letter:
    """Return the content of a stored email."""
    body = "\n".join(mail.body.replace(SITE, head.base_url).splitlines()).strip()
    paragraphs = (tuple(block.split("\n")) for block in re.split(r"\n\s*\n", body))
    return Letter(
        subject=mail.subject,
        paragraphs=tuple(paragraphs),
        action_label=mail.action_label,
        action=head.address(mail.action_path) if mail.action_path else "",
        operator=head.operator,
        home=f"{head.base_url}/",
        topic=TOPICS.get(mail.topic, ""),
        unsubscribe=head.address(f"/unsubscribe/{mail.unsubscribe_token}") if mail.unsubscribe_token else "",
    )


def text_part(letter: Letter) -> str:
    """Return the plain text of an email, in lines of at most `LINE_LENGTH` characters; addresses are not broken."""
    blocks = [*letter.paragraphs]
    if letter.action:
        blocks.append((f"{letter.action_label}:", letter.action))
    blocks.append((f"This email was written by {letter.operator}.", letter.home))
    if letter.unsubscribe:
        blocks.append((f"To stop {letter.topic}:", letter.unsubscribe))
    return "\n\n".join("\n".join(map(_wrap, lines)) for lines in blocks) + "\n"


def html_part(letter: Letter) -> str:
    """Return the HTML of an email, without images, styles or tracking."""
    return _template_environment().get_template("frame.html").render(letter=letter)


def _wrap(line: str) -> str:
    if line.startswith(CODE):
        return line.strip()
    return fill(line, LINE_LENGTH, break_long_words=False, break_on_hyphens=False)


@cache
def _template_environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(resources.folder("templates") / "mail"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
