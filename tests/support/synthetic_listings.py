"""Made-up listings at given points, in bulk, and the answers by brute force that the index must equal."""

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.database import Base
from directory.geography.point import Point
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingSource, Location
from directory.search.changes import new_token, record_changes
from directory.search.index import Results, SearchIndex
from directory.search.query import SearchQuery
from directory.search.tables import search_changes, search_state
from support.brute_force import BruteForce

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LAST_MONTH, NEXT_YEAR = NOW - timedelta(days=30), NOW + timedelta(days=365)

_numbers = itertools.count(1)


def make_rng(seed: int) -> random.Random:
    return random.Random(seed)


NumberAnswer = float | tuple[float, float] | None
"""A number as it is answered: one, from and to, or nothing."""


@dataclass(frozen=True)
class SyntheticListing:
    """A listing that nobody has: where it is, what it answered, until when that counts, and what it says of itself.

    The cities are those of the places in their order, and begin again where they are fewer.
    """

    places: tuple[Point | None, ...]
    methods: tuple[str, ...] | None = None
    how_often: str = "always"
    volume: NumberAnswer = 8
    valid_until: datetime = NEXT_YEAR
    state: ListingState = ListingState.PUBLISHED
    attestation: AttestationState = AttestationState.ACCEPTED
    ruleset_id: str = "bma-2021.1"
    sites: NumberAnswer = 6
    bone: str | None = "posterior_iliac_crest"
    specialty: str = ""
    languages: tuple[str, ...] = ()
    accepting: bool | None = None
    kind: ListingKind = ListingKind.PERSON
    confirmed: date | None = None
    name: str = "Made Up"
    practice: str = ""
    cities: tuple[str, ...] = ("Nowhere",)

    @property
    def answers(self) -> dict[str, Any] | None:
        """The signed answers as JSON; None where nothing was signed."""
        if self.methods is None:
            return None
        imaging: dict[str, Any] = {"methods": list(self.methods)}
        if self.methods:
            imaging["how_often"] = self.how_often
        answers = {
            "volume_per_site_ml": _number_to_json(self.volume),
            "distinct_sites": _number_to_json(self.sites),
            "imaging_guidance": imaging,
            "harvest_bone": self.bone,
        }
        return {key: answer for key, answer in answers.items() if answer is not None}


def _number_to_json(number: NumberAnswer) -> Any:
    return list(number) if isinstance(number, tuple) else number


class StoredListings(dict[int, SyntheticListing]):
    """Listings by their new ids, and what a look at every row of the tables finds; looked once, when first asked."""

    _brute: BruteForce | None = None

    def brute(self, session: Session) -> BruteForce:
        if self._brute is None:
            self._brute = BruteForce.of(session)
        return self._brute


def empty_engine(url: str = "sqlite://") -> sa.Engine:
    """A database of its own, in memory by default, which is faster than a migrated copy: for hundreds of examples."""
    engine = sa.create_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(search_state).values(id=1, version=0, token=new_token(), bulk_version=0))
    return engine


def insert_listings(session: Session, made_up: Sequence[SyntheticListing]) -> StoredListings:
    """Insert the listings without recording the change; by their new ids."""
    first = (session.scalar(sa.select(sa.func.max(Listing.id))) or 0) + 1
    stored = StoredListings(enumerate(made_up, start=first))
    listings, locations, attestations = [], [], []
    for listing_id, made in stored.items():
        serial = next(_numbers)
        listings.append(_listing(listing_id, serial, made))
        locations += [_location(listing_id, ordinal, place, made) for ordinal, place in enumerate(made.places)]
        if made.answers is not None:
            attestations.append(_attestation(listing_id, serial, made))
    for table, rows in ((Listing, listings), (Location, locations), (Attestation, attestations)):
        if rows:
            session.execute(sa.insert(table), rows)
    return stored


def _listing(listing_id: int, serial: int, made: SyntheticListing) -> dict[str, Any]:
    return {
        "id": listing_id, "slug": f"made-up-{serial}", "kind": made.kind, "name": made.name, "practice": made.practice,
        "specialty_code": made.specialty, "languages": list(made.languages), "accepts_new_patients": made.accepting,
        "last_confirmed": made.confirmed, "source": ListingSource.DEMO, "state": made.state, "created_at": NOW,
        "updated_at": NOW, "version": 1,
    }  # fmt: skip


def _location(listing_id: int, ordinal: int, place: Point | None, made: SyntheticListing) -> dict[str, Any]:
    return {
        "listing_id": listing_id, "ordinal": ordinal, "line1": "1 Made Up Street", "state": "CO",
        "city": made.cities[ordinal % len(made.cities)], "postal_code": "80021", "lat": place and place.lat,
        "lon": place and place.lon,
    }  # fmt: skip


def _attestation(listing_id: int, serial: int, made: SyntheticListing) -> dict[str, Any]:
    return {
        "listing_id": listing_id, "public_id": f"made-up-{serial}", "ruleset_id": made.ruleset_id,
        "state": made.attestation, "answers": made.answers, "statement": "I made this up.", "signer_name": "Made Up",
        "signer_role": "Nobody", "signed_at": LAST_MONTH, "subject_name": made.name, "digest": "0" * 64,
        "valid_until": made.valid_until, "created_at": NOW, "updated_at": NOW, "version": 1,
    }  # fmt: skip


def make_search_index(folder: Path) -> SearchIndex:
    """An index with its snapshot in a folder, under the shipped rules."""
    return SearchIndex(folder, bundled_rulesets())


def delete_listings(session: Session) -> None:
    """Delete all listings and their changes."""
    for table in (Attestation, Location, Listing, search_changes):
        session.execute(sa.delete(table))
    session.commit()


def insert_and_record(session: Session, made_up: Sequence[SyntheticListing]) -> StoredListings:
    """Insert the listings and record the change, so that a search finds them."""
    stored = insert_listings(session, made_up)
    record_changes(session, stored)
    return stored


def insert_and_rebuild(session: Session, index: SearchIndex, made_up: Sequence[SyntheticListing]) -> StoredListings:
    """Insert the listings, commit, and build the snapshot with them."""
    stored = insert_listings(session, made_up)
    session.commit()
    index.rebuild(session)
    return stored


def assert_equals_brute_force(
    session: Session, index: SearchIndex, stored: StoredListings | BruteForce, query: SearchQuery, now: datetime = NOW
) -> Results:
    """Compare a page with the page of the full ranking: ids, order, miles, total, marks, next, facets."""
    brute = stored if isinstance(stored, BruteForce) else stored.brute(session)
    page = brute.page(query, now)
    found = index.find(session, query, now=now)
    assert [(hit.miles, hit.listing_id, hit.location_id) for hit in found.hits] == page.hits, query
    assert [hit.outside_radius for hit in found.hits] == page.outside, query
    assert (found.total, found.has_next) == (page.total, page.has_next), query
    assert {name: dict(values) for name, values in found.facets.items()} == brute.facets(query, now), query
    return found


def listings_at(points: Iterable[Point]) -> list[SyntheticListing]:
    """One listing without answers at each point."""
    return [SyntheticListing((point,)) for point in points]
