"""Loads the public listings of a list page as plain columns, in two statements for any number of listings."""

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.queries import displayed_attestation_id
from directory.attestations.tables import Attestation
from directory.badges.listing_standing import ANSWER_CACHE_SIZE, AttestationRow, CurrentStanding, current_standing
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import InspectionSummary
from directory.evidence.tables import Inspection
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location


class PublicLocation(SimpleNamespace):
    """A practice address of a listing, with these attributes and every other location field that is in the API."""

    line1: str
    city: str
    state: str
    phone: str
    lat: float | None
    lon: float | None


class PublicListing(SimpleNamespace):
    """A published listing at one of its locations, with its current standing.

    It has these attributes and every other listing field that is in the API.
    """

    slug: str
    name: str
    credential: str
    practice: str
    other_name: str
    phone: str
    last_confirmed: date | None
    location: PublicLocation
    today: CurrentStanding


def public_listings(
    session: Session, places: Mapping[int, int], *, rulesets: Rulesets, now: datetime
) -> dict[int, PublicListing]:
    """Load published listings by id; `places` maps listing ids to the ids of the locations to show.

    Listings that were just withdrawn, and locations that were just removed, are left out.
    """
    rows = session.connection().execute(_SELECT_LISTINGS, {"locations": list(places.values())}).all()
    seen = _load_inspections(session, [attestation for _, attestation, *_ in rows if attestation is not None])
    return {
        listing: _public_listing(
            columns, current_standing(_attestation_row(columns), rulesets, now, seen.get(attestation))
        )
        for listing, attestation, *columns in rows
    }


_LISTINGS, _LOCATIONS, _ATTESTATIONS, _INSPECTIONS = (
    cast("sa.Table", table.__table__) for table in (Listing, Location, Attestation, Inspection)
)
_LISTING_COLUMNS = tuple(
    each.name for each in LISTING_FIELDS if each.api_name or each.name in PublicListing.__annotations__
)
_LOCATION_COLUMNS = tuple(
    each.name for each in LOCATION_FIELDS if each.api_name or each.name in PublicLocation.__annotations__
)
_ATTESTATION_COLUMNS = ("state", "updated_at", "ruleset_id", "signer_name", "signer_role", "signed_at", "valid_until")
_ANSWER_COLUMNS = ("answers", "details")
_LOCATION_START, _ATTESTATION_START = len(_LISTING_COLUMNS), len(_LISTING_COLUMNS) + len(_LOCATION_COLUMNS)
"""Where in a row, after the two ids, the place and what was signed begin."""


def _column(table: sa.Table, name: str) -> sa.ColumnElement[Any]:
    """A column to select; JSON columns as unparsed text, so that equal texts are parsed once."""
    column = table.c[name]
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


# Built once and on tables instead of ORM objects, which takes a quarter of the time.
_SELECT_LISTINGS = (
    sa.select(
        _LISTINGS.c.id,
        _ATTESTATIONS.c.id,
        *(_column(_LISTINGS, name) for name in _LISTING_COLUMNS),
        *(_column(_LOCATIONS, name) for name in _LOCATION_COLUMNS),
        *(_ATTESTATIONS.c[name] for name in _ATTESTATION_COLUMNS),
        # As unparsed text, so that equal answers are parsed and graded once.
        *(sa.cast(_ATTESTATIONS.c[name], sa.Text) for name in _ANSWER_COLUMNS),
    )
    .join_from(_LISTINGS, _LOCATIONS, _LOCATIONS.c.listing_id == _LISTINGS.c.id)
    .outerjoin(_ATTESTATIONS, _ATTESTATIONS.c.id == displayed_attestation_id(_LISTINGS.c.id))
    .where(
        _LISTINGS.c.state == ListingState.PUBLISHED,
        _LOCATIONS.c.id.in_(sa.bindparam("locations", expanding=True)),
    )
)
_SELECT_INSPECTIONS = sa.select(
    _INSPECTIONS.c.attestation_id, _INSPECTIONS.c.criterion, _INSPECTIONS.c.what, _INSPECTIONS.c.at
).where(_INSPECTIONS.c.attestation_id.in_(sa.bindparam("attestations", expanding=True)))


def _load_inspections(session: Session, attestations: Sequence[int]) -> Mapping[int, Mapping[str, InspectionSummary]]:
    found: dict[int, dict[str, InspectionSummary]] = {}
    if attestations:
        for attestation, criterion, what, at in session.connection().execute(
            _SELECT_INSPECTIONS, {"attestations": attestations}
        ):
            found.setdefault(attestation, {})[criterion] = InspectionSummary(what, at)
    return found


def _public_listing(columns: Sequence[Any], today: CurrentStanding) -> PublicListing:
    place = PublicLocation(**_values(_LOCATIONS, _LOCATION_COLUMNS, columns[_LOCATION_START:_ATTESTATION_START]))
    return PublicListing(**_values(_LISTINGS, _LISTING_COLUMNS, columns[:_LOCATION_START]), location=place, today=today)


def _values(table: sa.Table, names: Sequence[str], columns: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(names, columns, strict=True))
    return values | {name: _load_json(values[name]) for name in names if isinstance(table.c[name].type, sa.JSON)}


def _attestation_row(columns: Sequence[Any]) -> AttestationRow | None:
    return AttestationRow(*columns[_ATTESTATION_START:]) if columns[_ATTESTATION_START] is not None else None


@functools.lru_cache(maxsize=ANSWER_CACHE_SIZE)
def _load_json(stored: str) -> Any:
    return json.loads(stored)
