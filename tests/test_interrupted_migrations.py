"""A migration that is interrupted changes nothing, and the next one completes it."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from migrated_database import assert_kept, contents, fill, installed, revision_of


class Interrupted(Exception):
    """Raised between two statements of a migration."""


@pytest.fixture
def engine(database: str, tmp_path: Path) -> Iterator[sa.Engine]:
    with installed(database, tmp_path / "home") as engine:
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


@pytest.mark.parametrize(("start", "target"), [("0008", "0009"), ("0009", "0008")])
def test_an_interruption_at_any_statement_changes_nothing(engine: sa.Engine, start: str, target: str) -> None:
    migrate(engine, start)
    fill(engine)
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
    assert_kept(before, contents(engine))
    flask_migrate.upgrade()
    flask_migrate.check()
