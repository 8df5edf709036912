"""What views need from the current request: the services, the signed-in account and the current time."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g
from flask_security import current_user
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.accounts.policy import Actor
from directory.accounts.tables import Account
from directory.certification.ruleset import Rulesets
from directory.claims.domain_lookup import DomainLookup
from directory.config import Settings
from directory.errors import NotAllowed
from directory.geocoding.gazetteer import Gazetteer
from directory.search.index import SearchIndex

EXTENSION = "directory"


@dataclass(frozen=True, slots=True)
class Services:
    """Services opened once at startup and shared by all requests of a worker.

    `domain_lookup` is None if the operator allows no outgoing requests.
    """

    settings: Settings
    rulesets: Rulesets
    gazetteer: Gazetteer
    index: SearchIndex
    domain_lookup: DomainLookup | None


def services() -> Services:
    """Return the services of the current application."""
    return cast(Services, current_app.extensions[EXTENSION])


def session() -> Session:
    """Return this request's database session, for reading; writes use `transaction.atomic()`."""
    return transaction.session()


def now() -> datetime:
    """Return the current time, fixed for the whole request so that a page is consistent."""
    if "now" not in g:
        g.now = clock.now()
    return cast(datetime, g.now)


def account() -> Account | None:
    """Return the signed-in account, or None. It reads the session cookie, so public pages must not call it."""
    return cast(Account, current_user) if current_user.is_authenticated else None


def actor() -> Actor:
    """Return the signed-in account as an actor for the access policy; for views of restricted blueprints.

    Raises:
        NotAllowed: nobody is signed in.
    """
    who = account()
    if who is None:
        raise NotAllowed("Please sign in first.")
    return who.actor
