"""The operator's commands, run in this process against the test's own installation."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session
from support.synthetic_listings import make_search_index

from directory import clock
from directory.cli.commands import cli
from directory.cli.installation import search_index as installation_index
from directory.config import Settings
from directory.geography.point import Point
from directory.search.index import Hit, SearchIndex
from directory.search.query import MAX_PER_PAGE, SearchQuery


@pytest.fixture
def run_command(environment: dict[str, str]) -> Callable[..., str]:
    """Run one command, hold it to its exit status, and give what it printed."""

    def run(*arguments: str, code: int = 0, stdin: str | None = None) -> str:
        result = CliRunner().invoke(cli, arguments, input=stdin, env=environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return run


@pytest.fixture
def index(request: pytest.FixtureRequest, tmp_path: Path) -> SearchIndex:
    """An index of this test's database, with a snapshot of the empty one.

    Without it, the first search of a transaction that has written would wait in vain to register one in SQLite.
    """
    index = make_search_index(tmp_path / "search")
    if "session" in request.fixturenames:
        index.rebuild(request.getfixturevalue("session"))
    return index


@pytest.fixture
def find_all(settings: Settings, session: Session) -> Callable[[], list[Hit]]:
    """Every listing that the installation's own index finds, with the snapshot that the commands built."""

    def search() -> list[Hit]:
        query = SearchQuery(Point(40.0, -100.0), per_page=MAX_PER_PAGE)
        return list(installation_index(settings).find(session, query, now=clock.now()).hits)

    return search
