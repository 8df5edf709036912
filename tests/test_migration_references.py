"""References between rows in SQLite, which does not enforce them while it migrates."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from support.databases import DatabaseFactory
from support.migrated_database import contents, insert_examples, migrated_engine

from directory import resources


@pytest.fixture
def engine(sqlite_databases: DatabaseFactory, tmp_path: Path) -> Iterator[sa.Engine]:
    with sqlite_databases() as url, migrated_engine(url, tmp_path / "home") as engine:
        yield engine


def next_migration(folder: Path, body: str) -> Path:
    """A copy of the migrations with one more, whose upgrade has that body."""
    copy = folder / "migrations"
    shutil.copytree(resources.folder("migrations"), copy)
    (head,) = ScriptDirectory(str(copy)).get_heads()
    (copy / "versions" / "9999_next.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9999', '{head}'\ndef upgrade():\n    {body}\n"
    )
    return copy


def test_a_rebuilt_table_keeps_the_rows_that_refer_to_it(engine: sa.Engine, tmp_path: Path) -> None:
    """SQLite deletes them with the old table while its foreign keys are on, or refuses to drop it."""
    insert_examples(engine)
    before = contents(engine)
    rebuild = (
        "with op.batch_alter_table('accounts', recreate='always') as batch: batch.alter_column('name', nullable=True)"
    )
    flask_migrate.upgrade(directory=str(next_migration(tmp_path, rebuild)))
    after = contents(engine)
    assert after["accounts"][0] != before["accounts"][0]
    for table in ("accounts", "account_roles", "listing_managers", "listings", "locations"):
        assert after[table][1] == before[table][1] != []
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.connection.driver_connection.isolation_level is not None


def test_a_migration_that_breaks_a_reference_is_refused(
    engine: sa.Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    insert_examples(engine)
    before = contents(engine)
    with pytest.raises(SystemExit):
        flask_migrate.upgrade(directory=str(next_migration(tmp_path, "op.execute('DELETE FROM accounts')")))
    assert "in: account_roles, listing_managers" in caplog.text
    assert contents(engine) == before
