"""Rate limits per IP address, for sign-in and similar forms but never for a patient's search."""

from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SIGN_IN_LIMIT = "20 per minute; 100 per hour"
"""Tries from one address; arbitrary, against guessing."""

limiter = Limiter(get_remote_address, headers_enabled=True, storage_uri="memory://", strategy="moving-window")
"""Counts live in each worker's memory: with N workers the true limit is N times as high, still a limit."""


def init_app(app: Flask, *, enabled: bool) -> None:
    """Limit `app`; `enabled` False is for audits and tests that must measure something else."""
    app.config["RATELIMIT_ENABLED"] = enabled
    limiter.init_app(app)
    # All limits stand at single views, which ask themselves: before every other page there is nothing to look up.
    before: list[Any] = app.before_request_funcs[None]
    before[:] = [hook for hook in before if getattr(hook, "__self__", None) is not limiter]
