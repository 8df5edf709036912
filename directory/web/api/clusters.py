"""Map clusters for an area, and the listings of a cluster that the map cannot split."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy.orm import Session

from directory.attestations.queries import accepted_attestations
from directory.badges.listing_standing import current_standing
from directory.certification.ruleset import Rulesets
from directory.errors import Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.geography.box import Box
from directory.geography.point import Point, miles_between
from directory.listings.placement_fields import COORDINATE_DIGITS
from directory.listings.queries import published_listings
from directory.listings.tables import Listing
from directory.search.clusters import Cluster
from directory.search.index import SearchIndex
from directory.search.query import MAX_PER_PAGE, MIN_MILES, SearchQuery
from directory.web.api.documents import Document
from directory.web.api.responses import resolve_place
from directory.web.api.viewport import Viewport, enclosing_circle
from directory.web.support.search_form import SearchForm

BOX_DIGITS = 6
"""Decimal digits of degrees, about 0.1 m; boxes are rounded outwards so that they still contain their members."""
_SCALE = 10.0**BOX_DIGITS

SPREAD_RATIO = 0.25
"""Fraction of the diagonal of a cluster's square; about half of its members lie within this distance of its center."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a map counts: listings that match the filters of `query`, within the circle around its origin if any."""

    form: SearchForm
    query: SearchQuery
    has_place: bool

    @property
    def origin(self) -> Point | None:
        """The center of the circle, or None."""
        return self.query.origin if self.has_place else None

    def holds(self, point: Point) -> bool:
        """Return whether a point lies in the circle; always true without a circle."""
        miles = self.query.within_miles
        return self.origin is None or miles is None or miles_between(self.origin, point) <= miles

    def kept(self) -> dict[str, str]:
        """Return the URL parameters of this scope."""
        return self.form.kept() if self.has_place else self.form.sent


def parse_scope(form: SearchForm, gazetteer: Gazetteer) -> Scope:
    """Parse the filters and the circle from the request parameters.

    Raises:
        Invalid: names each invalid parameter.
        UnresolvedPlace: the place is ambiguous or unknown.
    """
    place = resolve_place(form, gazetteer)
    query = form.query(place.point if place else Point(0.0, 0.0))
    if query is None:
        raise Invalid(form.faults())
    return Scope(form, query, has_place=place is not None)


def clusters_document(
    session: Session, index: SearchIndex, asked: Viewport, scope: Scope, *, gazetteer: Gazetteer, now: datetime
) -> Document:
    """Return the clusters in view, each with a name; runs one query besides the index's, for any number of clusters."""
    found = index.clusters(
        session,
        scope.query.filters,
        asked.box,
        asked.zoom,
        now=now,
        origin=scope.origin,
        within_miles=scope.query.within_miles if scope.has_place else None,
    )
    ids = [one.listing_id for one in found if one.listing_id is not None]
    listings = published_listings(session, ids) if ids else {}
    # A listing that is no longer public is left out.
    shown = [one for one in found if one.listing_id is None or one.listing_id in listings]
    return {
        "clusters": [
            _cluster_document(one, gazetteer)
            if one.listing_id is None
            else _listing_document(one, listings[one.listing_id])
            for one in shown
        ]
    }


def members_document(
    session: Session, index: SearchIndex, box: Box, scope: Scope, *, rulesets: Rulesets, now: datetime
) -> Document:
    """Return one page of the listings in a cluster's box, nearest to its center first.

    Raises:
        Invalid: the box is too wide for a list.
    """
    middle, reach = enclosing_circle(box)
    asked = replace(scope.query, origin=middle, within_miles=max(reach, float(MIN_MILES)), per_page=MAX_PER_PAGE)
    found = index.find(session, asked, now=now, facets=False)
    ids = [hit.listing_id for hit in found.hits if hit.miles is not None and hit.miles <= reach]
    listings, badges = published_listings(session, ids), _listings_with_badge(session, ids, rulesets, now)
    near = (listings[listing_id] for listing_id in ids if listing_id in listings)
    inside = ((listing, place) for listing in near if (place := _point_in(box, scope, listing)))
    return {
        "providers": [_member_document(listing, place, badge=listing.id in badges) for listing, place in inside],
        "next": _next_url(box, scope, asked) if found.has_next and len(ids) == len(found.hits) else None,
    }


def _cluster_document(found: Cluster, gazetteer: Gazetteer) -> Document:
    diagonal = miles_between(Point(found.south, found.west), Point(found.north, found.east))
    town = gazetteer.town_near(Point(found.lat, found.lon), diagonal * SPREAD_RATIO)
    near = f" near {town.label}" if town else ""
    number = f"{found.count:,} provider{'' if found.count == 1 else 's'}"
    return _document(found, f"{number}{near}", place=town.label if town else None)


def _listing_document(found: Cluster, listing: Listing) -> Document:
    return _document(found, listing.name, slug=listing.slug, badge=found.badge_count > 0)


def _member_document(listing: Listing, place: Point, *, badge: bool) -> Document:
    lat, lon = round(place.lat, COORDINATE_DIGITS), round(place.lon, COORDINATE_DIGITS)
    return {"slug": listing.slug, "name": listing.name, "badge": badge, "lat": lat, "lon": lon}


def _listings_with_badge(session: Session, ids: Sequence[int], rulesets: Rulesets, now: datetime) -> set[int]:
    """Return the ids of those listings that currently show a badge."""
    signed = accepted_attestations(session, ids)
    return {listing_id for listing_id, row in signed.items() if current_standing(row, rulesets, now).badge}


def _document(
    found: Cluster, name: str, *, place: str | None = None, slug: str | None = None, badge: bool | None = None
) -> Document:
    return {
        "lat": round(found.lat, COORDINATE_DIGITS),
        "lon": round(found.lon, COORDINATE_DIGITS),
        "count": found.count,
        "badge_count": found.badge_count,
        "complete": True,
        "name": name,
        "place": place,
        "bbox": [_round_down(found.west), _round_down(found.south), _round_up(found.east), _round_up(found.north)],
        "slug": slug,
        "badge": badge,
    }


def _next_url(box: Box, scope: Scope, asked: SearchQuery) -> str:
    corners = ",".join(f"{degrees:.{BOX_DIGITS}f}" for degrees in (box.west, box.south, box.east, box.north))
    parameters = {"bbox": corners, **scope.kept(), "page": asked.page + 1}
    return f"{url_for('api.members')}?{urlencode(parameters, safe=',')}"


def _point_in(box: Box, scope: Scope, listing: Listing) -> Point | None:
    """Return the first location of a listing that lies in both the box and the circle."""
    placed = (Point(row.lat, row.lon) for row in listing.locations if row.lat is not None and row.lon is not None)
    return next((place for place in placed if box.holds(place) and scope.holds(place)), None)


def _round_down(degrees: float) -> float:
    return math.floor(degrees * _SCALE) / _SCALE


def _round_up(degrees: float) -> float:
    return math.ceil(degrees * _SCALE) / _SCALE
