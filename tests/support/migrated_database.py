"""A migrated database: an application that has it and nothing else, something in its tables, and all that it holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.schema import CreateIndex, CreateTable

from directory import config, transaction
from support import databases
from support.factories import NOW

Contents = dict[str, tuple[list[str], list[str]]]
"""The definition and the rows of each table."""

EXAMPLES = {int: 7, float: 7.5, bytes: b"seven", str: "seven", datetime: NOW}
"""A value for a column of each type."""


@contextmanager
def migrated_engine(url: str, home: Path) -> Iterator[sa.Engine]:
    """An application that has its database and nothing else, as commands do."""
    with databases.database_application(config.read(databases.environment(home, url))):
        yield databases.get_engine(transaction.session())


def revision_of(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def contents(engine: sa.Engine) -> Contents:
    metadata = sa.MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
        return {
            table.name: (
                definition(connection, table),
                sorted(repr(row) for row in connection.execute(sa.select(table))),
            )
            for table in metadata.sorted_tables
        }


def definition(connection: sa.Connection, table: sa.Table) -> list[str]:
    if connection.dialect.name == "sqlite":
        stored = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type, name"
        return [sql for (sql,) in connection.exec_driver_sql(stored, (table.name,))]
    elements = [CreateTable(table), *(CreateIndex(index) for index in table.indexes)]
    return sorted(str(element.compile(dialect=connection.dialect)) for element in elements)


def _insert_owner(connection: sa.Connection) -> int:
    """An account with a role, without the models, which have the columns of later revisions too."""
    accounts = sa.Table("accounts", sa.MetaData(), autoload_with=connection)
    account = {"email": "owner@example.com", "name": "Owner", "active": True, "fs_uniquifier": "owner"}
    owner_id: int = connection.scalar(sa.insert(accounts).values(account).returning(accounts.c.id))
    roles, held = (sa.Table(name, sa.MetaData(), autoload_with=connection) for name in ("roles", "account_roles"))
    role = {"name": "provider", "description": ""}
    role_id = connection.scalar(sa.insert(roles).values(role).returning(roles.c.id))
    connection.execute(sa.insert(held).values(account_id=owner_id, role_id=role_id))
    return owner_id


def insert_examples(engine: sa.Engine) -> None:
    """Store a listing with what belongs to it, and something in every table of the search."""
    with engine.begin() as connection:
        owner_id = _insert_owner(connection)
    facts = {
        "slug": "ann",
        "name": "Ann",
        "kind": "person",
        "source": "provider",
        "state": "draft",
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
    }
    metadata = sa.MetaData()
    with engine.begin() as connection:
        # Not the models, which have the columns of later revisions.
        listings = sa.Table("listings", sa.MetaData(), autoload_with=connection, resolve_fks=False)
        empty = dict.fromkeys(("credential", "practice", "specialty_code", "phone", "website"), "")
        owned = {"owner_id": owner_id} if "owner_id" in listings.columns else {}
        connection.execute(sa.insert(listings).values(facts | empty | owned))
        if not owned:
            managers = sa.Table("listing_managers", sa.MetaData(), autoload_with=connection, resolve_fks=False)
            manager = {"listing_id": 1, "account_id": owner_id, "right": "owner", "since": NOW, "by_id": owner_id}
            connection.execute(sa.insert(managers).values(manager))
        locations = sa.Table("locations", sa.MetaData(), autoload_with=connection, resolve_fks=False)
        address = {"line1": "1 Example Street", "line2": "", "city": "Broomfield", "state": "CO"}
        others = {"listing_id": 1, "ordinal": 1, "postal_code": "80021", "phone": "", "precision": ""}
        connection.execute(sa.insert(locations).values(address | others))
        metadata.reflect(connection, only=lambda name, _metadata: name.startswith("search_"))
        for table in metadata.sorted_tables:
            values = {column.name: EXAMPLES[column.type.python_type] for column in table.columns}
            if table.name == "search_state":
                connection.execute(sa.update(table).values(values | {"id": 1}))
            else:
                connection.execute(sa.insert(table).values(values))


def assert_unchanged(before: Contents, after: Contents) -> None:
    """Every table that there was, other than the search's, is as it was; there may be new ones beside it."""
    kept = {name for name in before if not name.startswith("search_")} - {"alembic_version"}
    assert {name: after.get(name) for name in kept} == {name: before[name] for name in kept}
    assert before["locations"][1]
