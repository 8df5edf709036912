"""A PostgreSQL cluster of the tests' own: made by initdb, reached by a socket, gone when the run ends."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

UNPRIVILEGED_USERS = ("postgres", "nobody")
"""Whom the server runs as when the tests run as root, which PostgreSQL refuses to be."""

# Nothing here has to survive a power cut, and two cores are shared with the tests.
SERVER_OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=64MB",
    "listen_addresses=",
)


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl on this machine: from PATH, or where Debian puts them."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    candidates = ([Path(on_path).resolve().parent] if on_path else []) + debian[::-1]
    return next((folder for folder in candidates if (folder / "pg_ctl").exists()), None)


@dataclass(frozen=True)
class Cluster:
    """A running server; `socket` is the folder by which it is reached."""

    socket: Path
    version: int
    connection: psycopg.Connection[Any]
    """Kept open for databases that come and go: to connect takes a fifth of the time that one of them takes."""

    def url(self, name: str) -> str:
        return f"postgresql://bma@/{name}?host={self.socket}"

    def run(self, statement: str) -> None:
        self.connection.execute(statement)

    def create(self, name: str, *, template: str = "template1") -> None:
        # Copying the files takes half the time of copying through the log, PostgreSQL's way since 15.
        strategy = "STRATEGY file_copy" if self.version >= 15 else ""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}")

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


def _unprivileged_user() -> dict[str, Any]:
    """What `subprocess.run` is told so that the server does not run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    who = next(names[name] for name in UNPRIVILEGED_USERS if name in names)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": ()}


@contextmanager
def run_cluster(folder: Path, options: Sequence[str] = SERVER_OPTIONS) -> Iterator[Cluster]:
    """A cluster made with the programs in `folder`, for as long as the block lasts."""
    user = _unprivileged_user()
    # A socket's path may have about 100 characters, so pytest's own long temporary folders do not do.
    home = Path(tempfile.mkdtemp(prefix="bma-pg-"))
    if user:
        os.chown(home, user["user"], user["group"])

    def call(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [folder / program, "-D", home / "data", *arguments],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
            **user,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{(home / 'log').read_text()}")

    try:
        with (home / "log").open("wb") as log:
            call("initdb", "--username=bma", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
            settings = " ".join(f"-c {option}" for option in options)
            call("pg_ctl", "start", "-w", "-o", f"-k {home} {settings}")
            try:
                version = int((home / "data" / "PG_VERSION").read_text())
                with psycopg.connect(f"host={home} user=bma dbname=postgres", autocommit=True) as connection:
                    yield Cluster(home, version, connection)
            finally:
                call("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)
