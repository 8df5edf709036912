"""Rate limits for sign-in, against password guessing."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.blueprints import BlueprintSetupState

from directory.web.support.limits import SIGN_IN_LIMIT, limiter

ACCOUNT_LIMIT = "10 per 15 minutes"
"""Failed tries on one account, from anywhere; arbitrary: hopeless for guessing, short for who mistyped."""

PASSWORD_ENDPOINTS = ("security.login", "security.verify")
"""Flask-Security's views that take a password."""

MAX_KEY_LENGTH = 255
"""Characters of an address that are counted under; the width of its column."""


def limit_sign_in_attempts(state: BlueprintSetupState) -> None:
    """Put the limits around Flask-Security's views, which are registered before this blueprint."""
    for endpoint in PASSWORD_ENDPOINTS:
        per_account = limiter.limit(ACCOUNT_LIMIT, key_func=_account_key, methods=["POST"], deduct_when=_failed)
        per_address = limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
        view: Any = state.app.view_functions[endpoint]
        state.app.view_functions[endpoint] = per_address(per_account(view))


def _account_key() -> str:
    """The address that is tried, however it is written or sent."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    email = sent.get("email", "") if isinstance(sent, Mapping) else ""
    return str(email).strip().lower()[:MAX_KEY_LENGTH] or "nobody"


def _failed(response: Response) -> bool:
    """Whether the answer is the form again; who signed in is sent on."""
    return response.status_code != 302
