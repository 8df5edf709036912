"""Made-up listings at given points, in bulk, and the ranking by brute force that the index must equal."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import shipped
from directory.geography.point import Point, miles_between
from directory.listings.lifecycle import State
from directory.listings.tables import Kind, Listing, Location, Source
from directory.search import index
from directory.search.index import FEWEST, Found
from directory.search.query import SearchQuery

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LAST_MONTH, NEXT_YEAR = NOW - timedelta(days=30), NOW + timedelta(days=365)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class MadeUp:
    """A listing that nobody has: where it is, what it answered, and until when that counts."""

    places: tuple[Point | None, ...]
    methods: tuple[str, ...] | None = None
    how_often: str = "always"
    volume: float = 8
    valid_until: datetime = NEXT_YEAR
    state: State = State.PUBLISHED
    attestation: AttestationState = AttestationState.ACCEPTED
    ruleset_id: str = "bma-2021.1"

    @property
    def answers(self) -> dict[str, Any] | None:
        """The signed answers as JSON; None where nothing was signed."""
        if self.methods is None:
            return None
        imaging: dict[str, Any] = {"methods": list(self.methods)}
        if self.methods:
            imaging["how_often"] = self.how_often
        return {
            "volume_per_site_ml": self.volume,
            "distinct_sites": 6,
            "imaging_guidance": imaging,
            "harvest_bone": "posterior_iliac_crest",
        }

    @property
    def live(self) -> bool:
        return self.answers is not None and self.attestation is AttestationState.ACCEPTED and self.valid_until >= NOW

    @property
    def badge(self) -> bool:
        """By hand, not by the product's rules: all else is right, so volume and imaging decide."""
        return self.live and self.volume <= 10 and bool(self.methods) and self.how_often == "always"

    def matches(self, query: SearchQuery) -> bool:
        if self.state is not State.PUBLISHED or (query.filters.badge and not self.badge):
            return False
        if query.filters.imaging is None:
            return True
        stated = self.methods if self.live and self.methods else ()
        return bool(stated) if query.filters.imaging == "any" else query.filters.imaging in stated


def store(session: Session, made_up: Sequence[MadeUp]) -> dict[int, MadeUp]:
    """Insert the listings without the index; by their new ids."""
    first = (session.scalar(sa.select(sa.func.max(Listing.id))) or 0) + 1
    stored = dict(enumerate(made_up, start=first))
    listings, locations, attestations = [], [], []
    for listing_id, made in stored.items():
        serial = next(_numbers)
        listings.append(
            {"id": listing_id, "slug": f"made-up-{serial}", "kind": Kind.PERSON, "name": f"Made Up {serial}",
             "source": Source.DEMO, "state": made.state, "created_at": NOW, "updated_at": NOW, "version": 1}
        )  # fmt: skip
        for ordinal, place in enumerate(made.places):
            locations.append(
                {"listing_id": listing_id, "ordinal": ordinal, "line1": "1 Made Up Street", "city": "Nowhere",
                 "state": "CO", "postal_code": "80021", "lat": place and place.lat, "lon": place and place.lon}
            )  # fmt: skip
        if made.answers is not None:
            attestations.append(
                {"listing_id": listing_id, "public_id": f"made-up-{serial}", "ruleset_id": made.ruleset_id,
                 "state": made.attestation, "answers": made.answers, "statement": "I made this up.",
                 "signer_name": "Made Up", "signer_role": "Nobody", "signed_at": LAST_MONTH,
                 "subject_name": f"Made Up {serial}", "digest": "0" * 64,
                 "valid_until": made.valid_until, "created_at": NOW, "updated_at": NOW, "version": 1}
            )  # fmt: skip
    for table, rows in ((Listing, listings), (Location, locations), (Attestation, attestations)):
        if rows:
            session.execute(sa.insert(table), rows)
    return stored


def indexed(session: Session, made_up: Sequence[MadeUp]) -> dict[int, MadeUp]:
    """Insert the listings and their rows of the index."""
    stored = store(session, made_up)
    index.refresh(session, stored, rulesets=shipped())
    return stored


def ranking(stored: dict[int, MadeUp], query: SearchQuery) -> list[tuple[float, int]]:
    """Miles and id of every listing that matches, at its nearest place, nearest first: by looking at each."""
    return sorted(
        (min(miles_between(query.origin, place) for place in made.places if place), listing_id)
        for listing_id, made in stored.items()
        if made.matches(query) and any(made.places)
    )


def assert_as_brute_force(session: Session, stored: dict[int, MadeUp], query: SearchQuery) -> Found:
    """The page that the index gives is the page of the full ranking: ids, order, miles, total, marks, next."""
    full = ranking(stored, query)
    inside = [hit for hit in full if query.within_miles is None or hit[0] <= query.within_miles]
    shown = inside if len(inside) >= FEWEST else full[: max(FEWEST, len(inside))]
    if query.within_miles is None:
        shown = full
    page = shown[query.offset : query.offset + query.per_page]
    found = index.find(session, query, now=NOW)
    assert [(hit.miles, hit.listing_id) for hit in found.hits] == page
    assert found.total == len(inside)
    assert [hit.outside_radius for hit in found.hits] == [hit not in inside for hit in page]
    assert found.has_next == (query.offset + query.per_page < len(shown))
    return found


def at(points: Iterable[Point]) -> list[MadeUp]:
    """One listing without answers at each point."""
    return [MadeUp((point,)) for point in points]
