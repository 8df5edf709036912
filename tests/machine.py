"""What a test may need of the machine, beyond Python and the locked packages."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import postgresql_cluster
import pytest

MEMORY = Path("/dev/shm")  # noqa: S108  the folder that Linux keeps in memory; files in it get names of their own
ROOM_BYTES = 4 * 1024**3
"""What a run may put there, a million locations and the browsers' profiles among it, with half of it to spare."""


@dataclass(frozen=True)
class Need:
    """Something to find on the machine: what it is called in a sentence, and whether it is there."""

    what: str
    present: Callable[[], bool]


NEEDS = {
    "postgresql": Need("PostgreSQL (initdb, pg_ctl)", lambda: postgresql_cluster.programs() is not None),
    "chromium": Need("Chromium", lambda: shutil.which("chromium") is not None),
}
"""By the name that BMA_TEST_REQUIRE calls it."""


def need(name: str) -> None:
    """Skip the test that asks, where the machine lacks it."""
    if not NEEDS[name].present():
        pytest.skip(f"{NEEDS[name].what} is not on this machine")


def refuse_to_leave_out() -> None:
    """End the run at once where something that BMA_TEST_REQUIRE names is missing."""
    required = {name for name in os.environ.get("BMA_TEST_REQUIRE", "").replace(" ", "").split(",") if name}
    if unknown := required - NEEDS.keys():
        raise pytest.UsageError(f"BMA_TEST_REQUIRE knows {', '.join(NEEDS)}, not {', '.join(sorted(unknown))}.")
    if missing := sorted(name for name in required if not NEEDS[name].present()):
        what = " and ".join(NEEDS[name].what for name in missing)
        raise pytest.UsageError(f"BMA_TEST_REQUIRE asks for {what}, which this machine does not have.")


def keep_files_in_memory() -> None:
    """Let temporary files stay off the disk, where memory has room for them and nobody chose another place.

    To copy a database of PostgreSQL takes 90 ms on a disk and 10 ms in memory, and it is done for every second test.
    """
    if os.environ.get("TMPDIR") or not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return
    # A container may allow 64 MB there, or to store programs and not to run them, which one test does.
    mount = os.statvfs(MEMORY)
    if mount.f_bavail * mount.f_frsize >= ROOM_BYTES and not mount.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
