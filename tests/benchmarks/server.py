"""A server process that is measured."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from benchmarks.installation import ROOT

PORT = 18_475
START_TIMEOUT = 120.0

SERVE_COMMAND = (sys.executable, "-m", "directory", "serve", "--port", str(PORT))


@contextmanager
def serving(command: Sequence[str], **environment: str) -> Iterator[tuple[int, float]]:
    """Yields the server's process id, and the seconds from its start to its first response."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not is_ready():
            if process.poll() is not None or time.perf_counter() - begun > START_TIMEOUT:
                raise SystemExit("The server that is measured does not start.")
            time.sleep(0.01)
        yield process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait()


def is_ready() -> bool:
    """Whether the server responds."""
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
    except OSError:
        return False
