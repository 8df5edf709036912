"""The configuration of Flask-Security, with stricter defaults."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Request, render_template
from flask_security import Security, SQLAlchemySessionUserDatastore
from sqlalchemy.orm import scoped_session

from directory import clock
from directory.accounts import forms, passkeys, second_factor, signals
from directory.accounts.forms import MIN_PASSWORD_LENGTH
from directory.accounts.mail import BASE_URL_SETTING, TEMPLATE_SETTINGS, OutboxMailUtil
from directory.accounts.messages import MESSAGE_SETTINGS
from directory.accounts.passwords import LongPasswordUtil
from directory.accounts.tables import Account, AccountRole, Passkey

MIN_ZXCVBN_SCORE = 3
"""Out of 4: rejects common passwords, keyboard runs and repeats, without rules about kinds of characters."""

_SETTINGS = {
    "SECURITY_URL_PREFIX": "/signin",
    "SECURITY_LOGIN_URL": "/login",
    "SECURITY_LOGOUT_URL": "/logout",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/signin/arrived",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_LOGIN_USER_TEMPLATE": "signin/login.html",
    "SECURITY_VERIFY_TEMPLATE": "signin/verify.html",
    "SECURITY_POST_VERIFY_VIEW": "/account/",
    "SECURITY_REGISTERABLE": True,
    "SECURITY_REGISTER_USER_TEMPLATE": "signin/register.html",
    "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
    "SECURITY_CONFIRMABLE": True,
    "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=2),
    "SECURITY_SEND_CONFIRMATION_TEMPLATE": "signin/resend.html",
    "SECURITY_RECOVERABLE": True,
    "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=1),
    "SECURITY_FORGOT_PASSWORD_TEMPLATE": "signin/forgot.html",
    "SECURITY_RESET_PASSWORD_TEMPLATE": "signin/reset.html",
    "SECURITY_CHANGEABLE": True,
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "signin/change.html",
    "SECURITY_POST_CHANGE_VIEW": "/account/",
    "SECURITY_CHANGE_EMAIL": True,
    "SECURITY_CHANGE_EMAIL_WITHIN": timedelta(hours=2),
    "SECURITY_CHANGE_EMAIL_TEMPLATE": "signin/change_email.html",
    "SECURITY_POST_CHANGE_EMAIL_VIEW": "/account/",
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_PASSWORD_LENGTH_MIN": MIN_PASSWORD_LENGTH,
    "SECURITY_PASSWORD_COMPLEXITY_CHECKER": "zxcvbn",
    "SECURITY_ZXCVBN_MINIMUM_SCORE": MIN_ZXCVBN_SCORE,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_FRESHNESS": timedelta(minutes=15),
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=5),
    "SECURITY_DATETIME_FACTORY": clock.now,
    # It would ask a server on the internet about every new password.
    "SECURITY_PASSWORD_CHECK_BREACHED": False,
    "SECURITY_API_ENABLED_METHODS": ["session"],
    **TEMPLATE_SETTINGS,
    **MESSAGE_SETTINGS,
}

_CLASSES: dict[str, Any] = {
    "login_form": forms.SignInForm,
    "verify_form": forms.ConfirmIdentityForm,
    "register_form": forms.RegistrationForm,
    "send_confirmation_form": forms.ResendForm,
    "forgot_password_form": forms.ForgottenPasswordForm,
    "reset_password_form": forms.NewPasswordForm,
    "change_password_form": forms.PasswordChangeForm,
    "change_email_form": forms.EmailChangeForm,
    "mail_util_cls": OutboxMailUtil,
    "password_util_cls": LongPasswordUtil,
}


def init_app(
    app: Flask,
    session: "scoped_session[Any]",
    *,
    salt: str,
    base_url: str,
    pages: bool,
    second_factor_key: str = "",
    operator_name: str = "",
    render: Callable[..., Any] = render_template,
) -> None:
    """Set up Flask-Security on `app`.

    Args:
        app: an application that already has its database and secret key.
        session: the session registry for accounts.
        salt: the pepper of all password hashes.
        base_url: where the site is served; links in email begin with it. Over https, the cookie is bound to its host.
        pages: whether to register the sign-in pages; commands need only the hashing.
        second_factor_key: the secret that encrypts second factors; only for the sign-in pages.
        operator_name: the name under which authenticator apps and browsers store an account; only for the pages.
        render: renders the library's pages.
    """
    if pages:
        app.config.update(second_factor.settings(second_factor_key, operator_name), **passkeys.settings(operator_name))
    app.config.update(
        {**_SETTINGS, BASE_URL_SETTING: base_url},
        SECURITY_PASSWORD_SALT=salt,
        **_cookie_settings(secure=base_url.startswith("https://")),
    )
    accounts = SQLAlchemySessionUserDatastore(session, Account, AccountRole, Passkey)
    classes = {**_CLASSES, **second_factor.CLASSES, **passkeys.CLASSES}
    Security(app, accounts, register_blueprint=pages, render_template=render, **classes)
    signals.connect()
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
