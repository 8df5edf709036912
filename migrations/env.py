"""Alembic's environment: the metadata of all features, on the connection of the application."""

import sqlalchemy as sa
from alembic import context
from alembic.util import CommandError
from flask import current_app

from directory.accounts import tables as accounts  # noqa: F401  each feature adds its tables to the metadata
from directory.attestations import tables as attestations  # noqa: F401
from directory.audit import tables as audit  # noqa: F401  for its tables, as above
from directory.claims import tables as claims  # noqa: F401  for its tables, as above
from directory.database import Base
from directory.disputes import tables as disputes  # noqa: F401  for its tables, as above
from directory.evidence import tables as evidence  # noqa: F401  for its tables, as above
from directory.imports import tables as imports  # noqa: F401  for its tables, as above
from directory.listings import tables as listings  # noqa: F401  for its tables, as above
from directory.messages import tables as messages  # noqa: F401  for its tables, as above
from directory.outbox import tables as outbox  # noqa: F401
from directory.page_views import tables as page_views  # noqa: F401  for its tables, as above
from directory.review import case_tables as cases  # noqa: F401  for its tables, as above
from directory.review import tables as review  # noqa: F401  for its tables, as above
from directory.search import tables as search  # noqa: F401
from directory.settings import tables as settings  # noqa: F401  for its tables, as above
from directory.site_texts import tables as site_texts  # noqa: F401
from directory.statistics import tables as statistics  # noqa: F401

SQLITE_WAIT_SECONDS = 600
"""How long a process waits while another one migrates; to drop 1.6 GB of tables took 11 seconds."""


def run() -> None:
    """Bring the database of the current application to the requested revision.

    All pending revisions run in one transaction. After a failure or a crash the database is where it was, at a
    revision that the previous release still accepts; with a transaction for each revision it could stop at one that
    no release knows.
    """
    engine = current_app.extensions["migrate"].db.engine
    applied: list[str] = []
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _begin_explicitly(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
            transactional_ddl=True,
            on_version_apply=lambda step, **_: applied.append(str(step)),
        )
        with context.begin_transaction():
            context.run_migrations()
            if applied and connection.dialect.name == "sqlite":
                _check_foreign_keys(connection)


def _begin_explicitly(connection: sa.Connection) -> None:
    """Make this SQLite connection start its transactions itself, before the first statement.

    sqlite3 starts none before DDL, which would then be committed statement by statement. IMMEDIATE takes the write
    lock before the current revision is read, so a second process waits and then finds nothing left to do.
    """
    driver = connection.connection.driver_connection
    # The settings below stay this connection's own: detached, it is closed and not given back to the engine's pool.
    connection.detach()
    driver.isolation_level = None
    # A batch operation drops the table that it rebuilds, which would delete the rows that refer to it (CASCADE) or
    # fail (RESTRICT). Inside a transaction this pragma does nothing.
    driver.execute("PRAGMA foreign_keys = OFF")
    driver.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT_SECONDS * 1000}")
    sa.event.listen(connection, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))


def _check_foreign_keys(connection: sa.Connection) -> None:
    """Check every reference between rows, which SQLite does not enforce while its foreign keys are off.

    Raises:
        CommandError: a row refers to one that does not exist; nothing is committed.
    """
    tables = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    if tables:
        raise CommandError(f"Rows refer to rows that do not exist, in: {', '.join(sorted(tables))}. Nothing changed.")


run()
