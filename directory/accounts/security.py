"""Flask-Security as this product sets it up, with the weak spots of its defaults mended."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemySessionUserDatastore, hash_password
from sqlalchemy.orm import scoped_session

from directory.accounts.tables import Account, AccountRole

MIN_PASSWORD_LENGTH = 15
"""Characters, NIST SP 800-63B-4 for a password that stands alone."""

MIN_ZXCVBN_SCORE = 3
"""Of 4: refuses common passwords, keyboard runs and repeats without rules about kinds of characters."""

IDLE = timedelta(hours=12)
"""How long a session lives without a request; arbitrary, a working day."""

_SETTINGS = {
    "SECURITY_URL_PREFIX": "/signin",
    "SECURITY_LOGIN_URL": "/login",
    "SECURITY_LOGOUT_URL": "/logout",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/signin/arrived",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_LOGIN_USER_TEMPLATE": "signin/login.html",
    "SECURITY_VERIFY_TEMPLATE": "signin/verify.html",
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_PASSWORD_LENGTH_MIN": MIN_PASSWORD_LENGTH,
    "SECURITY_PASSWORD_COMPLEXITY_CHECKER": "zxcvbn",
    "SECURITY_ZXCVBN_MINIMUM_SCORE": MIN_ZXCVBN_SCORE,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_FRESHNESS": timedelta(minutes=15),
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=5),
    "SECURITY_FLASH_MESSAGES": False,
}


def attach(app: Flask, session: "scoped_session[Any]", *, salt: str, secure: bool, pages: bool) -> None:
    """Set Flask-Security up on `app`.

    Args:
        app: an application that already has its database and secret key.
        session: where accounts are stored.
        salt: the pepper of all password hashes.
        secure: whether the site is served over https, which binds the cookie to its host.
        pages: whether to serve its pages; commands need only the hashing.
    """
    app.config.update(
        _SETTINGS,
        SECURITY_PASSWORD_SALT=salt,
        SESSION_COOKIE_NAME="__Host-bma" if secure else "bma",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=IDLE,
    )
    Security(app, SQLAlchemySessionUserDatastore(session, Account, AccountRole), register_blueprint=pages)


def hashed(password: str) -> str:
    """The hash to store; needs an application that `attach` was called on."""
    return str(hash_password(password))
