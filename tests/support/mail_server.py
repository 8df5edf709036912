"""A real mail server on this machine, which accepts email or refuses it as told."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Mailbox:
    """A server's side of the conversation: keeps what it accepts, and answers as told."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.kept: list[bytes] = []
        self.passwords: list[bytes] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if answer := self.answers.get("rcpt"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(  # noqa: N802  aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  as above
        self.kept.append(envelope.content)
        return self.answers.get("data", "250 OK")

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        self.passwords.append(data.password)
        return AuthResult(success=data.password == b"se cret", handled=False)


@contextmanager
def serving(mailbox: Mailbox, certificate: Path | None = None, *, tls: str = "") -> Iterator[int]:
    """A server on 127.0.0.1; `tls` is "starttls", "smtps" or none. Gives its port."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        ssl_context=context if tls == "smtps" else None,
        tls_context=context if tls == "starttls" else None,
        authenticator=mailbox.authenticate,
        auth_require_tls=False,
    )
    if tls == "smtps":
        # Otherwise the controller greets its own server without checking the certificate, which is a warning.
        controller._trigger_server = lambda: socket.create_connection(("127.0.0.1", port)).close()  # type: ignore[method-assign]
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
