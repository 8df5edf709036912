"""Databases as the migrations leave them: shaped once in a run, copied for each test."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from directory import config, transaction
from directory.certification.ruleset import Rulesets
from directory.cli.installation import init_migrations
from directory.config import Settings
from support.postgresql import Cluster

DatabaseFactory = Callable[[], AbstractContextManager[str]]
"""Gives the URL of a database that nobody else uses, until the block ends."""


def environment(home: Path, url: str) -> dict[str, str]:
    """What an operator would set for an installation in `home`; no limit stands in a test's way."""
    return {"BMA_HOME": str(home), "BMA_DATABASE_URL": url, "BMA_RATE_LIMITS": "0"}


@contextmanager
def create_application(settings: Settings, rulesets: Rulesets | None = None) -> Iterator[Flask]:
    """The whole application, with its connections closed at the end of the block.

    No application context is open inside the block, or requests would share one.
    """
    # Imported late, so that a fault at the edge leaves the tests of the rules running.
    from directory.app import create_app  # noqa: PLC0415  for the reason above

    app = create_app(settings, rulesets=rulesets)
    try:
        yield app
    finally:
        app.extensions["directory"].gazetteer.close()
        app.extensions["page_views"].close()
        with app.app_context():
            transaction.close()


@contextmanager
def database_application(settings: Settings) -> Iterator[Flask]:
    """An application that has its database, its migrations and an open context, and nothing else, as commands do."""
    app = Flask("database_application")
    transaction.init_app(app, settings)
    init_migrations(app)
    with app.app_context():
        yield app
        transaction.close()


@contextmanager
def database_engine(settings: Settings) -> Iterator[sa.Engine]:
    """The engine that the application would have, without the application, which takes ten times as long to make."""
    app = Flask("database_engine")
    transaction.init_app(app, settings)
    with app.app_context():
        engine = get_engine(transaction.session())
    yield engine
    engine.dispose()


def migrate(home: Path, url: str) -> None:
    """Shape the empty database at `url` as `bma-directory db upgrade` does."""
    with create_application(config.read(environment(home, url))) as app, app.app_context():
        init_migrations(app)
        flask_migrate.upgrade()


def get_engine(session: object) -> sa.Engine:
    """The pool of connections behind a session."""
    bind = session.get_bind()  # type: ignore[attr-defined]  # a scoped session is one by its methods
    assert isinstance(bind, sa.Engine)
    return bind


def sqlite_factory(folder: Path) -> DatabaseFactory:
    """Copies of one migrated file."""
    template = folder / "template.sqlite"
    migrate(folder / "home", f"sqlite:///{template}")
    assert not template.with_name("template.sqlite-wal").exists(), "the copy would lack what is in the log"
    numbers = itertools.count(1)

    @contextmanager
    def fresh() -> Iterator[str]:
        copy = folder / f"{next(numbers)}.sqlite"
        shutil.copyfile(template, copy)
        yield f"sqlite:///{copy}"
        for file in folder.glob(f"{copy.name}*"):
            file.unlink()

    return fresh


def postgresql_factory(cluster: Cluster, folder: Path) -> DatabaseFactory:
    """Copies of one migrated database."""
    cluster.create("migrated")
    migrate(folder / "home", cluster.url("migrated"))
    numbers = itertools.count(1)

    @contextmanager
    def fresh() -> Iterator[str]:
        name = f"copy_{next(numbers)}"
        cluster.create(name, template="migrated")
        yield cluster.url(name)
        cluster.drop(name)

    return fresh
