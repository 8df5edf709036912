"""Session handling at sign-in and sign-out, in addition to what Flask-Security does."""

from typing import Any

from flask import Flask, g
from flask import session as browser_session
from flask.blueprints import BlueprintSetupState
from flask_login import user_logged_out
from flask_security import user_authenticated
from flask_wtf.csrf import generate_csrf

SIGN_IN_KEYS = frozenset({"_user_id", "_fresh", "_id", "fs_cc", "fs_paa"})
"""What Flask-Login and Flask-Security have just written about who signed in; all else is from before."""


def connect_signals(_state: BlueprintSetupState) -> None:
    """Listen to who signs in and out; listening twice is the same as once."""
    user_authenticated.connect(reset_session)
    user_logged_out.connect(clear_session)


def reset_session(_app: Flask, **_facts: Any) -> None:
    """Remove what the session held before sign-in, its CSRF token too: somebody else may have put it there."""
    for key in browser_session.keys() - SIGN_IN_KEYS:
        del browser_session[key]
    g.pop("csrf_token", None)
    # Made now, so that two tabs opened at once do not each make one and lose the other's.
    generate_csrf()


def clear_session(_app: Flask, **_facts: Any) -> None:
    """Empty the session at sign-out, which deletes its row and its cookie."""
    browser_session.clear()
