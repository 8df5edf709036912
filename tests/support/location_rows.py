"""Every public location with the facts that filters read, worked out from the tables without the search index."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location

ILIAC_CREST = frozenset({"posterior_iliac_crest", "anterior_iliac_crest"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LocationRow:
    """One public place of one listing, and all that can be asked of it. Nothing stated is 0, nan or ''."""

    listing_id: int
    location_id: int
    lat: float
    lon: float
    name: str
    text: str
    kind: str
    specialty: str = ""
    languages: tuple[str, ...] = ()
    accepting: bool = False
    confirmed: int = 0
    live_until: int = 0
    badge: bool = False
    methods: frozenset[str] = frozenset()
    volume: float = float("nan")
    sites: float = float("nan")
    bone: str = ""


def public_location_rows(session: Session) -> Iterator[LocationRow]:
    """Every public place, in the order of listings, as the tables say."""
    statement = (
        sa.select(
            Location.listing_id, Location.id, Location.lat, Location.lon, Location.city, Listing.name, Listing.practice,
            Listing.other_name, Listing.kind, Listing.specialty_code, Listing.languages, Listing.accepts_new_patients,
            Listing.last_confirmed, Attestation.valid_until, Attestation.answers,
        )
        .join(Listing, Listing.id == Location.listing_id)
        .outerjoin(
            Attestation, (Attestation.listing_id == Listing.id) & (Attestation.state == AttestationState.ACCEPTED)
        )
        .where(Listing.state == ListingState.PUBLISHED, Location.lat.is_not(None))
        .order_by(Location.listing_id, Location.id)
    )  # fmt: skip
    for row in session.execute(statement):
        yield LocationRow(
            listing_id=row.listing_id,
            location_id=row.id,
            lat=row.lat,
            lon=row.lon,
            name=row.name,
            text=f"{row.name} {row.practice} {row.other_name} {row.city}",
            kind=str(row.kind),
            specialty=row.specialty_code,
            languages=tuple(row.languages),
            accepting=row.accepts_new_patients is True,
            confirmed=row.last_confirmed.toordinal() if row.last_confirmed else 0,
            live_until=microseconds(row.valid_until) if row.valid_until else 0,
            **(_answer_columns(row.answers) if row.valid_until else {}),
        )


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _answer_columns(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers by hand, not by the product's rules."""
    volume, sites = (_number_range(answers.get(key)) for key in ("volume_per_site_ml", "distinct_sites"))
    imaging, bone = answers.get("imaging_guidance") or {}, answers.get("harvest_bone") or ""
    methods = frozenset(imaging.get("methods", ()))
    always = bool(methods) and imaging.get("how_often") == "always"
    right = volume[1] <= 10 and sites[0] >= 5 and sites[1] <= 15
    return {
        "badge": right and always and bone in ILIAC_CREST,
        "methods": methods,
        "volume": volume[1],
        "sites": sites[0],
        "bone": bone,
    }


def _number_range(answer: Any) -> tuple[float, float]:
    if answer is None:
        return float("nan"), float("nan")
    low, high = answer if isinstance(answer, list | tuple) else (answer, answer)
    return float(low), float(high)
