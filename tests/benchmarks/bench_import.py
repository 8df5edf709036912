"""How many rows a second the NPPES import takes, against csv.reader alone over the same file in the same process.

Run it with `python tests/benchmarks/bench_import.py`; it prints medians of several rounds, in CPU time because machines
are shared. Each import runs the command itself, into an empty SQLite directory, with the gazetteer and the search
index as in life.
"""

import csv
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nppes_files

from directory.cli.commands import cli

ROUNDS = 3
FULL_ROWS, FULL_SHARE = 100_000, 0.02
"""A full file: of nine million rows about two in a hundred have a specialty that is listed."""
NEW_ROWS = 10_000


def read_alone(path: Path) -> float:
    """CPU seconds that csv.reader takes to read the file and do nothing with it."""
    start = time.process_time()
    with path.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass
    return time.process_time() - start


def run(home: Path, *arguments: str) -> float:
    """CPU seconds that one command takes, without the start of Python."""
    os.environ.update(BMA_HOME=str(home))
    start = time.process_time()
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    if result.exit_code:
        raise SystemExit(result.output)
    return time.process_time() - start


def compare(title: str, path: Path, rows: int, *options: str) -> None:
    """Print the medians of reading, importing for the first time and importing again."""
    alone, first, again = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as home:
            run(Path(home), "db", "upgrade")
            alone.append(read_alone(path))
            first.append(run(Path(home), "import", "nppes", str(path), *options))
            again.append(run(Path(home), "import", "nppes", str(path), *options))
    print(f"\n{title}: {rows:,} rows of 330 columns, {path.stat().st_size / 1e6:.0f} MB")
    limit = statistics.median(alone)
    for what, seconds in (
        ("csv.reader alone", limit),
        *(("imported", statistics.median(first)), ("imported again", statistics.median(again))),
    ):
        print(f"  {what:17}{rows / seconds:>10,.0f} rows a CPU second  {limit / seconds:>6.0%} of csv.reader")


def main() -> None:
    """Print the figures."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, median of {ROUNDS} rounds")
    with tempfile.TemporaryDirectory() as folder:
        full = nppes_files.write(Path(folder) / "full.csv", nppes_files.many(FULL_ROWS, listed=FULL_SHARE))
        compare("A full file, 2 in 100 listed, as drafts", full, FULL_ROWS)
        new = nppes_files.write(Path(folder) / "new.csv", nppes_files.many(NEW_ROWS, listed=1))
        compare("Everybody is new, --all --publish", new, NEW_ROWS, "--all", "--publish")


if __name__ == "__main__":
    main()
