"""Runs each test of a page on one database, half of them on SQLite and half on PostgreSQL.

That both databases answer alike is tested below the pages, in `tests/database`, where every test runs on both.
`BMA_TEST_WEB_DATABASES=all` runs the tests of pages on both too.
"""

import os
import zlib
from pathlib import Path

import pytest

DATABASES = ("sqlite", "postgresql")
FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect each test on the database that its name does not choose."""
    if os.environ.get("BMA_TEST_WEB_DATABASES") == "all":
        return
    left_out = [item for item in items if FOLDER in item.path.parents and not _is_chosen(item)]
    config.hook.pytest_deselected(items=left_out)
    unwanted = set(left_out)
    items[:] = [item for item in items if item not in unwanted]


def _is_chosen(item: pytest.Item) -> bool:
    database = item.callspec.params.get("database") if isinstance(item, pytest.Function) and _has_params(item) else None
    if database not in DATABASES:
        return True
    name = item.nodeid.replace(database, "", 1)
    return DATABASES[zlib.crc32(name.encode()) % len(DATABASES)] == database


def _has_params(item: pytest.Function) -> bool:
    return hasattr(item, "callspec")
