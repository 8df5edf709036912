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
from directory.config import Settings
from directory.errors import NotAllowed
from directory.geocoding.gazetteer import Gazetteer
from directory.search.index import SearchIndex

EXTENSION = "directory"


@dataclass(frozen=True, slots=True)
class Services:
    """What is opened once, at start, and shared by all requests of a worker."""

    settings: Settings
    rulesets: Rulesets
    gazetteer: Gazetteer
    index: SearchIndex


def services() -> Services:
    """The services of this application."""
    return cast(Services, current_app.extensions[EXTENSION])


def session() -> Session:
    """The session of this request, for reading; writes go through `transaction.writing()`."""
    return transaction.session()


def now() -> datetime:
    """One moment for the whole request, so that a page cannot disagree with itself."""
    if "now" not in g:
        g.now = clock.now()
    return cast(datetime, g.now)


def account() -> Account | None:
    """Whoever is signed in, or None. Reads the session's cookie: public pages never call it."""
    return cast(Account, current_user) if current_user.is_authenticated else None


def actor() -> Actor:
    """Whoever is signed in, as the policy sees them; for views behind a guard.

    Raises:
        NotAllowed: nobody is signed in.
    """
    who = account()
    if who is None:
        raise NotAllowed("Please sign in first.")
    return who.actor
