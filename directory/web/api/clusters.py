"""The groups that a map shows of a part of the country, and who is in a group that no map can split."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy.orm import Session

from directory.attestations.queries import accepted
from directory.badges.standings import today
from directory.certification.ruleset import Rulesets
from directory.errors import Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.geography.box import Box
from directory.geography.point import Point, miles_between
from directory.listings.queries import published_listings
from directory.listings.tables import Listing
from directory.search import index
from directory.search.clusters import Cluster
from directory.search.clusters import clusters as clusters_in
from directory.search.query import MAX_PER_PAGE, MIN_MILES, Filters, SearchQuery
from directory.web.api.documents import COORDINATE_DIGITS, Document
from directory.web.api.viewing import View, circle_about
from directory.web.support.searching import FilterForm

BOX_DIGITS = 6
"""About a tenth of a metre; boxes are rounded outwards, so that they still hold who is in them."""
_STEPS = 10.0**BOX_DIGITS

SPREAD_SHARE = 0.25
"""Of the diagonal of a group's square: half of a square's members lie about so far from its middle."""


def filters(form: FilterForm) -> Filters:
    """What else must be true of who is shown.

    Raises:
        Invalid: names each parameter that breaks a limit.
    """
    return _query(form, Point(0.0, 0.0)).filters


def groups(
    session: Session, asked: View, wanted: Filters, *, gazetteer: Gazetteer, rulesets: Rulesets, now: datetime
) -> Document:
    """The groups in view, each with a name; three statements beside the index's, however many there are."""
    found = clusters_in(session, wanted, asked.box, asked.zoom, now=now)
    ids = [one.listing_id for one in found if one.listing_id is not None]
    listings = published_listings(session, ids) if ids else {}
    badges = _badges(session, ids, rulesets, now) if ids else set()
    # What ceased to be public in this moment is left out.
    shown = [one for one in found if one.listing_id is None or one.listing_id in listings]
    return {
        "clusters": [
            _group(one, gazetteer) if one.listing_id is None else _alone(one, listings[one.listing_id], badges)
            for one in shown
        ]
    }


def members(session: Session, box: Box, form: FilterForm, *, rulesets: Rulesets, now: datetime) -> Document:
    """Who is in the box of a group, from its middle outwards, one page.

    Raises:
        Invalid: the box is too wide for a list, or another parameter breaks a limit.
    """
    middle, reach = circle_about(box)
    asked = replace(_query(form, middle), within_miles=max(reach, float(MIN_MILES)), per_page=MAX_PER_PAGE)
    found = index.find(session, asked, now=now)
    ids = [hit.listing_id for hit in found.hits if hit.miles <= reach]
    listings, badges = published_listings(session, ids), _badges(session, ids, rulesets, now)
    near = (listings[listing_id] for listing_id in ids if listing_id in listings)
    inside = ((listing, place) for listing in near if (place := _place_in(box, listing)))
    return {
        "providers": [_member(listing, place, badge=listing.id in badges) for listing, place in inside],
        "next": _next(box, form, asked) if found.has_next and len(ids) == len(found.hits) else None,
    }


def _group(found: Cluster, gazetteer: Gazetteer) -> Document:
    diagonal = miles_between(Point(found.south, found.west), Point(found.north, found.east))
    town = gazetteer.town_near(Point(found.lat, found.lon), diagonal * SPREAD_SHARE)
    near = f" near {town.label}" if town else ""
    number = f"{found.count:,}" if found.complete else f"At least {found.count:,}"
    several = f"{number} provider{'' if found.count == 1 else 's'}"
    return _document(found, f"{several}{near}", place=town.label if town else None)


def _alone(found: Cluster, listing: Listing, badges: set[int]) -> Document:
    return _document(found, listing.name, slug=listing.slug, badge=listing.id in badges)


def _member(listing: Listing, place: Point, *, badge: bool) -> Document:
    lat, lon = round(place.lat, COORDINATE_DIGITS), round(place.lon, COORDINATE_DIGITS)
    return {"slug": listing.slug, "name": listing.name, "badge": badge, "lat": lat, "lon": lon}


def _badges(session: Session, ids: Sequence[int], rulesets: Rulesets, now: datetime) -> set[int]:
    """The listings of these whose badge shows."""
    signed = accepted(session, ids)
    return {listing_id for listing_id, row in signed.items() if today(row, rulesets, now).badge}


def _document(
    found: Cluster, name: str, *, place: str | None = None, slug: str | None = None, badge: bool | None = None
) -> Document:
    return {
        "lat": round(found.lat, COORDINATE_DIGITS),
        "lon": round(found.lon, COORDINATE_DIGITS),
        "count": found.count,
        "complete": found.complete,
        "name": name,
        "place": place,
        "bbox": [_down(found.west), _down(found.south), _up(found.east), _up(found.north)],
        "slug": slug,
        "badge": badge,
    }


def _query(form: FilterForm, origin: Point) -> SearchQuery:
    query = form.query(origin) if form.validate() else None
    if query is None:
        raise Invalid(form.faults())
    return query


def _next(box: Box, form: FilterForm, asked: SearchQuery) -> str:
    kept = {name: value for name, value in form.kept().items() if name != "within"}
    corners = ",".join(f"{degrees:.{BOX_DIGITS}f}" for degrees in (box.west, box.south, box.east, box.north))
    parameters = {"bbox": corners, **kept, "page": asked.page + 1}
    return f"{url_for('api.members')}?{urlencode(parameters, safe=',')}"


def _place_in(box: Box, listing: Listing) -> Point | None:
    """The first of its places that lies in the box."""
    placed = (Point(row.lat, row.lon) for row in listing.locations if row.lat is not None and row.lon is not None)
    return next((place for place in placed if box.holds(place)), None)


def _down(degrees: float) -> float:
    return math.floor(degrees * _STEPS) / _STEPS


def _up(degrees: float) -> float:
    return math.ceil(degrees * _STEPS) / _STEPS
