"""The installation that a command works on: its settings, its database, and its error messages."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import click
import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from directory import config, resources, transaction
from directory.accounts import security
from directory.certification.ruleset import bundled_rulesets
from directory.config import Settings
from directory.errors import Conflict, Refusal
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.review.case_items import rebuild_items
from directory.search.index import SearchIndex

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def installation(*, migrate: bool = False, any_shape: bool = False) -> Iterator[Settings]:
    """Yield the settings from the environment, with the database ready for `transaction` inside the block.

    Args:
        migrate: upgrade the database to the newest schema first; creates it if there is none.
        any_shape: accept any schema; otherwise an older one is refused.

    Raises:
        Invalid: a setting cannot be used.
        Conflict: the database has another schema than this version needs.
    """
    settings = config.read(os.environ)
    app = Flask("directory")
    app.config["SECRET_KEY"] = settings.secret_key
    transaction.init_app(app, settings)
    init_migrations(app)
    security.init_app(
        app,
        transaction.session_registry(),
        salt=settings.password_salt,
        base_url=settings.base_url,
        pages=False,
    )
    with app.app_context():
        try:
            if migrate:
                upgrade_database()
            elif not any_shape and not is_schema_current():
                raise Conflict("The database has an older shape, or none. Run: bma-directory db upgrade.")
            yield settings
        finally:
            transaction.close()


def init_migrations(app: Flask) -> None:
    """Set up the migrations on `app`. The web application does not need them: Alembic takes 10 MB in each worker."""
    folder = str(resources.folder("migrations"))
    flask_migrate.Migrate(app, app.extensions["sqlalchemy"], directory=folder, render_as_batch=True)


def upgrade_database() -> None:
    """Upgrade the database to the newest schema; creates it if there is none.

    Raises:
        Conflict: a later version of this program created the schema.
    """
    known = {script.revision for script in _migration_scripts().walk_revisions()}
    if not _current_revisions() <= known:
        raise Conflict("The database was shaped by a later version of bma-directory. Install that version.")
    # An upgrade with nothing to do would still wait for the write lock of a long import.
    if not is_schema_current():
        flask_migrate.upgrade()
        with transaction.atomic() as session:
            rebuild_items(session)


def is_schema_current() -> bool:
    """Return whether the database has the schema that this version needs."""
    return _current_revisions() == set(_migration_scripts().get_heads())


def _current_revisions() -> set[str]:
    session = transaction.session()
    found = MigrationContext.configure(session.connection()).get_current_heads()
    # End the read transaction, so that it does not block the migration or another process.
    session.rollback()
    return set(found)


def _migration_scripts() -> ScriptDirectory:
    return ScriptDirectory(str(resources.folder("migrations")))


@contextmanager
def progress(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """Yield a function that updates a progress bar with the amount of `length` done; it shows in a terminal only."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda done: bar.update(done - bar.pos)


@contextmanager
def gazetteer(settings: Settings) -> Iterator[Gazetteer]:
    """Open the gazetteer of this installation: its own if it has one, otherwise the one that ships."""
    with closing(open_gazetteer(settings.places, resources.folder("data") / "places.sqlite")) as opened:
        yield opened


def search_index(settings: Settings) -> SearchIndex:
    """Return the search index of this server."""
    with gazetteer(settings) as places:
        return SearchIndex(settings.search, bundled_rulesets(), places.town_points())


def report_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Decorate a command to report errors that an operator can fix as one sentence and status 1, not a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            raise click.ClickException(refusal.sentence) from refusal
        except OSError as fault:
            raise click.ClickException(_os_error_message(fault)) from fault
        except SQLAlchemyError as fault:
            detail = str(getattr(fault, "orig", None) or fault).splitlines()[0]
            raise click.ClickException(f"The database answered: {detail}") from fault

    return run


def _os_error_message(fault: OSError) -> str:
    """Return the system's error message with the name of the file."""
    text = f"{fault.filename}: {fault.strerror}" if fault.filename and fault.strerror else str(fault)
    return f"{text.rstrip('.')}."
