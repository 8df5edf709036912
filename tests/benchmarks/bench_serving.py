"""How soon `serve` answers, what each process keeps to itself, and how its answers compare with an empty one's.

Run it with `python tests/benchmarks/bench_serving.py` on the demonstration, or with `BMA_HOME=…` before it on a home of
any size, such as one that `bench make --rows 1000000` filled. An empty Flask application and the directory are served
one after the other in the same minute, each by the same server with one worker and one thread. Two processes ask over
two connections that stay open, each as soon as it has the last answer: bare sockets, so that asking costs little, with
what browsers say they can read. “New” is a ZIP that nobody asked for before, as the people live; “again” is one of
eight, of which a worker remembers the answers. Requests a second depend on who else uses the machine, so the
processor's time that the worker spent on a request is printed beside them; ratios are of that.
"""

import http.client
import multiprocessing
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from directory import resources
from directory.geocoding.homes import homes

ROOT = Path(__file__).resolve().parent.parent.parent
PORT = 18_475
CLIENTS = 2
SECONDS = 6.0
"""For which each kind of answer is asked; arbitrary."""
WARMING_UP = 200
SEED = 20261122
PATIENCE = 120.0

SERVE = [sys.executable, "-m", "directory", "serve", "--port", str(PORT), "--workers", "1"]
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
ASKED = {
    "an empty answer of the directory": ("/healthz", 1),
    "JSON, new": (JSON, 0),
    "page, new": (PAGE, 0),
    "JSON, again": (JSON, 8),
    "page, again": (PAGE, 8),
}
"""The address, and among how many places it is asked; 0 for all."""

REQUEST = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
CHUNK = 1 << 16


@contextmanager
def serving(command: list[str], **environment: str) -> Iterator[tuple[int, float]]:
    """The server's process, and the seconds from its start to its first answer."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not answers():
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                raise SystemExit("The server that was to be measured does not start.")
            time.sleep(0.01)
        yield process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait()


def answers() -> bool:
    """Whether somebody serves by now."""
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
    except OSError:
        return False


def ask(path: str, zips: list[str], seconds: float, most: int) -> int:
    """How many answers one connection gets."""
    end, count = time.perf_counter() + seconds, 0
    with socket.create_connection(("127.0.0.1", PORT), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while count < most and time.perf_counter() < end:
            connection.sendall(REQUEST.format(path=path.format(zip=zips[count % len(zips)])).encode())
            head, _, body = connection.recv(CHUNK).partition(b"\r\n\r\n")
            length = LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200 ") or not length:
                raise SystemExit(f"{path} was answered with {head!r}.")
            missing = int(length[1]) - len(body)
            while missing > 0:
                missing -= len(connection.recv(CHUNK))
            count += 1
    return count


def measured(worker: int, path: str, places: int = 1) -> tuple[float, float]:
    """Requests a second, and microseconds of the worker's processor for each."""
    everywhere = zips(SEED)
    warming, asked = everywhere[:WARMING_UP], everywhere[WARMING_UP:]
    lists = [asked[:places] if places else asked[client::CLIENTS] for client in range(CLIENTS)]
    ask(path, lists[0] if places else warming, PATIENCE, WARMING_UP)
    begun, before = time.perf_counter(), cpu_seconds(worker)
    with multiprocessing.Pool(CLIENTS) as pool:
        count = sum(pool.starmap(ask, [(path, some, SECONDS, sys.maxsize) for some in lists]))
    return count / (time.perf_counter() - begun), (cpu_seconds(worker) - before) / count * 1e6


def zips(seed: int) -> list[str]:
    """Where people live who may ask, none twice."""
    people: Counter[str] = Counter()
    for home in homes(resources.folder("data") / "places.sqlite"):
        people[home.postal_code] += int(home.people)
    chance = random.Random(seed)  # noqa: S311  a seed, no secret
    # Drawn one after the other by their people, each is as likely to be next as one that lives there.
    return sorted(people, key=lambda code: -(chance.random() ** (1 / max(1, people[code]))))


def family(server: int) -> dict[str, int]:
    """The processes of a server by what they are."""
    found = {"server": server}
    for thread in Path(f"/proc/{server}/task").iterdir():
        for child in (thread / "children").read_text().split():
            name = "scheduler" if "schedule" in Path(f"/proc/{child}/cmdline").read_text() else "worker"
            found[name] = int(child)
    return found


def cpu_seconds(process: int) -> float:
    """What the process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def private_megabytes(process: int) -> float:
    """What the process would give back if it ended."""
    rows = re.findall(r"^Private_\w+:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    return sum(map(int, rows)) / 1024


def main() -> None:
    """Print the figures of the home that the environment names, or of the demonstration."""
    with tempfile.TemporaryDirectory() as home:
        if not os.environ.get("BMA_HOME"):
            os.environ |= {"BMA_HOME": home, "BMA_DEMO": "1"}
            subprocess.run(
                [sys.executable, "-m", "directory", "demo", "load"], cwd=ROOT, check=True, capture_output=True
            )
        compare()


def compare() -> None:
    """Print the figures."""
    print(f"{os.cpu_count()} cores, {CLIENTS} clients, load before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(EMPTY)
        with serving([sys.executable, f"{folder}/empty.py"], PYTHONPATH=folder) as (server, _):
            rate, least = measured(family(server)["worker"], "/healthz")
    print(f"{'an empty Flask answer':34}{rate:>9,.0f} requests/s {least:>8,.0f} µs")
    with serving(SERVE, BMA_RATE_LIMITS="0") as (server, seconds):
        processes = family(server)
        used = {name: cpu_seconds(process) for name, process in processes.items()}
        lines = [f"start of the server: {seconds:.2f} s; CPU " + ", ".join(f"{n} {s:.2f} s" for n, s in used.items())]
        for name, (path, places) in ASKED.items():
            rate, took = measured(processes["worker"], path, places)
            print(f"{name:34}{rate:>9,.0f} requests/s {took:>8,.0f} µs {least / took:>7.0%} of the empty one's rate")
        kept = {name: private_megabytes(process) for name, process in processes.items()}
        lines.append("private memory, MB: " + ", ".join(f"{name} {size:.0f}" for name, size in kept.items()))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
