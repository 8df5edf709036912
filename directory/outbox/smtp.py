"""Sends email through an SMTP server, whose certificate is always checked."""

import smtplib
import ssl
from collections.abc import Callable, Iterable
from contextlib import closing
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from directory.errors import FieldError, Invalid

TIMEOUT_SECONDS = 20


def make_smtp_sender(url: str, *, ca_file: str = "") -> Callable[[EmailMessage], None]:
    """Return a function that sends one email through `smtp://user:password@host:587` (STARTTLS) or `smtps://…` (TLS).

    A password is sent only over TLS. Without one, `smtp://` uses TLS if the server offers it.

    Args:
        url: the server.
        ca_file: a PEM file with the certificate authorities to trust instead of those of the system.

    Raises:
        Invalid: the server's URL or the file cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise Invalid([FieldError("BMA_SMTP_URL", "BMA_SMTP_URL must begin with smtp:// or smtps:// and name a host.")])
    context = _tls_context(ca_file)

    def send(message: EmailMessage) -> None:
        with closing(_connect(parts, context)) as server:
            server.ehlo()
            encrypted = parts.scheme == "smtps"
            if not encrypted and server.has_extn("starttls"):
                server.starttls(context=context)
                encrypted = True
            if parts.username and not encrypted:
                raise smtplib.SMTPNotSupportedError("the server offers no encryption, so the password was not sent")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    return send


def is_permanent(failure: Exception) -> bool:
    """Return whether the server refused this email for good, with a code of 500 or more, so that a retry is useless.

    A refused sign-in or sender is not permanent, whatever its code: it concerns all email, and the operator can fix it.
    """
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in failure.recipients.values())
    return isinstance(failure, smtplib.SMTPDataError) and failure.smtp_code >= 500


def describe_failure(failure: Exception) -> str:
    """Return what the server answered, such as `550 5.1.1 no such user`, or else the name and the text of the error."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        answers: Iterable[tuple[int, bytes | str]] = failure.recipients.values()
    elif isinstance(failure, smtplib.SMTPResponseException):
        answers = [(failure.smtp_code, failure.smtp_error)]
    else:
        return f"{type(failure).__name__}: {failure}"
    return "; ".join(f"{code} {_decode(text)}" for code, text in answers)


def _decode(text: bytes | str) -> str:
    return text if isinstance(text, str) else text.decode(errors="replace")


def _tls_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as fault:
        sentence = f"BMA_SMTP_CA_FILE must name a PEM file of certificates; {ca_file} cannot be read as one."
        raise Invalid([FieldError("BMA_SMTP_CA_FILE", sentence)]) from fault


def _connect(parts: SplitResult, context: ssl.SSLContext) -> smtplib.SMTP:
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)
