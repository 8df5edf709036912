"""What is read of a domain, from a real name server and a real web server, and what is never contacted or believed."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.certificates import write_certificate
from support.web_host import Answer, NameServer, WebServer, dripping, endless, ok, run_name_server, run_web_server

from directory.claims.domain_lookup import FILE_PATH, MAX_BYTES, RECORD_LABEL, DomainLookup, IPAddress, is_public

DOMAIN, TOKEN = "practice.example", "bma-directory-0123456789abcdef"
HERE = "127.0.0.1"


def is_here(address: IPAddress) -> bool:
    return str(address) == HERE


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "server.pem", DOMAIN, f"www.{DOMAIN}")


@pytest.fixture
def names() -> Iterator[NameServer]:
    with run_name_server() as server:
        yield server


@pytest.fixture
def web(certificate: Path) -> Iterator[WebServer]:
    with run_web_server(certificate) as server:
        yield server


@pytest.fixture
def look_up(names: NameServer, web: WebServer, certificate: Path) -> Callable[..., frozenset[str]]:
    """Look the domain up on these servers; only 127.0.0.1 counts as public, unless a test says otherwise."""

    def read(domain: str = DOMAIN, **changes: object) -> frozenset[str]:
        tls = ssl.create_default_context(cafile=str(certificate))
        facts = {"is_allowed": is_here, "resolver": names.resolver(), "tls": tls, "port": web.port, "time_limit": 5.0}
        return DomainLookup(**facts | changes)(domain)

    return read


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  nothing is bound to it, it is refused
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2001:db8::1",
        "2001:0:53aa:64c:0:0:80ff:fffe",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_record_is_found_also_in_pieces(names: NameServer, look_up) -> None:
    names.records[f"{RECORD_LABEL}.{DOMAIN}", "TXT"] = ['"v=other"', f'"{TOKEN[:9]}" "{TOKEN[9:]}"']
    assert look_up() == {"v=other", TOKEN}


@pytest.mark.parametrize("host", [DOMAIN, f"www.{DOMAIN}"])
def test_a_file_is_found_with_the_name_of_its_host_in_the_handshake_and_the_request(
    names: NameServer, web: WebServer, look_up, host: str
) -> None:
    names.records[host, "A"] = [HERE]
    web.answer = lambda: [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n\xef\xbb\xbf" + TOKEN.encode() + b"\r\n"]
    assert look_up() == {TOKEN}
    [(sni, request)] = web.requests
    assert sni == host
    assert request.startswith(f"GET {FILE_PATH} HTTP/1.1\r\nHost: {host}\r\n")
    assert names.asked.count((host, "A")) == 1, "the address is not asked for a second time"


def test_a_chunked_file_is_read(names: NameServer, web: WebServer, look_up) -> None:
    names.records[DOMAIN, "A"] = [HERE]
    chunk = f"{len(TOKEN):x}\r\n{TOKEN}\r\n0\r\n\r\n"
    web.answer = lambda: [f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}".encode()]
    assert look_up() == {TOKEN}


@pytest.mark.parametrize(
    ("kind", "values"),
    [("A", ["127.0.0.2"]), ("A", [HERE, "10.0.0.1"]), ("AAAA", ["::1"]), ("AAAA", ["::ffff:127.0.0.1"])],
)
def test_a_host_with_one_address_that_is_not_public_is_not_contacted(
    names: NameServer, web: WebServer, look_up, kind: str, values: list[str]
) -> None:
    names.records = {(DOMAIN, "A"): [HERE], (DOMAIN, kind): values}
    web.answer = ok(TOKEN)
    assert look_up() == frozenset()
    assert web.requests == []


def test_without_an_argument_only_the_public_internet_is_contacted(names: NameServer, web: WebServer, look_up) -> None:
    names.records[DOMAIN, "A"] = [HERE]
    assert look_up(is_allowed=is_public) == frozenset()
    assert web.requests == []
    assert DomainLookup().is_allowed is is_public


@pytest.mark.parametrize(
    "status", ["301 Moved Permanently", "302 Found", "404 Not Found", "500 Oops", "204 No Content"]
)
def test_a_redirect_is_not_followed_and_an_error_proves_nothing(
    names: NameServer, web: WebServer, look_up, status: str
) -> None:
    names.records[DOMAIN, "A"] = [HERE]
    moved = f"HTTP/1.1 {status}\r\nLocation: https://www.{DOMAIN}{FILE_PATH}\r\nContent-Length: {len(TOKEN)}\r\n\r\n"
    web.answer = lambda: [moved.encode(), TOKEN.encode()]
    assert look_up() == frozenset()
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        endless,
        ok("x" * MAX_BYTES),
        lambda: [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000],
        lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + TOKEN.encode()],
        lambda: [b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe"],
        lambda: [b"220 mail.example ESMTP\r\n"],
        lambda: [b""],
    ],
    ids=["endless", "long", "headers", "cut off", "binary", "no HTTP", "nothing"],
)
def test_what_is_too_long_or_no_text_proves_nothing(names: NameServer, web: WebServer, look_up, answer: Answer) -> None:
    names.records[DOMAIN, "A"], web.answer = [HERE], answer
    assert look_up() == frozenset()


def test_a_server_that_takes_its_time_is_cut_off_and_the_record_still_counts(
    names: NameServer, web: WebServer, look_up
) -> None:
    names.records = {(DOMAIN, "A"): [HERE], (f"{RECORD_LABEL}.{DOMAIN}", "TXT"): [f'"{TOKEN}"']}
    came_to_its_end = []

    def answer() -> Iterator[bytes]:
        yield from dripping()
        came_to_its_end.append(True)

    web.answer = answer
    assert look_up(time_limit=0.5) == {TOKEN}
    assert not came_to_its_end


def test_a_certificate_must_be_valid_for_the_domain(names: NameServer, web: WebServer, look_up) -> None:
    names.records["other.example", "A"], web.answer = [HERE], ok(TOKEN)
    assert look_up("other.example") == frozenset()
    names.records[DOMAIN, "A"] = [HERE]
    assert look_up(tls=None) == frozenset(), "nobody vouches for this certificate"
    assert web.requests == []


@pytest.mark.parametrize("domain", ["", "localhost", "a b.example", "a.example/b", "127.0.0.1\r\nX: y", "é.example"])
def test_what_is_no_domain_is_not_looked_up(names: NameServer, look_up, domain: str) -> None:
    assert look_up(domain) == frozenset()
    assert names.asked == []


def test_a_domain_that_does_not_exist_publishes_nothing(look_up) -> None:
    assert look_up("nowhere.example") == frozenset()
