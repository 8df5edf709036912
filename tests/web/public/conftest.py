"""The fixtures of the patients' pages: providers listed so many miles from a ZIP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import databases
from support.factories import make_address, make_attestation, make_listing, make_place
from support.two_rulesets import both_versions_from

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.config import Settings
from directory.geocoding.gazetteer import Found
from directory.geography.point import Point
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

ZIP = "80021"
MILES_PER_DEGREE = 69.094
"""Of latitude, on the sphere that all distances here are measured on."""

AddListing = Callable[..., Listing]


@pytest.fixture
def zip_center(app: Flask) -> Point:
    """The point of the ZIP that the tests search around."""
    found = app.extensions["directory"].gazetteer.look_up(ZIP)
    assert isinstance(found, Found)
    return found.place.point


@pytest.fixture
def add_listing(session: Session, provider: Account, zip_center: Point) -> AddListing:
    """Lists a provider so many miles north of the ZIP, with answers (as in JSON) where some are given."""

    def listed(name: str, miles: float = 3.0, *, answers: dict[str, Any] | None = None, **changes: Any) -> Listing:
        place = make_place(Point(zip_center.lat + miles / MILES_PER_DEGREE, zip_center.lon))
        signed_at = changes.pop("signed_at", clock.now())
        facts: dict[str, Any] = {"state": ListingState.PUBLISHED, "addresses": (make_address(place=place),)}
        made = make_listing(session, provider, name=name, **facts | changes)
        if answers is not None:
            make_attestation(session, made, answers=answers, now=signed_at)
        session.commit()
        return made

    return listed


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    """A listing that is published today."""
    made = make_listing(session, provider, now=clock.now())
    session.commit()
    return made


@pytest.fixture
def attestation(session: Session, listing: Listing) -> Attestation:
    """The accepted answers of that listing, signed today, with the badge."""
    made = make_attestation(session, listing, now=clock.now())
    session.commit()
    return made


@pytest.fixture
def two_rulesets() -> Rulesets:
    """The shipped rules and a second version of today, which asks one question more and moves a threshold."""
    return both_versions_from(clock.now().date(), notice=None)


@pytest.fixture
def two_rulesets_client(settings: Settings, two_rulesets: Rulesets) -> Iterator[FlaskClient]:
    """A browser of the same directory after the second version was published."""
    with databases.create_application(settings, two_rulesets) as app:
        app.testing = True
        yield app.test_client()
