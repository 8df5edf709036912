"""Takes the pictures of README.md from the demonstration, in a folder that is thrown away: `make pictures`."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
MAX_BYTES = 250_000
"""Of one picture, so that the repository stays small."""
SECONDS_TO_START = 60
CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
SEARCH = "/providers?near=Baltimore%2C+MD&within=100"
"""Around Baltimore the made-up providers lie apart, so that the map can be read at once."""


@contextmanager
def run_demonstration() -> Iterator[str]:
    """The demonstration, served from a folder of its own; gives the address."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        program, environment = [sys.executable, "-m", "directory"], {**os.environ, "BMA_HOME": home, "BMA_DEMO": "1"}
        subprocess.run([*program, "demo", "load"], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own program
        command = [*program, "serve", "--port", str(port)]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  our own program
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(address: str) -> None:
    for _ in range(SECONDS_TO_START * 5):
        try:
            urllib.request.urlopen(address).close()  # noqa: S310  an address of this machine
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{address} does not answer")


def _new_page(browser: Browser, address: str, width: int, height: int, *, scale: float = 1) -> Page:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        reduced_motion="reduce",
        locale="en-US",
    )
    return context.new_page()


def _wait_for_map(page: Page) -> None:
    """Wait until the map has drawn its tiles and all its pins."""
    page.wait_for_function("() => performance.getEntriesByName('map-ready').length > 0")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)  # tiles are drawn after they came, and nothing tells when the last one is


def _save_screenshot(page: Page, name: str) -> None:
    path = IMAGES / name
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.relative_to(IMAGES.parent.parent)}  {size / 1000:.0f} kB")  # noqa: T201  what the command did
    if size > MAX_BYTES:
        raise ValueError(f"{path} has {size} bytes; a picture has at most {MAX_BYTES}.")


def take_screenshots(browser: Browser, address: str) -> None:
    """All pictures."""
    screen = _new_page(browser, address, 1280, 860)
    screen.goto(SEARCH)
    _wait_for_map(screen)
    _save_screenshot(screen, "results.png")
    screen.locator(".card", has=screen.locator(".tag")).first.get_by_role("heading").get_by_role("link").click()
    screen.wait_for_load_state("networkidle")
    _save_screenshot(screen, "provider.png")
    phone = _new_page(browser, address, 390, 760, scale=1.5)
    phone.goto(SEARCH)
    phone.locator(".card").first.scroll_into_view_if_needed()
    phone.evaluate("() => document.querySelector('main h2').scrollIntoView()")
    _save_screenshot(phone, "phone.png")


def main() -> None:
    """Start the demonstration and a browser, and take the pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("This takes Chromium (on Debian: apt-get install chromium).")
    IMAGES.mkdir(exist_ok=True)
    with run_demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        take_screenshots(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
