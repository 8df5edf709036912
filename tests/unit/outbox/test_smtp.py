"""Sending to real mail servers that refuse, stall, hang up, have a bad certificate or offer no encryption."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTPException

import pytest
from support.certificates import write_certificate
from support.factories import NOW
from support.mail import HEAD
from support.mail_server import Mailbox, serving

from directory import config
from directory.errors import Invalid
from directory.outbox import smtp
from directory.outbox.message import compose
from directory.outbox.smtp import describe_failure, is_permanent, make_smtp_sender
from directory.outbox.tables import Email

# aiosmtpd leaves its own event loop's transports to the collector, and warns that a password needs TLS.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd"),
]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost with its key, in one PEM file."""
    return write_certificate(tmp_path_factory.mktemp("tls") / "server.pem", "localhost")


@contextmanager
def speaking(*lines: bytes, then_wait: bool = False) -> Iterator[int]:
    """A server that says these lines to whoever connects, and then hangs up, or waits for ever."""
    over = threading.Event()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def converse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"".join(lines))
                if then_wait:
                    over.wait(30)

        thread = threading.Thread(target=converse, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        thread.join(10)


def a_message() -> EmailMessage:
    return compose(
        Email(id=1, to="pat@example.com", subject="Published", body="Hello,\n\nÄ text.\n", created_at=NOW, topic="",
              action_label="See it", action_path="/portal/"),
        HEAD,
    )  # fmt: skip


def refusal(url: str, **options: str) -> Exception:
    """Why a message was not sent to `url`."""
    with pytest.raises((OSError, SMTPException)) as caught:
        make_smtp_sender(url, **options)(a_message())
    return caught.value


def test_a_message_arrives_with_both_parts() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        make_smtp_sender(f"smtp://127.0.0.1:{port}")(a_message())
    content = bytes(mailbox.kept[0])
    assert b"multipart/alternative" in content
    assert b"To: pat@example.com" in content


@pytest.mark.parametrize(
    ("stage", "answer", "permanent"),
    [
        ("rcpt", "550 5.1.1 no such user", True),
        ("rcpt", "451 try later", False),
        ("data", "554 looks like spam", True),
        ("data", "452 full", False),
        ("mail", "553 not your address", False),
        ("mail", "421 busy", False),
    ],
)
def test_a_refusal_is_permanent_if_it_is_about_this_email(stage: str, answer: str, *, permanent: bool) -> None:
    with serving(Mailbox(**{stage: answer})) as port:
        failure = refusal(f"smtp://127.0.0.1:{port}")
    assert is_permanent(failure) == permanent
    assert describe_failure(failure) == answer


@pytest.mark.parametrize(
    "lines", [(), (b"220 hello\r\n",), (b"554 go away\r\n",), (b"421 busy\r\n",), (b"\0\xff" * 500,)]
)
def test_a_server_that_hangs_up_or_talks_nonsense_is_a_failure_to_retry(lines: tuple[bytes, ...]) -> None:
    with speaking(*lines) as port:
        assert not is_permanent(refusal(f"smtp://127.0.0.1:{port}"))


def test_a_server_that_stalls_is_left_after_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.3)
    with speaking(b"220 hello\r\n", then_wait=True) as port:
        assert not is_permanent(refusal(f"smtp://127.0.0.1:{port}"))


def test_a_server_that_is_not_there_is_a_failure_to_retry() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert not is_permanent(refusal(f"smtp://127.0.0.1:{port}"))


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_nothing_is_sent_to_a_server_whose_certificate_nobody_vouches_for(certificate: Path, tls: str) -> None:
    mailbox = Mailbox()
    scheme = "smtps" if tls == "smtps" else "smtp"
    with serving(mailbox, certificate, tls=tls) as port:
        failure = refusal(f"{scheme}://user:se%20cret@localhost:{port}")
    assert isinstance(failure, ssl.SSLCertVerificationError)
    assert not is_permanent(failure)
    assert (mailbox.kept, mailbox.passwords) == ([], [])


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_private_authority_is_trusted_for_the_names_it_vouches_for(certificate: Path, tls: str) -> None:
    mailbox = Mailbox()
    scheme = "smtps" if tls == "smtps" else "smtp"
    with serving(mailbox, certificate, tls=tls) as port:
        make_smtp_sender(f"{scheme}://user:se%20cret@localhost:{port}", ca_file=str(certificate))(a_message())
        other = refusal(f"{scheme}://user:se%20cret@127.0.0.1:{port}", ca_file=str(certificate))
    assert isinstance(other, ssl.SSLCertVerificationError)
    assert mailbox.passwords == [b"se cret"]
    assert len(mailbox.kept) == 1


def test_a_password_is_not_sent_without_encryption() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        failure = refusal(f"smtp://user:se%20cret@127.0.0.1:{port}")
    assert "no encryption" in str(failure)
    assert (mailbox.kept, mailbox.passwords) == ([], [])


def test_a_wrong_password_is_a_failure_to_retry(certificate: Path) -> None:
    mailbox = Mailbox()
    with serving(mailbox, certificate, tls="starttls") as port:
        failure = refusal(f"smtp://user:wrong@localhost:{port}", ca_file=str(certificate))
    assert not is_permanent(failure)
    assert mailbox.kept == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_is_refused_at_once(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(Invalid, match="BMA_SMTP_CA_FILE"):
        make_smtp_sender("smtps://mail.example", ca_file=str(file))


@pytest.mark.parametrize("address", ["directory", "@example.org", "a@", "a b@example.org", "a@example.org\nBcc: b@c"])
@pytest.mark.parametrize("name", ["BMA_MAIL_FROM", "BMA_MAIL_REPLY_TO"])
def test_an_address_that_is_none_is_refused_at_start(tmp_path: Path, name: str, address: str) -> None:
    with pytest.raises(Invalid, match=f"{name} must be an email address"):
        config.read({"BMA_HOME": str(tmp_path), name: address})
    named = config.read({"BMA_HOME": str(tmp_path), name: "The Desk <desk@example.org>"})
    assert "The Desk <desk@example.org>" in {named.mail_from, named.mail_reply_to}
