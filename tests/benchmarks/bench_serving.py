"""How soon `serve` answers, what each process keeps to itself, and how its answers compare with an empty one's.

Run it with `python tests/benchmarks/bench_serving.py` on the demonstration, or with `BMA_HOME=…` before it on a home of
any size, such as one that `bench make --rows 1000000` filled. An empty Flask application and the directory are served
one after the other in the same minute, each by the same server with one worker and one thread. Two processes ask over
two connections that stay open, each for its next ZIP as soon as it has the last answer. Requests a second depend on who
else uses the machine, so the processor's time that the worker spent on a request is printed beside them; ratios are of
that.
"""

import http.client
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import time
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
ASKED = {
    "an empty answer of the directory": "/healthz",
    "JSON: /api/v1/providers": "/api/v1/providers?near={zip}&within=50",
    "page: /providers": "/providers?near={zip}&within=50",
}


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
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    end, count = time.perf_counter() + seconds, 0
    while count < most and time.perf_counter() < end:
        connection.request("GET", path.format(zip=zips[count % len(zips)]), headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"{path} was answered with {answer.status}.")
        count += 1
    connection.close()
    return count


def measured(worker: int, path: str) -> tuple[float, float]:
    """Requests a second, and microseconds of the worker's processor for each."""
    lists = [zips(SEED + client) for client in range(CLIENTS)]
    ask(path, lists[0], PATIENCE, WARMING_UP)
    begun, before = time.perf_counter(), cpu_seconds(worker)
    with multiprocessing.Pool(CLIENTS) as pool:
        count = sum(pool.starmap(ask, [(path, asked, SECONDS, sys.maxsize) for asked in lists]))
    return count / (time.perf_counter() - begun), (cpu_seconds(worker) - before) / count * 1e6


def zips(seed: int) -> list[str]:
    """Where people live who may ask."""
    country = homes(resources.folder("data") / "places.sqlite")
    chance = random.Random(seed)  # noqa: S311  a seed, no secret
    return [home.postal_code for home in chance.choices(country, weights=[home.people for home in country], k=2_000)]


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
        for name, path in ASKED.items():
            rate, took = measured(processes["worker"], path)
            print(f"{name:34}{rate:>9,.0f} requests/s {took:>8,.0f} µs {least / took:>7.0%} of the empty one's rate")
        kept = {name: private_megabytes(process) for name, process in processes.items()}
        lines.append("private memory, MB: " + ", ".join(f"{name} {size:.0f}" for name, size in kept.items()))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
