"""No committed change is ever missed by a search that starts after its commit."""

import os
from pathlib import Path

import pytest
from support.search_race import (
    MIN_REBUILDS,
    RECORDERS,
    SEARCHES_PER_COMMIT,
    SEARCHES_PER_ROLLBACK,
    run_race,
)

SEARCHES = int(os.environ.get("BMA_RACE_SEARCHES", "3000"))
"""How many both readers do together at least; `make race` does 100,000."""


def test_no_search_misses_a_change_that_was_committed_before(database: str, tmp_path: Path) -> None:
    result = run_race(database, tmp_path / "search", SEARCHES)
    assert result.missed == []
    assert result.searches >= SEARCHES
    assert result.commits > SEARCHES / SEARCHES_PER_COMMIT
    assert result.rollbacks > SEARCHES / SEARCHES_PER_ROLLBACK
    assert result.rebuilds >= MIN_REBUILDS


@pytest.mark.parametrize("fault", [name for name in RECORDERS if name])
def test_the_race_finds_a_planted_fault(database: str, tmp_path: Path, fault: str) -> None:
    assert run_race(database, tmp_path / "search", 500, fault=fault).missed
