"""The entries of a list as anybody may read them: columns and no objects, in two statements however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as Signed
from directory.attestations.tables import Attestation
from directory.badges.standings import Statement, Today, stated
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import Seen
from directory.evidence.tables import Look
from directory.listings.lifecycle import State
from directory.listings.tables import Kind, Listing, Location


@dataclass(frozen=True, slots=True)
class ListedPlace:
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


@dataclass(frozen=True, slots=True)
class ListedEntry:
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
    asked = {"listings": list(places), "locations": list(places.values())}
    rows = session.connection().execute(_ENTRIES, asked).all()
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
_PLACE = ListedPlace.__slots__
_SIGNED = ("ruleset_id", "signer_name", "signer_role", "signed_at", "valid_until")
_TEXTS = ("answers", "details")
# Statements of tables and not of objects, made once: a quarter of the time that objects take.
_ENTRIES = (
    sa.select(
        _LISTINGS.c.id,
        _ATTESTATIONS.c.id,
        _LISTINGS.c.languages,
        *(_LISTINGS.c[name] for name in _ENTRY),
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
        _LISTINGS.c.id.in_(sa.bindparam("listings", expanding=True)),
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
    languages, *rest = columns
    facts, place = rest[: len(_ENTRY)], rest[len(_ENTRY) : len(_ENTRY) + len(_PLACE)]
    return ListedEntry(
        **dict(zip(_ENTRY, facts, strict=True)), languages=tuple(languages), location=ListedPlace(*place), today=today
    )


def _statement(columns: Sequence[Any]) -> Statement | None:
    statement = Statement(*columns[-len(_SIGNED) - len(_TEXTS) :])
    return statement if statement.ruleset_id is not None else None
