"""The private memory of processes."""

import re
import urllib.request
from pathlib import Path

from benchmarks.installation import Installation
from benchmarks.queries import zip_codes
from benchmarks.server import PORT, SERVE_COMMAND, serving

REQUESTS = 200


def worker_private_mb(installation: Installation) -> float:
    """The mean private memory of the two workers of `serve` in MB, after requests for different places.

    They are forked from one process, and share what it imported.
    """
    command = [*SERVE_COMMAND, "--workers", "2", "--no-scheduler"]
    with serving(command, **installation.environment) as (server, _):
        for code in zip_codes(REQUESTS):
            for path in ("/providers", "/api/v1/providers"):
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}?near={code}&within=50") as response:
                    response.read()
        workers = [
            int(child)
            for thread in Path(f"/proc/{server}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
        return sum(map(private_mb, workers)) / len(workers)


def private_mb(process: int) -> float:
    """What the process would give back if it ended, in MB."""
    rows = re.findall(r"^Private_\w+:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    return sum(map(int, rows)) / 1024
