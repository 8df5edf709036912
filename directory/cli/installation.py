"""The installation that a command works on: its settings, its database, and plain sentences when it fails."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import click
import flask_migrate
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from directory import config, resources, transaction
from directory.accounts import security
from directory.config import Settings
from directory.errors import Refusal
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def installation(*, migrate: bool = False) -> Iterator[Settings]:
    """The settings from the environment, with the database ready for `transaction` inside the block.

    Args:
        migrate: bring the database to the newest shape first, and make it where there is none.
    """
    settings = config.read(os.environ)
    app = Flask("directory")
    app.config["SECRET_KEY"] = settings.secret_key
    transaction.attach(app, settings)
    security.attach(app, transaction.scoped(), salt=settings.password_salt, secure=False, pages=False)
    with app.app_context():
        if migrate:
            flask_migrate.upgrade()
        yield settings


def gazetteer(settings: Settings) -> Gazetteer:
    """The places of this installation: its own where it built some, else those that ship."""
    return open_gazetteer(settings.places, resources.folder("data") / "places.sqlite")


def plainly(command: Callable[P, T]) -> Callable[P, T]:
    """End a command with one sentence and status 1 instead of a traceback, for what an operator can mend."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            raise click.ClickException(refusal.sentence) from refusal
        except OSError as fault:
            raise click.ClickException(str(fault)) from fault
        except SQLAlchemyError as fault:
            detail = str(getattr(fault, "orig", None) or fault).splitlines()[0]
            raise click.ClickException(f"The database answered: {detail}") from fault

    return run
