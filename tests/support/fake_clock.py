"""A clock that shows a later time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from flask import Flask

from directory import clock


@contextmanager
def later(monkeypatch: pytest.MonkeyPatch, app: Flask, *, by: timedelta) -> Iterator[None]:
    """What the clock shows some time later, also to Flask-Security."""
    moment = clock.now() + by

    def shown() -> datetime:
        return moment

    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", shown)
        patched.setattr(app.extensions["security"], "datetime_factory", shown)
        yield
