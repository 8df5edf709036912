"""Runs `bma-directory serve` on a port of its own, from this checkout or from a release with other rules in it.

Without the scheduler, which no page waits for; `tests/database/cli/test_server.py` starts both.
"""

import http
import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import directory
from directory import resources

START_TIMEOUT = 30
STOP_TIMEOUT = 10
SHIPPED_FOLDERS = ("data", "migrations", "static", "templates")


@contextmanager
def run_server(environment: Mapping[str, str], address: str, log: Path, release: Path | None = None) -> Iterator[None]:
    """The server at `address` until the block ends; its words go to `log`, which must hold no traceback then."""
    command = [sys.executable, "-m", "directory", "serve", "--no-scheduler", "--port", address.rpartition(":")[2]]
    everything = {**os.environ, **environment}
    if release:
        # The folder that a program runs in and PYTHONPATH both come before whatever is installed.
        everything["PYTHONPATH"] = str(release)
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=everything, cwd=release
        )
    try:
        _wait_until_ready(server, address.removeprefix("http://"), log)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    assert "Traceback" not in log.read_text(), log.read_text()


def make_release(rules: Mapping[str, str], folder: Path) -> Path:
    """A copy of the program that ships these rules too (their texts by id); gives the folder to run it from."""
    package = folder / "directory"
    ours = Path(directory.__file__).parent
    shutil.copytree(ours, package, ignore=shutil.ignore_patterns("__pycache__", *SHIPPED_FOLDERS))
    for name in SHIPPED_FOLDERS:
        (package / name).symlink_to(resources.folder(name))
    for ruleset_id, text in rules.items():
        (package / "certification" / "rulesets" / f"{ruleset_id}.toml").write_text(text, "utf-8")
    return folder


def _wait_until_ready(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(START_TIMEOUT * 10):
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
    raise AssertionError(f"not ready after {START_TIMEOUT} seconds:\n{log.read_text()}")
