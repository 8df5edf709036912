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
"""How long a file may wait for its row; arbitrary, thousands of times the longest request."""

_NAME = re.compile(r"[0-9a-f]{64}")
_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """What a sweep removed because no row speaks of it, and which files are missing that a row speaks of."""

    removed: int
    missing: tuple[str, ...]


def store(folder: Path, content: bytes) -> str:
    """Write `content` so that it survives a crash, and give its SHA-256 in hexadecimal, by which it is found again.

    It is there before any row speaks of it. The same content is one file, and is new again for a sweep.
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
    # A name is on the disk once its folder is.
    for changed in (home, folder):
        _fsync_directory(changed)
    return name


def find(folder: Path, name: str) -> Path:
    """The file of that hash.

    Raises:
        NotFound: there is none, or that is no hash.
    """
    path = folder / name[:2] / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("This document is not here any more.")
    return path


def delete_orphans(folder: Path, known: Collection[str], *, now: datetime) -> CleanupResult:
    """Remove files older than `GRACE_PERIOD` that are not `known`: what a crash, a refusal or a removal left behind.

    A file that is kept anew while the sweep goes by is new, and stays; ask for `known` before, never after.
    """
    removed = 0
    for path in sorted(folder.glob("??/*")):
        if path.name not in known:
            with _exclusive_lock(folder):
                removed += _remove_if_older(path, now - GRACE_PERIOD)
    return CleanupResult(removed, tuple(name for name in sorted(known) if not (folder / name[:2] / name).is_file()))


def _remove_if_older(path: Path, moment: datetime) -> bool:
    # What was half written a moment ago has its own name by now.
    if not path.exists() or path.stat().st_mtime >= moment.timestamp():
        return False
    path.unlink()
    return True


@contextmanager
def _exclusive_lock(folder: Path) -> Iterator[None]:
    """Keep every other process that moves or removes files here waiting; the lock ends with the process."""
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fsync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
