"""What a test may need of the machine, beyond Python and the locked packages."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import postgresql_cluster
import pytest


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
