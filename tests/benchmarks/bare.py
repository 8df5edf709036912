"""How fast SQLite takes the rows of a nation with nothing around it: one statement a table, rows ready in memory."""

import sqlite3
import time
from pathlib import Path

from nation import Nation

SAMPLE = 200_000
"""Rows of a table that are inserted again; what more there are are taken to need as long each. Arbitrary."""


def bare_seconds(nation: Nation, folder: Path) -> float:
    """Seconds that all rows of the tables and of the index would take, with the same keys, indexes and checks."""
    file = folder / "bare.sqlite"
    file.unlink(missing_ok=True)
    source = sqlite3.connect(f"file:{nation.home / 'directory.sqlite'}?mode=ro", uri=True)
    target = sqlite3.connect(file)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = NORMAL")
    for (shape,) in source.execute("SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql <> ''"):
        if "sqlite_" not in shape:
            target.execute(shape)
    names = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    seconds = sum(_again(source, target, name) for name in names if not name.startswith("sqlite_"))
    source.close()
    target.close()
    file.unlink()
    return seconds


def _again(source: sqlite3.Connection, target: sqlite3.Connection, name: str) -> float:
    # Only the names of our own tables enter the texts.
    (total,) = source.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608  a table of the list above
    rows = source.execute(f"SELECT * FROM {name} LIMIT {SAMPLE}").fetchall()  # noqa: S608  the same, and a constant
    if not rows:
        return 0.0
    begun = time.perf_counter()
    target.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608  its name, no value
    target.commit()
    return (time.perf_counter() - begun) * total / len(rows)
