"""How fast SQLite takes the rows of a nation with nothing around it: one statement a table, rows ready in memory."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from nation import ROOT, Nation

SAMPLE = 200_000
"""Rows of a table that are inserted again; what more there are are taken to need as long each. Arbitrary."""

LEFT_OUT = ("alembic_version", "sqlite_", "roles")
"""What stands in every new database."""


def bare_seconds(nation: Nation, folder: Path) -> float:
    """Seconds that all rows of the tables and of the index would take, with the same keys, indexes and checks."""
    home = folder / "bare"
    home.mkdir(exist_ok=True)
    file = home / "directory.sqlite"
    file.unlink(missing_ok=True)
    environment = {"BMA_HOME": str(home), "BMA_DEMO": "1", "PATH": ""}
    upgrade = [sys.executable, "-m", "directory", "db", "upgrade"]
    subprocess.run(upgrade, cwd=ROOT, env=environment, check=True, capture_output=True)
    source = sqlite3.connect(f"file:{nation.home / 'directory.sqlite'}?mode=ro", uri=True)
    target = sqlite3.connect(file)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = NORMAL")
    names = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    seconds = sum(_again(source, target, name) for name in names if not name.startswith(LEFT_OUT))
    source.close()
    target.close()
    file.unlink()
    return seconds


def _again(source: sqlite3.Connection, target: sqlite3.Connection, name: str) -> float:
    # Only the names of our own tables enter the texts.
    (total,) = source.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
    rows = source.execute(f"SELECT * FROM {name} LIMIT {SAMPLE}").fetchall()  # noqa: S608
    if not rows:
        return 0.0
    target.execute(f"DELETE FROM {name}")  # noqa: S608  one row that every new database has
    begun = time.perf_counter()
    target.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
    target.commit()
    return (time.perf_counter() - begun) * total / len(rows)
