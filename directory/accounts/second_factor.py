"""Second factors: codes of an authenticator app and recovery codes, each accepted once, and their reset."""

import base64
import enum
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_security import MfRecoveryCodesUtil, Totp
from flask_security.forms import (
    IsString,
    IsStringOrInt,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
)
from flask_security.proxies import _security
from flask_security.recovery_codes import MfRecoveryForm
from sqlalchemy.orm import Session
from wtforms import RadioField, StringField, SubmitField
from wtforms.validators import InputRequired

from directory import clock
from directory.accounts.datastore import datastore_session
from directory.accounts.events import Event, record_event
from directory.accounts.sessions import end_sessions
from directory.accounts.tables import Account
from directory.audit import commands as audit
from directory.outbox.queue import enqueue_email

RECOVERY_CODES = 10
"""How many recovery codes an account gets at once; arbitrary, one page of a notebook."""

CODE_VALIDITY_SECONDS = 30
"""How far a clock may be off, in seconds; the library's default of 120 accepts codes for over four minutes."""


WRONG_CODE_MESSAGE = "This code is not right, or it was used already. Enter the code that your app shows now."
WRONG_RECOVERY_CODE_MESSAGE = "This is not one of your recovery codes, or it was used already."


class Change(enum.StrEnum):
    """A change of how an account signs in, as the audit log names it."""

    APP_ON = "second_factor_on"
    APP_OFF = "second_factor_off"
    CODES_MADE = "recovery_codes_made"
    CODE_USED = "recovery_code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RESET = "second_factor_reset"


def settings(key: str, operator_name: str) -> dict[str, Any]:
    """Return the settings of Flask-Security for second factors.

    Args:
        key: the installation's secret that encrypts the secrets of authenticator apps and the recovery codes.
        operator_name: the name under which apps and browsers store what belongs to this directory.
    """
    return {
        "SECURITY_DATETIME_FACTORY": clock.now,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": CODE_VALIDITY_SECONDS,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/signin/second-factor",
        "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "signin/authenticator.html",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "signin/code.html",
        "SECURITY_TOTP_SECRETS": {1: _derive(key, "authenticator apps").hex()},
        # An issuer with a colon is refused, because addresses of authenticator apps separate with it.
        "SECURITY_TOTP_ISSUER": operator_name.replace(":", " "),
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(_derive(key, "recovery codes"))],
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "signin/recovery_codes.html",
        "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "signin/recovery_code.html",
        "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": (WRONG_CODE_MESSAGE, "error"),
        "SECURITY_MSG_INVALID_RECOVERY_CODE": (WRONG_RECOVERY_CODE_MESSAGE, "error"),
    }


def _derive(key: str, purpose: str) -> bytes:
    """Return a key of 256 bits for one purpose."""
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()


class SingleUseTotp(Totp):
    """Codes of authenticator apps, each accepted once; the library accepts one as often as it is sent."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the number of the last accepted code, and lock the account until the transaction ends."""
        return _lock_account(datastore_session(), user.id)

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Store the number of the accepted code; the library commits it."""
        user.tf_last_counter = tmatch.counter


class SingleUseRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes, each of which is accepted once, also if it is sent twice at the same time."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """Create new codes, replace the old ones and return the new ones."""
        codes: list[str] = super().create_recovery_codes(user)
        record_change(datastore_session(), user, Change.CODES_MADE, by=user.id, now=_security.datetime_factory())
        return codes

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Return whether the code is one of the account's, and lock the account until the transaction ends."""
        session = datastore_session()
        _lock_account(session, user.id)
        session.refresh(user, ["mf_recovery_codes"])
        return bool(super().check_recovery_code(user, code))

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Delete a code that was used."""
        record_change(datastore_session(), user, Change.CODE_USED, by=user.id, now=_security.datetime_factory())
        return bool(super().delete_recovery_code(user, code))


def _lock_account(session: Session, account_id: int) -> int | None:
    """Lock the row of an account until the transaction ends, and return the number of its last accepted code.

    An update that changes nothing locks in both databases; SQLite ignores SELECT … FOR UPDATE.
    """
    return session.execute(
        sa.update(Account)
        .where(Account.id == account_id)
        .values(tf_last_counter=Account.tf_last_counter)
        .returning(Account.tf_last_counter),
        execution_options={"synchronize_session": False},
    ).scalar_one()


class SetupForm(TwoFactorSetupForm):
    """Flask-Security's form, whose pages of ours have a button for each choice."""

    # The library's field warns about the form of its choices; it checks the value itself.
    setup = StringField("Method", validators=[IsString()])


class CodeForm(TwoFactorVerifyCodeForm):
    """Flask-Security's form, with our label."""

    code = StringField(
        "Code from your app",
        validators=[IsStringOrInt(), InputRequired("Enter the code that your app shows.")],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class RecoveryCodeForm(MfRecoveryForm):
    """Flask-Security's form, which accepts a code as it is typed: with spaces around it and in capital letters."""

    code = StringField(
        "Recovery code",
        validators=[InputRequired("Enter one of your recovery codes.")],
        filters=[lambda typed: str(typed).strip().lower() if typed else typed],
    )
    submit = SubmitField("Sign in")


class NoRescueForm(TwoFactorRescueForm):
    """Flask-Security's form without “Contact Administrator”, which would send an email past the outbox."""

    help_setup = RadioField("No app at hand?", choices=[])


CLASSES: Mapping[str, type[Any]] = {
    "totp_cls": SingleUseTotp,
    "mf_recovery_codes_util_cls": SingleUseRecoveryCodes,
    "two_factor_setup_form": SetupForm,
    "two_factor_verify_code_form": CodeForm,
    "mf_recovery_form": RecoveryCodeForm,
    "two_factor_rescue_form": NoRescueForm,
}
"""Our classes by Flask-Security's name of the class that each replaces."""


def record_change(session: Session, account: Account, change: Change, *, by: int | None, now: datetime) -> None:
    """Write a change into the audit log and tell the owner of the account about it.

    Args:
        session: its transaction contains the change.
        account: the account that signs in another way from now on.
        change: what was changed.
        by: the id of the account that did it; None for an operator on the server.
        now: the current time.
    """
    action, target = f"account.{change.value}", f"account:{account.id}"
    audit.record(session, action=action, target=target, before=None, after=None, by=by, now=now)
    _notify(session, account, change, now=now)


def _notify(session: Session, account: Account, change: Change, *, now: datetime) -> None:
    enqueue_email(
        session, "sign_in_changed", to=account.email, now=now, recipient=account.name, change=change.value, at=now
    )


def turn_off(session: Session, account: Account, *, by: int | None, now: datetime) -> None:
    """Complete what Flask-Security begins when it turns a second factor off: the recovery codes go too."""
    account.tf_last_counter = None
    account.mf_recovery_codes = None
    record_change(session, account, Change.APP_OFF, by=by, now=now)


def reset_second_factor(session: Session, account: Account, *, by: int | None, now: datetime, reason: str = "") -> None:
    """Remove authenticator app, recovery codes and passkeys, and end all sessions, for an owner who lost them."""
    account.tf_primary_method = None
    account.tf_totp_secret = None
    account.tf_last_counter = None
    account.mf_recovery_codes = None
    account.webauthn.clear()
    end_sessions(session, account.id)
    record_event(session, account, Event.SECOND_FACTOR_RESET, by=by, now=now, reason=reason)
    _notify(session, account, Change.RESET, now=now)
    session.flush()
