"""A town full of providers around one ZIP, as every page that lists them needs it."""

import math
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from directory import clock
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.geocoding.gazetteer import Found
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingSource
from support.factories import MATCHING_ANSWERS, make_account, make_address, make_attestation, make_listing, make_place

ZIP = "80021"
PLACE = "Broomfield, CO 80021"
OWNER = "owner@example.com"
CLAIMANT = "claimant@example.com"
"""Claims some of the listings; manages none."""
LISTINGS = 26
"""Enough for a second page; the first is the nearest, each next one lies a mile farther."""

WITH_BADGE = "Example 01"
WITHOUT_BADGE = "Example 02"
NO_ANSWERS = "Example 03"
EXPIRED = "Example 04"
LONG_NAME = "The Rocky Mountain Musculoskeletal and Regenerative Orthopaedic Interventional Institute of Broomfield"
FROM_NPPES = "Example 06"
WITH_WEBSITE = "Example 23"
"""Whose domain proves a claim."""
SAME_ADDRESS = ("Example 07", "Example 08")
"""At one address."""
FARTHEST = "Example 26"

SUBMITTED_LISTING = "Waits Foreword"
SUBMITTED_ANSWERS = "Waits Answering"
FAR_MILES = 60
"""Miles that no search of the journeys reaches."""

MILES_PER_DEGREE = 69.094
"""Of latitude, on the sphere that all distances here are measured on."""
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
"""Between one and the next, so that no two pins lie on each other by accident."""

ULTRASOUND_ANSWERS = {
    **MATCHING_ANSWERS,
    "volume_per_site_ml": 40,
    "imaging_guidance": {"methods": ["ultrasound"], "how_often": "always"},
}


def populate(app: Flask, session: Session, owner: Account | None = None) -> None:
    """List everybody: a third with the badge, a third who match not every rule, a third who said nothing."""
    found = app.extensions["directory"].gazetteer.look_up(ZIP)
    assert isinstance(found, Found)
    owner = owner or make_account(session, Role.PROVIDER, name="Pat Provider", email=OWNER)
    for number in range(1, LISTINGS + 1):
        _add_listing(session, owner, found.place.point, number)
    far = make_address(place=_place(found.place.point, FAR_MILES))
    now = clock.now()
    make_listing(
        session, owner, state=ListingState.SUBMITTED, name=SUBMITTED_LISTING, now=now, addresses=(far, make_address())
    )
    listing = make_listing(session, owner, name=SUBMITTED_ANSWERS, now=now, addresses=(far,))
    make_attestation(session, listing, state=AttestationState.SUBMITTED, answers=ULTRASOUND_ANSWERS, now=now)
    session.commit()


def _place(middle: Point, miles: float) -> Place:
    north, east = miles * math.cos(miles * GOLDEN_ANGLE), miles * math.sin(miles * GOLDEN_ANGLE)
    lat = middle.lat + north / MILES_PER_DEGREE
    lon = middle.lon + east / (MILES_PER_DEGREE * math.cos(math.radians(middle.lat)))
    return make_place(Point(lat, lon), precision=Precision.ADDRESS)


def _add_listing(session: Session, owner: Account, middle: Point, number: int) -> Listing:
    now = clock.now()
    name = LONG_NAME if number == 5 else f"Example {number:02d}"
    address = make_address(place=_place(middle, 7 if name in SAME_ADDRESS else number))
    facts: dict[str, Any] = {"name": name, "addresses": (address,), "now": now}
    if name == LONG_NAME:
        facts |= {"kind": ListingKind.CLINIC, "credential": "", "practice": "", "website": "https://example.org/"}
    if name == WITH_WEBSITE:
        facts |= {"website": "https://practice.example/"}
    if name == FROM_NPPES:
        facts |= {"source": ListingSource.NPPES}
    listing = make_listing(session, owner, **facts)
    if name == EXPIRED:
        make_attestation(session, listing, now=now - timedelta(days=500))
    elif number % 3:
        make_attestation(session, listing, answers=MATCHING_ANSWERS if number % 3 == 1 else ULTRASOUND_ANSWERS, now=now)
    return listing
