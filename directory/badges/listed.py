"""The entries of a list as anybody may read them: columns and no objects, in two statements however many there are."""

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.queries import shown_id
from directory.attestations.tables import Attestation
from directory.badges.standings import REMEMBERED, AttestationRow, Today, today
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import Seen
from directory.evidence.tables import Look
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location


class ListedPlace(SimpleNamespace):
    """One practice address of an entry: these attributes, and every other field of a location that is in the API."""

    line1: str
    city: str
    state: str
    phone: str
    lat: float | None
    lon: float | None


class ListedEntry(SimpleNamespace):
    """A public entry at one of its locations, with what its signed answers come to today.

    It has these attributes, and every other field of a listing that is in the API.
    """

    slug: str
    name: str
    credential: str
    practice: str
    phone: str
    last_confirmed: date | None
    location: ListedPlace
    today: Today


def listed(session: Session, places: Mapping[int, int], *, rulesets: Rulesets, now: datetime) -> dict[int, ListedEntry]:
    """Public entries by id, each at the location that `places` names by its id.

    What was withdrawn or moved a moment ago is left out.
    """
    rows = session.connection().execute(_ENTRIES, {"locations": list(places.values())}).all()
    seen = _seen(session, [attestation for _, attestation, *_ in rows if attestation is not None])
    return {
        listing: _entry(columns, today(_attestation(columns), rulesets, now, seen.get(attestation)))
        for listing, attestation, *columns in rows
    }


_LISTINGS, _LOCATIONS, _ATTESTATIONS, _LOOKS = (
    cast("sa.Table", table.__table__) for table in (Listing, Location, Attestation, Look)
)
_ENTRY = tuple(each.name for each in LISTING_FIELDS if each.api_name or each.name in ListedEntry.__annotations__)
_PLACE = tuple(each.name for each in LOCATION_FIELDS if each.api_name or each.name in ListedPlace.__annotations__)
_SIGNED = ("state", "updated_at", "ruleset_id", "signer_name", "signer_role", "signed_at", "valid_until")
_TEXTS = ("answers", "details")
_PLACED, _SIGNED_AT = len(_ENTRY), len(_ENTRY) + len(_PLACE)
"""Where in a row, after the two ids, the place and what was signed begin."""


def _column(table: sa.Table, name: str) -> sa.ColumnElement[Any]:
    """JSON as it is stored, so that the same text of many is read once."""
    column = table.c[name]
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


# Statements of tables and not of objects, made once: a quarter of the time that objects take.
_ENTRIES = (
    sa.select(
        _LISTINGS.c.id,
        _ATTESTATIONS.c.id,
        *(_column(_LISTINGS, name) for name in _ENTRY),
        *(_column(_LOCATIONS, name) for name in _PLACE),
        *(_ATTESTATIONS.c[name] for name in _SIGNED),
        # As they are stored, so that the same answers of many are read and graded once.
        *(sa.cast(_ATTESTATIONS.c[name], sa.Text) for name in _TEXTS),
    )
    .join_from(_LISTINGS, _LOCATIONS, _LOCATIONS.c.listing_id == _LISTINGS.c.id)
    .outerjoin(_ATTESTATIONS, _ATTESTATIONS.c.id == shown_id(_LISTINGS.c.id))
    .where(
        _LISTINGS.c.state == State.PUBLISHED,
        _LOCATIONS.c.id.in_(sa.bindparam("locations", expanding=True)),
    )
)
_LOOKED = sa.select(_LOOKS.c.attestation_id, _LOOKS.c.criterion, _LOOKS.c.what, _LOOKS.c.at).where(
    _LOOKS.c.attestation_id.in_(sa.bindparam("attestations", expanding=True))
)


def _seen(session: Session, attestations: Sequence[int]) -> Mapping[int, Mapping[str, Seen]]:
    found: dict[int, dict[str, Seen]] = {}
    if attestations:
        for attestation, criterion, what, at in session.connection().execute(_LOOKED, {"attestations": attestations}):
            found.setdefault(attestation, {})[criterion] = Seen(what, at)
    return found


def _entry(columns: Sequence[Any], today: Today) -> ListedEntry:
    place = ListedPlace(**_values(_LOCATIONS, _PLACE, columns[_PLACED:_SIGNED_AT]))
    return ListedEntry(**_values(_LISTINGS, _ENTRY, columns[:_PLACED]), location=place, today=today)


def _values(table: sa.Table, names: Sequence[str], columns: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(names, columns, strict=True))
    return values | {name: _json(values[name]) for name in names if isinstance(table.c[name].type, sa.JSON)}


def _attestation(columns: Sequence[Any]) -> AttestationRow | None:
    return AttestationRow(*columns[_SIGNED_AT:]) if columns[_SIGNED_AT] is not None else None


@functools.lru_cache(maxsize=REMEMBERED)
def _json(stored: str) -> Any:
    return json.loads(stored)
