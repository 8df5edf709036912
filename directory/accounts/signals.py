"""What follows from the changes that Flask-Security makes to accounts: roles, events and email."""

from typing import Any

from flask import Flask
from flask_security import (
    password_changed,
    password_reset,
    user_authenticated,
    user_confirmed,
    user_registered,
)
from flask_security.proxies import _security
from flask_security.signals import change_email_confirmed

from directory.accounts.commands import find_or_create_role
from directory.accounts.datastore import datastore_session
from directory.accounts.events import Event, record_event
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.outbox.queue import enqueue_email
from directory.outbox.unsubscribe import follow_address


def connect() -> None:
    """Connect the signals; connecting twice has no further effect."""
    user_registered.connect(_complete_registration)
    user_confirmed.connect(_record_confirmation)
    user_authenticated.connect(_record_sign_in)
    password_reset.connect(_record_password_reset)
    password_changed.connect(_record_password_change)
    change_email_confirmed.connect(_announce_email_change)


def _complete_registration(_app: Flask, user: Account, **_facts: Any) -> None:
    """Make a new account a provider's. It is not an event yet: it is deleted if nobody confirms its address."""
    user.roles = [find_or_create_role(datastore_session(), Role.PROVIDER)]
    user.created_at = _security.datetime_factory()


def _record_sign_in(_app: Flask, user: Account, **_facts: Any) -> None:
    """Store when somebody last signed in; the library commits it."""
    user.signed_in_at = _security.datetime_factory()


def _record_confirmation(_app: Flask, user: Account, **_facts: Any) -> None:
    _record(user, Event.CONFIRM)


def _record_password_reset(_app: Flask, user: Account, **_facts: Any) -> None:
    _record(user, Event.RESET_PASSWORD)


def _record_password_change(_app: Flask, user: Account, **_facts: Any) -> None:
    _record(user, Event.CHANGE_PASSWORD)


def _announce_email_change(_app: Flask, user: Account, old_email: str, **_facts: Any) -> None:
    """Tell both addresses, so that the owner of the old one learns of a change that somebody else made."""
    session, now = datastore_session(), _security.datetime_factory()
    for address in (old_email, user.email):
        enqueue_email(session, "email_changed", to=address, now=now, recipient=user.name, old=old_email, new=user.email)
    follow_address(session, old_email, user.email)
    _record(user, Event.CHANGE_EMAIL)


def _record(user: Account, event: Event) -> None:
    record_event(datastore_session(), user, event, by=user.id, now=_security.datetime_factory())
