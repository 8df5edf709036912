"""The synthetic nation that is measured on: made by the product's own commands, and what making it cost."""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory import resources, transaction
from directory.accounts import tables as _accounts  # noqa: F401  attestations name its table
from directory.attestations.tables import Attestation, AttestationMove
from directory.cli.installation import installation
from directory.listings.tables import Listing, ListingMove, Location

ROOT = Path(__file__).resolve().parents[2]
TABLES = (Listing, Location, ListingMove, Attestation, AttestationMove)


@dataclass(frozen=True, slots=True)
class Making:
    """What it cost to make the nation: seconds on the clock for its tables, of `rows` in all, and for its index.

    `cpu` are seconds of the processor for both, `megabytes` the most memory.
    """

    rows: int
    tables: float
    index: float
    cpu: float
    megabytes: float


class Nation:
    """One installation with so many listings, in SQLite or in PostgreSQL."""

    def __init__(self, home: Path, listings: int, url: str = "") -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self.listings = home, listings
        self.url = url or f"sqlite:///{home / 'directory.sqlite'}"
        self.environment = {"BMA_HOME": str(home), "BMA_DATABASE_URL": url, "BMA_DEMO": "1"}
        self._record = home / "making.json"

    def make(self) -> Making:
        """Make it, or take it as an earlier run left it."""
        if not self._record.exists():
            told, usage = self._run("bench", "make", "--rows", str(self.listings))
            tables, index = (float(text.replace(",", "")) for text in re.findall(r"([\d,.]+) s\b", told))
            cpu = usage.ru_utime + usage.ru_stime
            making = Making(self._rows(), tables, index, cpu, usage.ru_maxrss / 1024)
            self._record.write_text(json.dumps(asdict(making)))
        else:
            self._run("db", "upgrade")
        return Making(**json.loads(self._record.read_text()))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The product's own session on it, with the product's own settings of the database."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            with installation():
                yield transaction.session()
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _rows(self) -> int:
        with self.session() as session:
            return sum(session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in TABLES)

    def _run(self, *arguments: str) -> tuple[str, resource.struct_rusage]:
        """What a command printed, and what it used."""
        process = subprocess.Popen(
            [sys.executable, "-m", "directory", *arguments],
            cwd=ROOT, env={**os.environ, **self.environment}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"bma-directory {' '.join(arguments)} failed.")
        return told, usage


def gazetteer_file() -> Path:
    """The places that ship."""
    return resources.folder("data") / "places.sqlite"
