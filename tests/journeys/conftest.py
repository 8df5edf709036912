"""The fixtures of the journeys: the product as it is served, and browsers that may go nowhere else."""

import http
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import machine
import pytest
from fresh_databases import FreshDatabase
from playwright.sync_api import BrowserContext, Request

SECONDS_TO_START = 30
STAYS_HERE = ("data:", "blob:", "about:")

CHROMIUM = [
    "--headless=new",
    "--no-sandbox",  # CI runs as root, and only pages of this project are opened
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    machine.need("chromium")
    return {**browser_type_launch_args, "executable_path": shutil.which("chromium"), "args": CHROMIUM}


@pytest.fixture(scope="session")
def base_url() -> str:
    """Where each test of this run serves its own installation, one after the other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def database(sqlite_databases: FreshDatabase) -> Iterator[str]:
    """A journey is about the pages; that both databases answer alike is tested below them."""
    with sqlite_databases() as url:
        yield url


@pytest.fixture
def environment(environment: dict[str, str], base_url: str) -> dict[str, str]:
    return {**environment, "BMA_BASE_URL": base_url}


def _wait_until_ready(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(SECONDS_TO_START * 10):
        connection = http.client.HTTPConnection(address, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except ConnectionError:
            assert server.poll() is None, f"the server stopped:\n{log.read_text()}"
        finally:
            connection.close()
        time.sleep(0.1)
    raise AssertionError(f"not ready after {SECONDS_TO_START} seconds:\n{log.read_text()}")


@pytest.fixture
def served(environment: dict[str, str], base_url: str, tmp_path: Path) -> Iterator[str]:
    """`bma-directory serve`, on this test's own database; gives the address."""
    log = tmp_path / "serve.log"
    command = [sys.executable, "-m", "directory", "serve", "--port", base_url.rpartition(":")[2]]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**os.environ, **environment}
        )
    try:
        _wait_until_ready(server, base_url.removeprefix("http://"), log)
        yield base_url
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def new_context(new_context: Callable[..., BrowserContext], served: str) -> Iterator[Callable[..., BrowserContext]]:
    """A new browser profile; what it asks of another host, or breaks, fails the test."""
    faults: list[str] = []

    def look_at(request: Request) -> None:
        if not request.url.startswith((f"{served}/", *STAYS_HERE)):
            faults.append(f"asked another host: {request.url}")

    def watched(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.on("request", look_at)
        context.on("weberror", lambda error: faults.append(f"script error: {error.error}"))
        context.on(
            "console",
            lambda message: "Content Security Policy" in message.text and faults.append(message.text),
        )
        return context

    yield watched
    assert not faults, "\n".join(faults)
