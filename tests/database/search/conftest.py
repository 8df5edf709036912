"""A search index with a folder of its own."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from support.synthetic_listings import empty_engine

from directory.search import builder, changes, clusters, document, nearest, segment, view

SMALL = {"BLOCK": 64, "WORDS": 1, "MAX_SQUARES": 20, "BATCH": 7, "PIECE": 3}
MODULES = (builder, changes, clusters, document, nearest, segment, view)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so small that a few dozen listings take every branch of the search."""
    for name, number in SMALL.items():
        owners = [module for module in MODULES if hasattr(module, name)]
        assert owners, f"there is no limit {name}"
        for module in owners:
            monkeypatch.setattr(module, name, number)


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    """A database in memory, for tests of many examples."""
    engine = empty_engine()
    yield engine
    engine.dispose()
