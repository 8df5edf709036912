"""The page of second factors, and what happens besides when Flask-Security changes one: audit entry and email."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask import session as browser_session
from flask.blueprints import BlueprintSetupState
from flask_security import tf_disabled, tf_profile_changed, wan_deleted, wan_registered

from directory.accounts import second_factor
from directory.accounts.passkeys import works_on
from directory.accounts.second_factor import RECOVERY_CODES, Change
from directory.accounts.sessions import end_sessions
from directory.accounts.tables import Account, Passkey
from directory.web.support.requests import account, now, session
from directory.web.support.sessions import LazySession


@dataclass(frozen=True, slots=True)
class SecondFactorPage:
    """Data for `signin/second_factor.html`."""

    required: bool
    complete: bool
    app_is_on: bool
    codes_left: int
    codes_made: int
    passkeys: tuple[Passkey, ...]
    passkeys_work: bool

    @property
    def step(self) -> int:
        """The number of the step that is missing, of those that are required."""
        return 2 if self.app_is_on else 1

    @classmethod
    def of(cls, who: Account, *, host: str) -> "SecondFactorPage":
        """Return the page of an account, on a site with this host."""
        return cls(
            required=who.actor.reviews,
            complete=who.has_second_factor,
            app_is_on=bool(who.tf_primary_method and who.tf_totp_secret),
            codes_left=len(who.mf_recovery_codes or ()),
            codes_made=RECOVERY_CODES,
            passkeys=tuple(who.webauthn),
            passkeys_work=works_on(host),
        )


def connect_signals(state: BlueprintSetupState) -> None:
    """Connect Flask-Security's signals, and give its pages what ours have; connecting twice has no further effect."""
    tf_profile_changed.connect(_app_turned_on)
    tf_disabled.connect(_app_turned_off)
    wan_registered.connect(_passkey_added)
    wan_deleted.connect(_passkey_removed)
    state.app.extensions["security"].context_processor(page_context)


def page_context() -> dict[str, Any]:
    """Return what every page of sign-in knows: who is signed in, and whether passkeys work."""
    who = account()
    return {"actor": who.actor if who else None, "passkeys_work": works_on(request.host)}


def _app_turned_on(_app: Flask, *, user: Account, **_more: Any) -> None:
    _record(user, Change.APP_ON)
    # Other browsers signed in with the password alone.
    stored = browser_session.stored if isinstance(browser_session, LazySession) else None
    end_sessions(session(), user.id, keep=stored.id if stored else None)


def _app_turned_off(_app: Flask, *, user: Account, **_more: Any) -> None:
    second_factor.turn_off(session(), user, by=user.id, now=now())


def _passkey_added(_app: Flask, *, user: Account, **_more: Any) -> None:
    _record(user, Change.PASSKEY_ADDED)


def _passkey_removed(_app: Flask, *, user: Account, **_more: Any) -> None:
    _record(user, Change.PASSKEY_REMOVED)


def _record(user: Account, change: Change) -> None:
    second_factor.record_change(session(), user, change, by=user.id, now=now())
