"""What a test may need of the machine, beyond Python and the locked packages."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import postgresql

TMPFS = Path("/dev/shm")  # noqa: S108  the folder that Linux keeps in memory; files in it get names of their own
MIN_FREE_BYTES = 4 * 1024**3
"""What a run may put there, a million locations and the browsers' profiles among it, with half of it to spare."""


@dataclass(frozen=True)
class Requirement:
    """Something to find on the machine: what it is called in a sentence, and whether it is there."""

    what: str
    present: Callable[[], bool]


REQUIREMENTS = {
    "postgresql": Requirement("PostgreSQL (initdb, pg_ctl)", lambda: postgresql.find_programs() is not None),
    "chromium": Requirement("Chromium", lambda: shutil.which("chromium") is not None),
}
"""By the name that BMA_TEST_REQUIRE calls it."""


def skip_unless_installed(name: str) -> None:
    """Skip the test that asks, where the machine lacks it."""
    if not REQUIREMENTS[name].present():
        pytest.skip(f"{REQUIREMENTS[name].what} is not on this machine")


def check_required() -> None:
    """End the run at once where something that BMA_TEST_REQUIRE names is missing."""
    required = {name for name in os.environ.get("BMA_TEST_REQUIRE", "").replace(" ", "").split(",") if name}
    if unknown := required - REQUIREMENTS.keys():
        raise pytest.UsageError(f"BMA_TEST_REQUIRE knows {', '.join(REQUIREMENTS)}, not {', '.join(sorted(unknown))}.")
    if missing := sorted(name for name in required if not REQUIREMENTS[name].present()):
        what = " and ".join(REQUIREMENTS[name].what for name in missing)
        raise pytest.UsageError(f"BMA_TEST_REQUIRE asks for {what}, which this machine does not have.")


def use_tmpfs() -> None:
    """Let temporary files stay off the disk, where memory has room for them and nobody chose another place.

    To copy a database of PostgreSQL takes 90 ms on a disk and 10 ms in memory, and it is done for every second test.
    """
    if os.environ.get("TMPDIR") or not TMPFS.is_dir() or not os.access(TMPFS, os.W_OK):
        return
    # A container may allow 64 MB there, or to store programs and not to run them, which one test does.
    mount = os.statvfs(TMPFS)
    if mount.f_bavail * mount.f_frsize >= MIN_FREE_BYTES and not mount.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(TMPFS)
