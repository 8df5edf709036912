"""Alembic's environment: the metadata of all features, on the connection of the application."""

from alembic import context
from flask import current_app

from directory.accounts import tables as accounts  # noqa: F401  each feature adds its tables to the metadata
from directory.attestations import tables as attestations  # noqa: F401
from directory.audit import tables as audit  # noqa: F401  for its tables, as above
from directory.database import Base
from directory.disputes import tables as disputes  # noqa: F401  for its tables, as above
from directory.evidence import tables as evidence  # noqa: F401  for its tables, as above
from directory.listings import tables as listings  # noqa: F401  for its tables, as above
from directory.outbox import tables as outbox  # noqa: F401
from directory.review import tables as review  # noqa: F401  for its tables, as above
from directory.search import tables as search  # noqa: F401


def run() -> None:
    """Bring the database of the current application to the wanted revision, in one transaction."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
