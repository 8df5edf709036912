"""The entries of a list as anybody may read them: columns and no objects, in two statements however many there are."""

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as Signed
from directory.attestations.tables import Attestation
from directory.badges.standings import REMEMBERED, Statement, Today, stated
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import Seen
from directory.evidence.tables import Look
from directory.listings.kinds import Kind
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location


class ListedPlace(NamedTuple):
    """One practice address of an entry."""

    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    phone: str
    lat: float | None
    lon: float | None
    precision: str


class ListedEntry(NamedTuple):
    """A public entry at one of its locations, with what its signed answers come to today."""

    slug: str
    kind: Kind
    name: str
    credential: str
    practice: str
    npi: str | None
    specialty_code: str
    phone: str
    last_confirmed: date | None
    accepts_new_patients: bool | None
    languages: tuple[str, ...]
    location: ListedPlace
    today: Today


def listed(session: Session, places: Mapping[int, int], *, rulesets: Rulesets, now: datetime) -> dict[int, ListedEntry]:
    """Public entries by id, each at the location that `places` names by its id.

    What was withdrawn or moved a moment ago is left out.
    """
    rows = session.connection().execute(_ENTRIES, {"locations": list(places.values())}).all()
    seen = _seen(session, [attestation for _, attestation, *_ in rows if attestation is not None])
    return {
        listing: _entry(columns, stated(_statement(columns), rulesets, now, seen.get(attestation)))
        for listing, attestation, *columns in rows
    }


_LISTINGS, _LOCATIONS, _ATTESTATIONS, _LOOKS = (
    cast("sa.Table", table.__table__) for table in (Listing, Location, Attestation, Look)
)
_ENTRY = (
    "slug", "kind", "name", "credential", "practice", "npi", "specialty_code", "phone", "last_confirmed",
    "accepts_new_patients",
)  # fmt: skip
_PLACE = ListedPlace._fields
_SIGNED = ("ruleset_id", "signer_name", "signer_role", "signed_at", "valid_until")
_TEXTS = ("answers", "details")
_LANGUAGES, _PLACED, _STATED = len(_ENTRY), len(_ENTRY) + 1, len(_ENTRY) + 1 + len(_PLACE)
"""Where in a row, after the two ids, the languages, the place and what was signed begin."""

# Statements of tables and not of objects, made once: a quarter of the time that objects take.
_ENTRIES = (
    sa.select(
        _LISTINGS.c.id,
        _ATTESTATIONS.c.id,
        *(_LISTINGS.c[name] for name in _ENTRY),
        sa.cast(_LISTINGS.c.languages, sa.Text),
        *(_LOCATIONS.c[name] for name in _PLACE),
        *(_ATTESTATIONS.c[name] for name in _SIGNED),
        # As they are stored, so that the same answers of many are read and graded once.
        *(sa.cast(_ATTESTATIONS.c[name], sa.Text) for name in _TEXTS),
    )
    .join_from(_LISTINGS, _LOCATIONS, _LOCATIONS.c.listing_id == _LISTINGS.c.id)
    .outerjoin(
        _ATTESTATIONS,
        sa.and_(_ATTESTATIONS.c.listing_id == _LISTINGS.c.id, _ATTESTATIONS.c.state == Signed.ACCEPTED),
    )
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
    languages, location = _languages(columns[_LANGUAGES]), ListedPlace(*columns[_PLACED:_STATED])
    return ListedEntry._make((*columns[:_LANGUAGES], languages, location, today))


def _statement(columns: Sequence[Any]) -> Statement | None:
    return Statement(*columns[_STATED:]) if columns[_STATED] is not None else None


@functools.lru_cache(maxsize=REMEMBERED)
def _languages(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))
