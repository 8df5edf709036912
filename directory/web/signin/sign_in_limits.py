"""Rate limits for sign-in, against password guessing."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.blueprints import BlueprintSetupState

from directory.web.support.limits import SIGN_IN_LIMIT, limiter

ACCOUNT_LIMIT = "10 per 15 minutes"
"""Failed attempts per account from any IP address; arbitrary: stops guessing, but a user who mistypes waits briefly."""

PASSWORD_ENDPOINTS = ("security.login", "security.verify")
"""Flask-Security's views that accept a password."""

FORM_ENDPOINTS = tuple(
    f"security.{name}"
    for name in (
        "register",
        "send_confirmation",
        "forgot_password",
        "reset_password",
        "change_password",
        "change_email",
    )
)
"""Flask-Security's other forms, which send email or take a password."""

MAX_KEY_LENGTH = 255
"""Maximum characters of the email address used as limit key; the width of its database column."""


def limit_sign_in_attempts(state: BlueprintSetupState) -> None:
    """Wrap Flask-Security's views, which are registered before this blueprint, in rate limits."""
    for endpoint in PASSWORD_ENDPOINTS:
        per_account = limiter.limit(ACCOUNT_LIMIT, key_func=_account_key, methods=["POST"], deduct_when=_failed)
        per_address = limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
        view: Any = state.app.view_functions[endpoint]
        state.app.view_functions[endpoint] = per_address(per_account(view))
    for endpoint in FORM_ENDPOINTS:
        form: Any = state.app.view_functions[endpoint]
        state.app.view_functions[endpoint] = limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(form)


def _account_key() -> str:
    """Return the submitted email address, lowercase, from a form or JSON body."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    email = sent.get("email", "") if isinstance(sent, Mapping) else ""
    return str(email).strip().lower()[:MAX_KEY_LENGTH] or "nobody"


def _failed(response: Response) -> bool:
    """Return whether sign-in failed: success redirects (302)."""
    return response.status_code != 302
