"""What happens to sessions when somebody signs in or out, beyond what Flask-Security does."""

from typing import Any

from flask import Flask, g
from flask import session as cookie
from flask.blueprints import BlueprintSetupState
from flask_login import user_logged_out
from flask_security import user_authenticated

from directory import transaction
from directory.accounts.commands import end_sessions
from directory.accounts.tables import Account

KEPT_AT_SIGN_IN = frozenset({"_user_id", "_fresh", "_id", "fs_cc", "fs_paa"})
"""What Flask-Login and Flask-Security have just written about who signed in; all else is from before."""


def watch_sessions(_state: BlueprintSetupState) -> None:
    """Listen to who signs in and out; listening twice is the same as once."""
    user_authenticated.connect(renew)
    user_logged_out.connect(end_everywhere)


def renew(_app: Flask, **_facts: Any) -> None:
    """Forget what the browser had before, its CSRF token too: somebody else may have put it there."""
    for key in cookie.keys() - KEPT_AT_SIGN_IN:
        del cookie[key]
    g.pop("csrf_token", None)


def end_everywhere(_app: Flask, user: Account, **_facts: Any) -> None:
    """Make copies of the cookie worthless: it is signed, and would stay good after signing out."""
    if user.is_authenticated:
        with transaction.writing():
            end_sessions(user)
