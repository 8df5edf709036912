"""What a page of results and the same as JSON cost a worker of `serve`, against an empty response of the server."""

import http.client
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nation import ROOT, Nation, gazetteer_file
from questions import SEED

from directory.geocoding.homes import homes

PORT = 18_474
ASKED = 400
WARMING_UP = 50
SECONDS_TO_START = 120

SERVE = ("-m", "directory", "serve", "--port", str(PORT), "--workers", "1", "--no-scheduler")
EMPTY = """
from flask import Flask
from granian.constants import Interfaces
from granian.server import Server
def create():
    app = Flask("empty")
    app.add_url_rule("/readyz", view_func=lambda: "")
    return app
if __name__ == "__main__":
    Server("empty:create", address="127.0.0.1", port=%d, interface=Interfaces.WSGI, factory=True, workers=1,
        blocking_threads=1, websockets=False, log_access=False).serve()
"""
PAGES = {"page of results": "/providers?near={zip}&within=50", "JSON": "/api/v1/providers?near={zip}&within=50"}


def figures(nation: Nation, folder: Path) -> dict[str, str]:
    """By the name of the line: processor time a request, and how its rate compares with the empty response's."""
    (folder / "empty.py").write_text(EMPTY % PORT)
    with _serving([sys.executable, str(folder / "empty.py")], {"PYTHONPATH": str(folder)}) as (worker, _):
        empty = _microseconds(worker, ["/readyz"])
    found = {"an empty response, CPU µs": f"{empty:,.0f}"}
    with _serving([sys.executable, *SERVE], {**nation.environment, "BMA_RATE_LIMITS": "0"}) as (worker, seconds):
        found["start of the server, s · of the processor"] = seconds
        for name, path in PAGES.items():
            took = _microseconds(worker, [path.format(zip=zip_code) for zip_code in _zips()])
            found[f"{name}, CPU µs · share of the empty one's rate"] = f"{took:,.0f} · {empty / took:.0%}"
        found["private memory of a worker, MB"] = f"{_private_megabytes(worker):.0f}"
    return found


def _zips() -> list[str]:
    """Where the people who ask live."""
    country = homes(gazetteer_file())
    chance = random.Random(SEED)  # noqa: S311  a seed, no secret
    return [home.postal_code for home in chance.choices(country, weights=[home.people for home in country], k=ASKED)]


@contextmanager
def _serving(command: list[str], environment: dict[str, str]) -> Iterator[tuple[int, str]]:
    """The process of the one worker, and the seconds until it answered, on the clock and of the processor."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _is_ready():
            if process.poll() is not None or time.perf_counter() - begun > SECONDS_TO_START:
                raise SystemExit("The server that was to be measured does not start.")
            time.sleep(0.02)
        seconds = time.perf_counter() - begun
        (worker,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        ticks = _ticks(process.pid) + _ticks(int(worker))
        yield int(worker), f"{seconds:.1f} · {ticks / os.sysconf('SC_CLK_TCK'):.1f}"
    finally:
        process.terminate()
        process.wait()


def _is_ready() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except ConnectionError:
        return False
    finally:
        connection.close()


def _microseconds(worker: int, paths: list[str]) -> float:
    """Processor time of the worker for one of many requests over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    paths = (paths * ASKED)[:ASKED] if len(paths) < ASKED else paths
    for path in paths[:WARMING_UP]:
        _fetch(connection, path)
    # The kernel counts in hundredths of a second, so that short requests are asked more often.
    rounds, before = 0, _ticks(worker)
    while _ticks(worker) - before < 100:
        for path in paths:
            _fetch(connection, path)
        rounds += 1
    connection.close()
    return (_ticks(worker) - before) / os.sysconf("SC_CLK_TCK") / (rounds * len(paths)) * 1e6


def _fetch(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(f"{path} was answered with {answer.status}.")


def _ticks(worker: int) -> int:
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _private_megabytes(worker: int) -> float:
    rows = re.findall(r"^Private_\w+:\s+(\d+) kB", Path(f"/proc/{worker}/smaps_rollup").read_text(), re.MULTILINE)
    return sum(map(int, rows)) / 1024
