"""How many rows a second the NPPES import takes, beside reading the file alone and beside SQLite alone.

Run it with `python tests/benchmarks/bench_import.py`; it prints medians of several rounds, in CPU time because machines
are shared. Each import runs the command itself, into an empty SQLite directory, with the gazetteer and the search
index as in life. Where nearly all rows are passed over, the limit is csv.reader over the same file in the same process;
where every row makes a listing, it is SQLite: the very rows that the import wrote, put into an empty directory by one
executemany a table.
"""

import csv
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support import nppes_files

from directory.cli.commands import cli

ROUNDS = 3
FULL_ROWS, FULL_SHARE = 100_000, 0.02
"""A full file: of nine million rows about two in a hundred have a specialty that is listed."""
NEW_ROWS = 10_000

MADE_BY_AN_UPGRADE = frozenset({"alembic_version", "roles"})
"""What stands in a new directory; all other tables are empty there, or are written anew."""


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process, the database in it included."""
    start = time.process_time()
    work()
    return time.process_time() - start


def read_csv(path: Path) -> None:
    """What csv.reader does to read the file and do nothing with it."""
    with path.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass


def run(home: Path, *arguments: str) -> None:
    """One command, without the start of Python."""
    os.environ.update(BMA_HOME=str(home))
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    if result.exit_code:
        raise SystemExit(result.output)


def sqlite_seconds(home: Path) -> float:
    """CPU seconds in which SQLite takes every row of this directory into an empty one, with all keys and checks."""
    with tempfile.TemporaryDirectory() as empty:
        run(Path(empty), "db", "upgrade")
        with (
            closing(sqlite3.connect(home / "directory.sqlite")) as source,
            closing(sqlite3.connect(Path(empty) / "directory.sqlite")) as target,
        ):
            target.execute("PRAGMA synchronous = NORMAL")
            names = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return sum(insert_seconds(source, target, name) for name in names if name not in MADE_BY_AN_UPGRADE)


def insert_seconds(source: sqlite3.Connection, target: sqlite3.Connection, name: str) -> float:
    """CPU seconds to insert all rows of one table, read beforehand."""
    # Only the names of our own tables enter the texts.
    rows = source.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608  the name of a table the benchmark lists
    if not rows:
        return 0.0
    target.execute(f"DELETE FROM {name}")  # noqa: S608  the name of a table the benchmark lists
    target.commit()
    insert = f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})"  # noqa: S608  the name of a table the benchmark lists
    return cpu_seconds(lambda: (target.executemany(insert, rows), target.commit()))


def compare(title: str, path: Path, rows: int, *options: str) -> None:
    """Print the medians of reading, importing for the first time and importing again, and of writing alone."""
    alone, first, again, bare = [], [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as home:
            run(Path(home), "db", "upgrade")
            alone.append(cpu_seconds(lambda: read_csv(path)))
            first.append(cpu_seconds(lambda home=home: run(Path(home), "import", "nppes", str(path), *options)))
            again.append(cpu_seconds(lambda home=home: run(Path(home), "import", "nppes", str(path), *options)))
            bare.append(sqlite_seconds(Path(home)))
    print(f"\n{title}: {rows:,} rows of 330 columns, {path.stat().st_size / 1e6:.0f} MB")
    reading, writing = statistics.median(alone), statistics.median(bare)
    for what, seconds in (("imported", statistics.median(first)), ("imported again", statistics.median(again))):
        print(f"  {what:17}{rows / seconds:>10,.0f} rows a CPU second  {reading / seconds:>6.0%} of csv.reader alone")
    both = reading + writing
    print(f"  {'csv.reader alone':17}{rows / reading:>10,.0f} rows a CPU second")
    print(f"  {'SQLite alone':17}{writing:>10.2f} CPU seconds for the rows that the first import wrote")
    print(f"  the first import takes {statistics.median(first) / both:.1f} times what reading and SQLite take alone")


def main() -> None:
    """Print the figures."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, median of {ROUNDS} rounds")
    with tempfile.TemporaryDirectory() as folder:
        full = nppes_files.write_nppes_file(
            Path(folder) / "full.csv", nppes_files.random_rows(FULL_ROWS, listed=FULL_SHARE)
        )
        compare("A full file, 2 in 100 listed, as drafts", full, FULL_ROWS)
        new = nppes_files.write_nppes_file(Path(folder) / "new.csv", nppes_files.random_rows(NEW_ROWS, listed=1))
        compare("Everybody is new, --all --publish", new, NEW_ROWS, "--all", "--publish")


if __name__ == "__main__":
    main()
