"""Sends email through an SMTP server."""

import smtplib
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from directory.errors import FieldError, Invalid
from directory.outbox.tables import Email

TIMEOUT_SECONDS = 20


def make_smtp_sender(url: str, *, sent_from: str) -> Callable[[Email], None]:
    """Return a function that sends one email through `smtp://user:password@host:587` (STARTTLS) or `smtps://…` (TLS).

    Raises:
        Invalid: the server's URL cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise Invalid([FieldError("BMA_SMTP_URL", "BMA_SMTP_URL must begin with smtp:// or smtps:// and name a host.")])
    host = parts.hostname

    def connection() -> smtplib.SMTP:
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS)
        return smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)

    def send(mail: Email) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sent_from, mail.to, mail.subject
        message.set_content(mail.body)
        with closing(connection()) as server:
            server.ehlo()
            encrypted = parts.scheme == "smtps"
            if not encrypted and server.has_extn("starttls"):
                server.starttls()
                encrypted = True
            if parts.username and not encrypted:
                raise smtplib.SMTPNotSupportedError("the server offers no encryption, so the password was not sent")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    return send
