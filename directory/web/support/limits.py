"""Rate limits per IP address, for sign-in and similar forms but never for a patient's search."""

from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SIGN_IN_LIMIT = "20 per minute; 100 per hour"
"""Sign-in attempts per IP address; an arbitrary limit against password guessing."""

limiter = Limiter(get_remote_address, headers_enabled=True, storage_uri="memory://", strategy="moving-window")
"""Counts are per worker, in memory: with N workers the effective limit is up to N times as high."""


def init_app(app: Flask, *, enabled: bool) -> None:
    """Enable rate limits for `app`; audits and tests that measure something else pass `enabled=False`."""
    app.config["RATELIMIT_ENABLED"] = enabled
    limiter.init_app(app)
    # All limits are on single views, whose decorators check them, so the check before every request is unnecessary.
    before: list[Any] = app.before_request_funcs[None]
    before[:] = [hook for hook in before if getattr(hook, "__self__", None) is not limiter]
