"""The fixtures of the journeys: the product served once for each file, and browsers that may go nowhere else."""

import shutil
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support import databases, system_requirements
from support.browser_monitor import BrowserMonitor
from support.databases import DatabaseFactory
from support.live_server import run_server

from directory import config
from directory.config import Settings

TIMEOUT_MS = 15_000
"""Milliseconds until a page that does not change counts as wrong; two shared cores can be slow."""

CHROMIUM_ARGS = [
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

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    system_requirements.skip_unless_installed("chromium")
    return {**browser_type_launch_args, "executable_path": shutil.which("chromium"), "args": CHROMIUM_ARGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-US", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def base_url() -> str:
    """Where each file of this run serves its own installation, one after the other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(scope="module")
def database(sqlite_databases: DatabaseFactory) -> Iterator[str]:
    """A journey is about the pages; that both databases answer alike is tested below them."""
    with sqlite_databases() as url:
        yield url


@pytest.fixture(scope="module")
def environment(database: str, base_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    return {**databases.environment(home, database), "BMA_BASE_URL": base_url, "BMA_DEMO": "1"}


@pytest.fixture(scope="module")
def settings(environment: dict[str, str]) -> Settings:
    return config.read(environment)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    """The same installation from within, to put people and listings into it."""
    with databases.create_application(settings) as app:
        yield app


@pytest.fixture(scope="module")
def live_server_url(
    environment: dict[str, str], base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """`bma-directory serve`, on this file's own database; gives the address."""
    with run_server(environment, base_url, tmp_path_factory.mktemp("serve") / "serve.log"):
        yield base_url


@pytest.fixture
def browser_monitor(live_server_url: str) -> BrowserMonitor:
    return BrowserMonitor(live_server_url)


@pytest.fixture
def new_context(
    browser: Browser, browser_context_args: dict[str, Any], browser_monitor: BrowserMonitor
) -> Iterator[Callable[..., BrowserContext]]:
    """A new browser profile; what it asks of another host, breaks, or is left with, fails the test."""
    contexts: list[BrowserContext] = []

    def watched(**options: Any) -> BrowserContext:
        context = browser.new_context(**{**browser_context_args, **options})
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        browser_monitor.over(context)
        return context

    yield watched
    for context in contexts:
        browser_monitor.finally_over(context)
    for context in contexts:  # all are looked at before the first is closed, which cuts off what its pages still load
        context.close()
    assert not browser_monitor.faults, "\n".join(browser_monitor.faults)


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A patient's browser, on a screen."""
    return new_context(viewport={"width": 1280, "height": 900}).new_page()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    """A patient's browser, on a telephone."""
    return new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
