"""Stores documents as files named by their hash, outside the web root, so that rows and files stay consistent."""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from directory.errors import NotFound

GRACE_PERIOD = timedelta(days=1)
"""How long a file may exist before its row is committed; arbitrary, thousands of times the longest request."""

_NAME = re.compile(r"[0-9a-f]{64}")
_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """The number of orphaned files removed, and the names of missing files that rows refer to."""

    removed: int
    missing: tuple[str, ...]


def store(folder: Path, content: bytes) -> str:
    """Write `content` durably and return its SHA-256 in hexadecimal, which is the file name.

    Call this before inserting a row that refers to the file. The same content is stored once; storing it again renews
    its modification time, so that `delete_orphans` keeps it.
    """
    name = hashlib.sha256(content).hexdigest()
    home = folder / name[:2]
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    coming = home / f"coming-{secrets.token_hex(8)}"
    with os.fdopen(os.open(coming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with _exclusive_lock(folder):
        coming.replace(home / name)
    # A rename is durable only after its directory is synced.
    for changed in (home, folder):
        _fsync_directory(changed)
    return name


def find(folder: Path, name: str) -> Path:
    """Return the path of the file with that hash.

    Raises:
        NotFound: there is no such file, or `name` is not a hash.
    """
    path = folder / name[:2] / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("This document is not here any more.")
    return path


def delete_orphans(folder: Path, known: Collection[str], *, now: datetime) -> CleanupResult:
    """Delete files older than `GRACE_PERIOD` that are not `known`, left by a crash, a rejection or a removal.

    A file that is stored again meanwhile counts as new and stays. Query `known` before calling this, never afterward.
    """
    removed = 0
    for path in sorted(folder.glob("??/*")):
        if path.name not in known:
            with _exclusive_lock(folder):
                removed += _remove_if_older(path, now - GRACE_PERIOD)
    return CleanupResult(removed, tuple(name for name in sorted(known) if not (folder / name[:2] / name).is_file()))


def _remove_if_older(path: Path, moment: datetime) -> bool:
    # A temporary file may have been renamed to its final name since the directory was listed.
    if not path.exists() or path.stat().st_mtime >= moment.timestamp():
        return False
    path.unlink()
    return True


@contextmanager
def _exclusive_lock(folder: Path) -> Iterator[None]:
    """Block other processes from moving or removing files here; the operating system frees the lock on exit."""
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fsync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
