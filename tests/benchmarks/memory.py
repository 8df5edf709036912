"""The private memory of processes."""

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.installation import ROOT, Installation
from benchmarks.queries import zip_codes

REQUESTS = 100


def worker_private_mb(installation: Installation) -> float:
    """The private memory of one of two workers in MB, after requests for different places.

    There are two, because the kernel counts pages that only one process maps as private.
    """
    command = [sys.executable, str(Path(__file__).with_name("worker.py")), ",".join(zip_codes(REQUESTS))]
    workers = [
        subprocess.Popen(
            command, cwd=ROOT, env=installation.process_environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        for worker in workers:
            if not worker.stdout or worker.stdout.readline() != "ready\n":
                raise SystemExit("The worker whose memory is measured failed.")
        return private_mb(workers[0].pid)
    finally:
        for worker in workers:
            worker.communicate("")


def private_mb(process: int) -> float:
    """What the process would give back if it ended, in MB."""
    rows = re.findall(r"^Private_\w+:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    return sum(map(int, rows)) / 1024
