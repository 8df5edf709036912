"""Session handling at sign-in and sign-out, in addition to what Flask-Security does."""

from typing import Any

from flask import Flask, g
from flask import session as browser_session
from flask.blueprints import BlueprintSetupState
from flask_login import user_logged_out
from flask_security import password_changed, password_reset, user_authenticated
from flask_security.signals import change_email_confirmed
from flask_wtf.csrf import generate_csrf

from directory import transaction
from directory.accounts.sessions import end_sessions
from directory.accounts.tables import Account
from directory.review.case_holds import release_cases_of
from directory.web.support.requests import account

SIGN_IN_KEYS = frozenset({"_user_id", "_fresh", "_id", "fs_cc", "fs_paa"})
"""Session keys that Flask-Login and Flask-Security set at sign-in; all other keys are older."""


def connect_signals(_state: BlueprintSetupState) -> None:
    """Connect the sign-in and sign-out signals; connecting twice has no further effect."""
    user_authenticated.connect(reset_session)
    user_logged_out.connect(release_cases)
    user_logged_out.connect(clear_session)
    for changed in (password_changed, password_reset, change_email_confirmed):
        changed.connect(end_other_sessions)


def reset_session(_app: Flask, **_facts: Any) -> None:
    """Remove older session contents at sign-in, including the CSRF token, because an attacker may have planted them."""
    for key in browser_session.keys() - SIGN_IN_KEYS:
        del browser_session[key]
    g.pop("csrf_token", None)
    # Generated now, so that two tabs opened at once do not each generate a token and overwrite the other's.
    generate_csrf()


def release_cases(_app: Flask, user: Account, **_facts: Any) -> None:
    """Let other reviewers take the cases of somebody who signs out."""
    if user.is_authenticated and user.actor.reviews:
        with transaction.atomic() as writing:
            release_cases_of(writing, user.id)


def clear_session(_app: Flask, **_facts: Any) -> None:
    """Clear the session at sign-out, which deletes its row and its cookie."""
    browser_session.clear()


def end_other_sessions(_app: Flask, user: Account, **_facts: Any) -> None:
    """End all sessions of an account whose password or address changed, except that of this browser."""
    end_sessions(transaction.session(), user.id, keep=current_session_id(user.id))


def current_session_id(account_id: int) -> int | None:
    """Return the id of this browser's stored session, if the account is signed in here."""
    who = account()
    stored = getattr(browser_session, "stored", None)
    return stored.id if stored is not None and who is not None and who.id == account_id else None
