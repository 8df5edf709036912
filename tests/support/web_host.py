"""A name server and a web server with TLS on this machine, for tests of what the program asks of other servers."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

POLL_SECONDS = 0.1
Answer = Callable[[], Iterable[bytes]]
"""Makes the pieces of a response; what takes long sleeps between them."""


def ok(body: str) -> Answer:
    """A response with status 200."""
    return lambda: [f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()]


@dataclass
class NameServer:
    """Answers with these records, by name and type; counts the questions."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def resolver(self) -> dns.asyncresolver.Resolver:
        """A resolver that asks this server and no other."""
        made = dns.asyncresolver.Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.1"], self.port
        return made

    def reply(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        name = question.name.to_text(omit_final_dot=True)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if values := self.records.get((name, kind)):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


@dataclass
class WebServer:
    """Serves one answer to every request, and keeps the requests with the host name of their TLS handshake."""

    answer: Answer = field(default_factory=lambda: ok(""))
    requests: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0


@contextmanager
def run_name_server() -> Iterator[NameServer]:
    """Run a name server without records."""
    server = NameServer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        server.port = bound.getsockname()[1]

        def serve_one() -> None:
            wire, sender = bound.recvfrom(4096)
            bound.sendto(server.reply(wire), sender)

        with _repeating(bound, serve_one):
            yield server


@contextmanager
def run_web_server(certificate: Path) -> Iterator[WebServer]:
    """Run a web server with TLS."""
    server, names = WebServer(), threading.local()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: setattr(names, "sni", name)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server.port = bound.getsockname()[1]

        def serve_one() -> None:
            plain, _ = bound.accept()
            plain.settimeout(5)
            # Clients that refuse the certificate or have read enough hang up.
            with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
                server.requests.append((names.sni, secure.recv(4096).decode()))
                for piece in server.answer():
                    secure.sendall(piece)
                secure.unwrap()

        with _repeating(bound, serve_one):
            yield server


@contextmanager
def _repeating(bound: socket.socket, serve_one: Callable[[], None]) -> Iterator[None]:
    """Serve one request after the other in a thread."""
    bound.settimeout(POLL_SECONDS)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                serve_one()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def endless() -> Iterator[bytes]:
    """A response whose body never ends."""
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        yield b"x" * 4096


def dripping() -> Iterator[bytes]:
    """A response that comes byte by byte for forty seconds."""
    yield b"HTTP/1.1 200 OK\r\n"
    for _ in range(400):
        time.sleep(0.1)
        yield b"x"
