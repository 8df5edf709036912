"""Measures requests a second of `serve`, CPU time for each, start time and memory, beside an empty Flask application.

Run from the root, with `PYTHONPATH=tests`: on the demonstration, or with `BMA_HOME=…` on an installation of any size,
such as one that `make_nation.py` made. Both applications are served one after the other by the same server with one
worker and one thread. Two client processes send requests over keep-alive connections, each as soon as it has the last
response. They use bare sockets, so that the clients cost little, and accept compressed responses as browsers do.
Every request is for a ZIP code that was not asked for before, drawn by population. Requests a second depend on who
else uses the machine, so the worker's CPU time for each request is printed too; ratios are ratios of CPU time.
"""

import multiprocessing
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.installation import ROOT
from benchmarks.memory import private_mb
from benchmarks.queries import zip_codes
from benchmarks.server import PORT, SERVE_COMMAND, START_TIMEOUT, serving

CLIENTS = 2
SECONDS = 6.0
"""How long each kind of request is sent; arbitrary."""
WARM_UP = 200
"""Requests before the first one that is measured."""

SERVE = [*SERVE_COMMAND, "--workers", "1"]
EMPTY = f"""
from flask import Flask
from granian.constants import Interfaces
from granian.server import Server
def create():
    app = Flask("empty")
    app.add_url_rule("/healthz", view_func=lambda: "")
    return app
if __name__ == "__main__":
    Server("empty:create", address="127.0.0.1", port={PORT}, interface=Interfaces.WSGI, factory=True, workers=1,
        blocking_threads=1, websockets=False, log_access=False).serve()
"""
JSON, PAGE = "/api/v1/providers?near={zip}&within=50", "/providers?near={zip}&within=50"
REQUESTS = {"empty response of the directory": "/healthz", "JSON": JSON, "page": PAGE}

REQUEST = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
CHUNK = 1 << 16


def send(path: str, codes: list[str], seconds: float, most: int) -> int:
    """Send requests over one connection until the time or the number is used up. Returns how many were sent."""
    end, count = time.perf_counter() + seconds, 0
    with socket.create_connection(("127.0.0.1", PORT), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while count < most and time.perf_counter() < end:
            connection.sendall(REQUEST.format(path=path.format(zip=codes[count % len(codes)])).encode())
            head, _, body = connection.recv(CHUNK).partition(b"\r\n\r\n")
            length = LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200 ") or not length:
                raise SystemExit(f"{path} returned {head!r}.")
            missing = int(length[1]) - len(body)
            while missing > 0:
                missing -= len(connection.recv(CHUNK))
            count += 1
    return count


def measure(worker: int, path: str) -> tuple[float, float]:
    """Requests a second, and the worker's CPU time for each in microseconds."""
    codes = zip_codes(sys.maxsize)
    send(path, codes[:WARM_UP], START_TIMEOUT, WARM_UP)
    begun, before = time.perf_counter(), cpu_seconds(worker)
    with multiprocessing.Pool(CLIENTS) as pool:
        counts = pool.starmap(
            send, [(path, codes[WARM_UP + client :: CLIENTS], SECONDS, sys.maxsize) for client in range(CLIENTS)]
        )
    return sum(counts) / (time.perf_counter() - begun), (cpu_seconds(worker) - before) / sum(counts) * 1e6


def processes_of(server: int) -> dict[str, int]:
    """The ids of the server's processes by their role."""
    found = {"server": server}
    for thread in Path(f"/proc/{server}/task").iterdir():
        for child in (thread / "children").read_text().split():
            role = "scheduler" if "schedule" in Path(f"/proc/{child}/cmdline").read_text() else "worker"
            found[role] = int(child)
    return found


def cpu_seconds(process: int) -> float:
    """The CPU time that the process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure the installation that `BMA_HOME` names, or the demonstration."""
    with tempfile.TemporaryDirectory() as home:
        if not os.environ.get("BMA_HOME"):
            os.environ |= {"BMA_HOME": home, "BMA_DEMO": "1"}
            subprocess.run(
                [sys.executable, "-m", "directory", "demo", "load"], cwd=ROOT, check=True, capture_output=True
            )
        compare()


def compare() -> None:
    """Print the results."""
    print(f"{os.cpu_count()} cores, {CLIENTS} clients, load before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(EMPTY)
        with serving([sys.executable, f"{folder}/empty.py"], PYTHONPATH=folder) as (server, _):
            rate, baseline = measure(processes_of(server)["worker"], "/healthz")
    print(f"{'empty Flask response':34}{rate:>9,.0f} requests/s {baseline:>8,.0f} µs")
    with serving(SERVE, BMA_RATE_LIMITS="0") as (server, seconds):
        processes = processes_of(server)
        used = {role: cpu_seconds(process) for role, process in processes.items()}
        for name, path in REQUESTS.items():
            rate, cpu = measure(processes["worker"], path)
            print(f"{name:34}{rate:>9,.0f} requests/s {cpu:>8,.0f} µs {baseline / cpu:>7.0%} of the empty one's rate")
        # Read again: the scheduler may have been restarted.
        memory = {role: private_mb(process) for role, process in processes_of(server).items()}
    print(
        f"start of the server: {seconds:.2f} s; CPU " + ", ".join(f"{role} {cpu:.2f} s" for role, cpu in used.items())
    )
    print("private memory, MB: " + ", ".join(f"{role} {size:.0f}" for role, size in memory.items()))


if __name__ == "__main__":
    main()
