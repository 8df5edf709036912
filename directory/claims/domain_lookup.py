"""Reads what a domain publishes to prove a claim: DNS records, and a small file over https from public addresses."""

import asyncio
import http.client
import io
import ipaddress
import re
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception

RECORD_LABEL = "_bma-directory-challenge"
"""The label under which a domain publishes its TXT record."""

FILE_PATH = "/.well-known/bma-directory-challenge.txt"
"""The path of the file on the web server of a domain."""

TIME_LIMIT = 8.0
"""Seconds for everything that is read of a domain; arbitrary, short enough to wait for a page."""

MAX_BYTES = 16_384
"""Maximum bytes of a response, headers included; arbitrary, many times those of a short file."""

HTTPS = 443

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_FAILURES = (OSError, dns.exception.DNSException, http.client.HTTPException, UnicodeError)


def is_public(address: IPAddress) -> bool:
    """Whether the address belongs to the public internet and contains no address of another network."""
    if address.version == 6 and (address not in _GLOBAL_UNICAST or address in _SIX_TO_FOUR):
        return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True, slots=True)
class DomainLookup:
    """Looks a domain up. Tests pass their own name server, trusted certificates, port and allowed addresses."""

    is_allowed: Callable[[IPAddress], bool] = is_public
    resolver: dns.asyncresolver.Resolver | None = None
    tls: ssl.SSLContext | None = None
    port: int = HTTPS
    time_limit: float = TIME_LIMIT

    def __call__(self, domain: str) -> frozenset[str]:
        """Return the texts that the domain publishes at both places; blocks until the time limit at most."""
        if not _HOST.fullmatch(domain):
            return frozenset()
        # A thread of its own, because an event loop may be running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(self._read(domain))).result()

    async def _read(self, domain: str) -> frozenset[str]:
        reads = (
            self._records(f"{RECORD_LABEL}.{domain}"),
            self._file(domain),
            self._file(f"www.{domain}"),
        )
        return frozenset().union(*await asyncio.gather(*(self._limited(read) for read in reads)))

    async def _limited(self, read: Awaitable[set[str]]) -> set[str]:
        """Return what was read, or nothing if it failed or took too long."""
        try:
            async with asyncio.timeout(self.time_limit):
                return await read
        except _FAILURES:
            return set()

    async def _records(self, name: str) -> set[str]:
        answer = await self._resolver().resolve(f"{name}.", "TXT")
        return {b"".join(record.strings).decode("ascii") for record in answer}

    async def _file(self, host: str) -> set[str]:
        reader, writer = await asyncio.open_connection(
            # The address that was checked and not the name, which could have another address by now.
            str(await self._address(host)),
            self.port,
            ssl=self.tls or ssl.create_default_context(),
            server_hostname=host,
        )
        try:
            lines = (f"GET {FILE_PATH} HTTP/1.1", f"Host: {host}", "User-Agent: bma-directory", "Connection: close")
            writer.write("\r\n".join((*lines, "", "")).encode("ascii"))
            return {_body(await _read_all(reader))}
        finally:
            writer.transport.abort()

    async def _address(self, host: str) -> IPAddress:
        """Return an address of the host, IPv4 if there is one.

        Raises:
            PermissionError: one of its addresses is not allowed.
        """
        answers = await self._resolver().resolve_name(f"{host}.")
        addresses = [ipaddress.ip_address(text) for text in answers.addresses()]
        if not all(self.is_allowed(address) for address in addresses):
            raise PermissionError(f"{host} has an address that is not public")
        return min(addresses, key=lambda address: address.version)

    def _resolver(self) -> dns.asyncresolver.Resolver:
        return self.resolver or dns.asyncresolver.Resolver()


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    received = b""
    while chunk := await reader.read(MAX_BYTES):
        received += chunk
        if len(received) > MAX_BYTES:
            raise http.client.HTTPException("the response is too large")
    return received


def _body(received: bytes) -> str:
    """Return the text of a response.

    Raises:
        HTTPException: it is not a complete response, or its status is not 200, as that of a redirect.
    """
    response = http.client.HTTPResponse(_Received(received))  # type: ignore[arg-type]  # it only calls `makefile`
    response.begin()
    if response.status != http.client.OK:
        raise http.client.HTTPException(f"status {response.status}")
    return response.read().decode("utf-8-sig").strip()


@dataclass(frozen=True, slots=True)
class _Received:
    """Stands for the socket that `http.client` reads a response from."""

    content: bytes

    def makefile(self, _mode: str) -> io.BytesIO:
        """Return the bytes that were received."""
        return io.BytesIO(self.content)
