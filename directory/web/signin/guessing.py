"""How often somebody may try to sign in: limits against guessing passwords."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.blueprints import BlueprintSetupState

from directory.web.support.limits import SIGN_IN, limiter

PER_ACCOUNT = "10 per 15 minutes"
"""Failed tries on one account, from anywhere; arbitrary: hopeless for guessing, short for who mistyped."""

GUESSABLE = ("security.login", "security.verify")
"""Flask-Security's views that take a password."""

MAX_KEY = 255
"""Characters of an address that are counted under; the width of its column."""


def limit_guesses(state: BlueprintSetupState) -> None:
    """Put the limits around Flask-Security's views, which are registered before this blueprint."""
    for endpoint in GUESSABLE:
        per_account = limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"], deduct_when=_failed)
        per_address = limiter.limit(SIGN_IN, methods=["POST"])
        view: Any = state.app.view_functions[endpoint]
        state.app.view_functions[endpoint] = per_address(per_account(view))


def _account() -> str:
    """The address that is tried, however it is written or sent."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    email = sent.get("email", "") if isinstance(sent, Mapping) else ""
    return str(email).strip().lower()[:MAX_KEY] or "nobody"


def _failed(response: Response) -> bool:
    """Whether the answer is the form again; who signed in is sent on."""
    return response.status_code != 302
