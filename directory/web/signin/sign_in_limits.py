"""Rate limits for sign-in and for the other forms of Flask-Security, against guessing and against floods of email."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial, wraps
from typing import Any

from flask import Response, after_this_request, make_response, request
from flask import session as browser_session
from flask.blueprints import BlueprintSetupState

from directory.web.support.limits import SIGN_IN_LIMIT, client_network, daily_key, limiter

View = Callable[..., Any]

PAIR_LIMIT = "10 per 15 minutes"
"""Failed attempts at one account from one network; arbitrary: stops guessing, but a user who mistypes waits briefly.

They never lock out the owner of the account, who is in another network.
"""

CODE_LIMIT = "100 per day"
"""The most wrong codes for one account, from all networks together (NIST SP 800-63B).

A person who enters codes has entered the right password before.
"""

MAIL_LIMIT = "10 per hour"
"""Emails that one network can cause to one address; arbitrary, because forms that are refused count too."""

PASSWORD_VIEWS = ("verify", "change_password")
CODE_VIEWS = ("two_factor_token_validation", "mf_recovery")
MAIL_VIEWS = ("register", "send_confirmation", "forgot_password", "change_email")
OTHER_VIEWS = ("confirm_email", "reset_password", "wan_signin", "wan_signin_response", "wan_verify_response")
"""Flask-Security's views by what can be guessed or caused there; those of a feature that is off are not registered."""

MAX_KEY_LENGTH = 255
"""Maximum characters of the email address used as limit key; the width of its database column."""


def limit_sign_in_attempts(state: BlueprintSetupState) -> None:
    """Wrap Flask-Security's views, which are registered before this blueprint, in rate limits."""
    views = state.app.view_functions
    for name in ("login", *PASSWORD_VIEWS, *CODE_VIEWS, *MAIL_VIEWS, *OTHER_VIEWS):
        endpoint = f"security.{name}"
        if endpoint in views:
            views[endpoint] = _limit(name, views[endpoint])


def _limit(name: str, view: View) -> View:
    """Return the view with its limits. Attempts are counted before they are judged, so that none slips through."""
    if name == "login":
        view = _limit_posts(_forgive(view, _submitted_pair_key, _has_entered_password), PAIR_LIMIT, _submitted_pair_key)
    elif name in PASSWORD_VIEWS:
        view = _limit_posts(_forgive(view, _session_pair_key, _redirects), PAIR_LIMIT, _session_pair_key)
    elif name in CODE_VIEWS:
        view = _limit_posts(_forgive(view, _session_pair_key, _is_signed_in), PAIR_LIMIT, _session_pair_key)
        view = _limit_posts(view, CODE_LIMIT, _session_key)
    elif name in MAIL_VIEWS:
        view = _limit_posts(view, MAIL_LIMIT, _submitted_pair_key)
    return _limit_posts(view, SIGN_IN_LIMIT)


def _limit_posts(view: View, limit: str, key: Callable[[], str] | None = None) -> View:
    # The limiter recognizes a limit by its key function, so it must be the same one in every application.
    limited: View = limiter.limit(limit, key_func=key, methods=["POST"])(view)
    return limited


def _forgive(view: View, pair_key: Callable[[], str], succeeded: Callable[[bool, Response], bool]) -> View:
    """Return the view with a reset of the account's counters after a successful attempt."""

    @wraps(view)
    def forgiving(*args: Any, **kwargs: Any) -> Response:
        # These are read first, because success changes the session.
        keys, was_signed_in = {pair_key(), _session_key()}, "_user_id" in browser_session
        response = make_response(view(*args, **kwargs))
        if request.method == "POST" and succeeded(was_signed_in, response):
            # The library commits the same way, and must do so first: SQLite has one writer at a time.
            after_this_request(partial(_clear_counters, keys))
        return response

    return forgiving


def _clear_counters(keys: AbstractSet[str], response: Response) -> Response:
    for counted in limiter.current_limits:
        if not keys.isdisjoint(counted.key.split("/")):
            limiter.storage.clear(counted.key)
    return response


def _has_entered_password(was_signed_in: bool, _response: Response) -> bool:  # noqa: FBT001  one of three conditions
    """Return whether a visitor entered the right password; signed-in users are redirected whatever they enter."""
    return not was_signed_in and not {"_user_id", "tf_user_id"}.isdisjoint(browser_session)


def _is_signed_in(_was_signed_in: bool, _response: Response) -> bool:  # noqa: FBT001  one of three conditions
    return "_user_id" in browser_session


def _redirects(_was_signed_in: bool, response: Response) -> bool:  # noqa: FBT001  one of three conditions
    return response.status_code == 302


def _submitted_pair_key() -> str:
    return daily_key("pair", _submitted_account(), client_network())


def _session_pair_key() -> str:
    return daily_key("pair", _session_account(), client_network())


def _session_key() -> str:
    return daily_key("account", _session_account())


def _submitted_account() -> str:
    """Return the submitted email address, lowercase, from a form or JSON body."""
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    email = sent.get("email", "") if isinstance(sent, Mapping) else ""
    return str(email).strip().lower()[:MAX_KEY_LENGTH] or "nobody"


def _session_account() -> str:
    """Return the account that is signed in, or whose password was entered; what the form contains is ignored."""
    return str(browser_session.get("_user_id") or browser_session.get("tf_user_id") or "nobody")
