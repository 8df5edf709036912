"""An installation of the directory with a synthetic nation, for benchmarks to run on."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from benchmarks.nation_tables import insert_nation
from flask import Flask
from support import databases

from directory import clock, config
from directory.config import Settings
from directory.listings.tables import Listing

ROOT = Path(__file__).resolve().parents[2]

RUN_AND_REPORT = """
import json, resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""
"""Runs a command and prints its status, CPU seconds and peak memory in MB.

It is a process of its own, because the peak memory of a process begins with that of the process that started it.
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command cost: seconds of wall time and of CPU time, and its peak memory in MB."""

    wall: float
    cpu: float
    peak_mb: float


class Installation:
    """A `BMA_HOME` and its database.

    Args:
        home: the folder; created where missing.
        database_url: SQLite in `home` if left out.
    """

    def __init__(self, home: Path, database_url: str = "") -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.environment = {
            "BMA_HOME": str(home), "BMA_DATABASE_URL": database_url, "BMA_DEMO": "1", "BMA_RATE_LIMITS": "0",
        }  # fmt: skip

    @property
    def process_environment(self) -> dict[str, str]:
        """The environment of a process that works on the installation."""
        return {**os.environ, **self.environment}

    @property
    def settings(self) -> Settings:
        """The settings that the environment gives."""
        return config.read(self.environment)

    @contextmanager
    def engine(self) -> Iterator[sa.Engine]:
        """An engine of its own on the database; its SQLite file is written without waiting for the disk."""
        engine = sa.create_engine(self.settings.database_url)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
        yield engine
        engine.dispose()

    def application(self) -> AbstractContextManager[Flask]:
        """The web application, closed at the end of the block."""
        return databases.create_application(self.settings)

    @property
    def search_folder(self) -> Path:
        """The folder of the search snapshot."""
        return self.home / "search"

    @property
    def search_mb(self) -> float:
        """The size of the search snapshot on the disk in MB."""
        return sum(file.stat().st_size for file in self.search_folder.rglob("*") if file.is_file()) / 1e6

    def make_nation(self, rows: int, **options: Any) -> float:
        """Migrate the database and insert a nation, unless it is there already.

        Args:
            rows: how many listings.
            options: of `insert_nation`.

        Returns:
            Seconds that the inserts took; 0 if the nation was there.
        """
        self.run("db", "upgrade")
        with self.engine() as engine:
            with engine.connect() as connection:
                existing = connection.scalar(sa.select(sa.func.count()).select_from(Listing))
            if existing == rows:
                return 0.0
            if existing:
                raise SystemExit(f"{self.home} has {existing:,} listings. Use an empty folder, or --rows {existing}.")
            today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
            begun = time.perf_counter()
            insert_nation(engine, rows, today, **options)
            return time.perf_counter() - begun

    def run(self, *arguments: str) -> Cost:
        """Run `bma-directory` with these arguments in a process of its own."""
        begun = time.perf_counter()
        report = subprocess.run(
            [sys.executable, "-c", RUN_AND_REPORT, sys.executable, "-m", "directory", *arguments],
            cwd=ROOT, env=self.process_environment, stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        status, cpu, peak_mb = json.loads(report.stdout)
        if status:
            raise SystemExit(f"bma-directory {' '.join(arguments)} failed.")
        return Cost(time.perf_counter() - begun, cpu, peak_mb)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()
