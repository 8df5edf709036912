"""The configuration of Flask-Security, with stricter defaults."""

from datetime import timedelta
from typing import Any

from flask import Flask, Request
from flask_security import LoginForm, Security, SQLAlchemySessionUserDatastore, hash_password
from flask_security.forms import EmailValidation, RequiredLocalize
from sqlalchemy.orm import scoped_session
from wtforms import EmailField, PasswordField, SubmitField

from directory.accounts import passkeys, second_factor
from directory.accounts.passwords import LongPasswordUtil
from directory.accounts.tables import Account, AccountRole, Passkey

MIN_PASSWORD_LENGTH = 15
"""Characters; NIST SP 800-63B-4 requires this for a password that is the only factor."""

MIN_ZXCVBN_SCORE = 3
"""Out of 4: rejects common passwords, keyboard runs and repeats, without rules about kinds of characters."""

SIGN_IN_FAILED_MESSAGE = "This email address and password do not belong together, or the account is not open."
"""The same message for every failed sign-in, so that it does not reveal who has an account."""

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
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (SIGN_IN_FAILED_MESSAGE, "error"),
}


class SignInForm(LoginForm):
    """Flask-Security's form with our labels and without “remember me”: a sign-in ends with the browser's session."""

    email = EmailField(
        "Email address",
        validators=[RequiredLocalize(message="EMAIL_NOT_PROVIDED"), EmailValidation(verify=False)],
        filters=[lambda typed: typed.strip() if typed else typed],
    )
    password = PasswordField("Password", validators=[RequiredLocalize(message="PASSWORD_NOT_PROVIDED")])
    submit = SubmitField("Sign in")
    remember = None


def init_app(
    app: Flask,
    session: "scoped_session[Any]",
    *,
    salt: str,
    secure: bool,
    pages: bool,
    second_factor_key: str = "",
    operator_name: str = "",
) -> None:
    """Set up Flask-Security on `app`.

    Args:
        app: an application that already has its database and secret key.
        session: the session registry for accounts.
        salt: the pepper of all password hashes.
        secure: whether the site is served over https; the cookie is then bound to its host.
        pages: whether to register the sign-in pages; commands need only the hashing.
        second_factor_key: the secret that encrypts second factors; only for the sign-in pages.
        operator_name: the name under which authenticator apps and browsers store an account; only for the pages.
    """
    if pages:
        app.config.update(second_factor.settings(second_factor_key, operator_name), **passkeys.settings(operator_name))
    app.config.update(_SETTINGS, SECURITY_PASSWORD_SALT=salt, **_cookie_settings(secure=secure))
    Security(
        app,
        SQLAlchemySessionUserDatastore(session, Account, AccountRole, Passkey),
        register_blueprint=pages,
        password_util_cls=LongPasswordUtil,
        login_form=SignInForm,
        **second_factor.CLASSES,
        **passkeys.CLASSES,
    )
    # Otherwise a token in a header, a body or a URL would also sign in, bypassing every form and rate limit.
    app.login_manager.request_loader(_no_account)  # type: ignore[attr-defined]  # set by Flask-Login


def _cookie_settings(*, secure: bool) -> dict[str, Any]:
    """Return the settings of the session cookie."""
    return {
        "SESSION_COOKIE_NAME": "__Host-bma" if secure else "bma",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
    }


def _no_account(_request: Request) -> None:
    """Return None: a request without a session cookie is anonymous."""


def make_password_hash(password: str) -> str:
    """Return the hash to store; needs an application on which `init_app` was called."""
    return str(hash_password(password))
