"""A migration that is interrupted changes nothing, and the next one completes it."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from support import databases
from support.databases import DatabaseFactory
from support.migrated_database import assert_unchanged, contents, insert_examples, migrated_engine, revision_of

TESTS = Path(__file__).resolve().parent

LATE = "CREATE TABLE search_snapshots"
"""The last table of revision 0010: all old tables are dropped by then."""


class Interrupted(Exception):
    """Raised between two statements of a migration."""


@pytest.fixture
def engine(database: str, tmp_path: Path) -> Iterator[sa.Engine]:
    with migrated_engine(database, tmp_path / "home") as engine:
        yield engine


@pytest.fixture
def sqlite_url(sqlite_databases: DatabaseFactory) -> Iterator[str]:
    with sqlite_databases() as url:
        yield url


@pytest.fixture
def sqlite_engine(sqlite_url: str, tmp_path: Path) -> Iterator[sa.Engine]:
    with migrated_engine(sqlite_url, tmp_path / "home") as engine:
        yield engine


def migrate(engine: sa.Engine, target: str) -> None:
    if target < (revision_of(engine) or ""):
        flask_migrate.downgrade(revision=target)
    else:
        flask_migrate.upgrade(revision=target)


@contextmanager
def interrupted_at(engine: sa.Engine, number: int) -> Iterator[list[str]]:
    """Raise `Interrupted` before the statement of that number, counted from one; COMMIT is one too.

    Yields the statements so far, with the one that was interrupted.
    """
    statements: list[str] = []

    def count(statement: str) -> None:
        statements.append(statement.strip())
        if len(statements) == number:
            raise Interrupted(statement)

    def on_execute(*arguments: object) -> None:
        count(str(arguments[2]))

    def on_commit(_connection: sa.Connection) -> None:
        count("COMMIT")

    sa.event.listen(engine, "before_cursor_execute", on_execute)
    sa.event.listen(engine, "commit", on_commit)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", on_execute)
        sa.event.remove(engine, "commit", on_commit)


@pytest.mark.parametrize(("start", "target"), [("0008", "0010"), ("0010", "0008")])
def test_an_interruption_at_any_statement_changes_nothing(engine: sa.Engine, start: str, target: str) -> None:
    migrate(engine, start)
    insert_examples(engine)
    before = contents(engine)
    command = flask_migrate.upgrade if start < target else flask_migrate.downgrade
    for number in itertools.count(1):
        with interrupted_at(engine, number) as statements, suppress(Interrupted):
            command(revision=target)
        if len(statements) < number:
            break
        assert contents(engine) == before, statements[-1]
    assert statements[-1] == "COMMIT"
    assert sum(statement.startswith(("CREATE", "DROP")) for statement in statements) >= 10
    assert revision_of(engine) == target
    assert_unchanged(before, contents(engine))
    flask_migrate.upgrade()
    flask_migrate.check()


def test_an_upgrade_completes_what_was_interrupted(engine: sa.Engine) -> None:
    migrate(engine, "0009")
    insert_examples(engine)
    before = contents(engine)
    with interrupted_at(engine, 10), pytest.raises(Interrupted):
        flask_migrate.upgrade()
    flask_migrate.upgrade(revision="0010")
    assert_unchanged(before, contents(engine))
    flask_migrate.upgrade()
    flask_migrate.check()


def test_a_downgrade_restores_the_old_tables_as_they_were_made(engine: sa.Engine) -> None:
    migrate(engine, "0008")
    migrate(engine, "0009")
    made = contents(engine)
    migrate(engine, "0010")
    migrate(engine, "0009")
    assert contents(engine) == made
    assert {name for name in made if name.startswith("search_")} == {
        f"search_{name}" for name in ("state", "tiles", "nodes", "keys", "words", "documents", "pending", "rules")
    }


def test_each_upgrade_gives_the_search_another_token(engine: sa.Engine) -> None:
    """A database restored from before the upgrade must not accept a snapshot of the first one."""
    tokens = set()
    for _ in range(3):
        migrate(engine, "0009")
        migrate(engine, "0010")
        with engine.connect() as connection:
            row = connection.execute(sa.text("SELECT id, version, token, bulk_version FROM search_state")).one()
        assert (row.id, row.version, row.bulk_version) == (1, 0, 0)
        assert 0 <= row.token < 2**62
        tokens.add(row.token)
    assert len(tokens) == 3


@contextmanager
def migration_process(url: str, home: Path, *, pause_at: str) -> Iterator[subprocess.Popen[str]]:
    """A process that upgrades the database and pauses before the statement that begins so."""
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    environment = {**os.environ, **databases.environment(home, url), "PYTHONPATH": paths}
    command = [sys.executable, "-m", "support.migration_process", pause_at]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "reached\n"
            yield process
        finally:
            process.kill()


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_killed_process_changes_nothing(engine: sa.Engine, database: str, tmp_path: Path) -> None:
    migrate(engine, "0009")
    insert_examples(engine)
    before = contents(engine)
    with migration_process(database, tmp_path / "other", pause_at=LATE) as process:
        process.kill()
        assert process.wait(20) == -signal.SIGKILL
    assert contents(engine) == before
    flask_migrate.upgrade(revision="0010")
    assert_unchanged(before, contents(engine))
    flask_migrate.upgrade()
    flask_migrate.check()


def test_of_two_processes_that_migrate_at_once_the_second_waits(
    sqlite_engine: sa.Engine, sqlite_url: str, tmp_path: Path
) -> None:
    migrate(sqlite_engine, "0009")
    with (
        migration_process(sqlite_url, tmp_path / "first", pause_at=LATE) as first,
        migration_process(sqlite_url, tmp_path / "second", pause_at="BEGIN") as second,
    ):
        let_go(second)
        time.sleep(0.3)  # the second is at the lock by then; if it is not, it still must end well
        assert second.poll() is None
        let_go(first)
        assert (first.wait(20), second.wait(20)) == (0, 0)
    flask_migrate.check()
