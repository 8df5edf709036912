"""Databases as the migrations leave them: shaped once in a run, copied for each test."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from flask import Flask
from postgresql_cluster import Cluster

from directory import config, transaction
from directory.cli.installation import attach_migrations
from directory.config import Settings

FreshDatabase = Callable[[], AbstractContextManager[str]]
"""Gives the URL of a database that nobody else uses, until the block ends."""


def environment(home: Path, url: str) -> dict[str, str]:
    """What an operator would set for an installation in `home`; no limit stands in a test's way."""
    return {"BMA_HOME": str(home), "BMA_DATABASE_URL": url, "BMA_RATE_LIMITS": "0"}


def application(settings: Settings) -> Flask:
    """The whole application, imported late: a fault at the edge leaves the tests of the rules running."""
    from directory.app import create_app  # noqa: PLC0415  for the reason above

    return create_app(settings)


def migrate(home: Path, url: str) -> None:
    """Shape the empty database at `url` as `bma-directory db upgrade` does."""
    app = application(config.read(environment(home, url)))
    attach_migrations(app)
    with app.app_context():
        flask_migrate.upgrade()
        engine(transaction.session()).dispose()


def engine(session: object) -> sa.Engine:
    """The pool of connections behind a session."""
    bind = session.get_bind()  # type: ignore[attr-defined]  # a scoped session is one by its methods
    assert isinstance(bind, sa.Engine)
    return bind


def sqlite(folder: Path) -> FreshDatabase:
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


def postgresql(cluster: Cluster, folder: Path) -> FreshDatabase:
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
