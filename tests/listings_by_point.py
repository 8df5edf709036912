"""Made-up listings at given points, in bulk, and the answers by brute force that the index must equal."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from brute_force import BruteForce
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import shipped
from directory.database import Base
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.tables import Kind, Listing, Location, Source
from directory.search import index, rebuilding
from directory.search.index import Found
from directory.search.query import SearchQuery
from directory.search.tables import search_state
from directory.search.verifying import Difference, verify

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LAST_MONTH, NEXT_YEAR = NOW - timedelta(days=30), NOW + timedelta(days=365)

_numbers = itertools.count(1)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  made-up listings need a seed, not a secret


Number = float | tuple[float, float] | None
"""A number as it is answered: one, from and to, or nothing."""


@dataclass(frozen=True)
class MadeUp:
    """A listing that nobody has: where it is, what it answered, until when that counts, and what it says of itself.

    The cities are those of the places in their order, and begin again where they are fewer.
    """

    places: tuple[Point | None, ...]
    methods: tuple[str, ...] | None = None
    how_often: str = "always"
    volume: Number = 8
    valid_until: datetime = NEXT_YEAR
    state: State = State.PUBLISHED
    attestation: AttestationState = AttestationState.ACCEPTED
    ruleset_id: str = "bma-2021.1"
    sites: Number = 6
    bone: str | None = "posterior_iliac_crest"
    specialty: str = ""
    languages: tuple[str, ...] = ()
    accepting: bool | None = None
    kind: Kind = Kind.PERSON
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
            "volume_per_site_ml": _in_json(self.volume),
            "distinct_sites": _in_json(self.sites),
            "imaging_guidance": imaging,
            "harvest_bone": self.bone,
        }
        return {key: answer for key, answer in answers.items() if answer is not None}


def _in_json(number: Number) -> Any:
    return list(number) if isinstance(number, tuple) else number


class Stored(dict[int, MadeUp]):
    """Listings by their new ids, and what a look at every row of the tables finds; looked once, when first asked."""

    _brute: BruteForce | None = None

    def brute(self, session: Session) -> BruteForce:
        if self._brute is None:
            self._brute = BruteForce.of(session)
        return self._brute


def empty_engine() -> sa.Engine:
    """A database of its own in memory, faster than a migrated copy: for hundreds of examples."""
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(search_state).values(id=1, generation=0))
    return engine


def store(session: Session, made_up: Sequence[MadeUp]) -> Stored:
    """Insert the listings without the index; by their new ids."""
    first = (session.scalar(sa.select(sa.func.max(Listing.id))) or 0) + 1
    stored = Stored(enumerate(made_up, start=first))
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


def _listing(listing_id: int, serial: int, made: MadeUp) -> dict[str, Any]:
    return {
        "id": listing_id, "slug": f"made-up-{serial}", "kind": made.kind, "name": made.name, "practice": made.practice,
        "specialty_code": made.specialty, "languages": list(made.languages), "accepts_new_patients": made.accepting,
        "last_confirmed": made.confirmed, "source": Source.DEMO, "state": made.state, "created_at": NOW,
        "updated_at": NOW, "version": 1,
    }  # fmt: skip


def _location(listing_id: int, ordinal: int, place: Point | None, made: MadeUp) -> dict[str, Any]:
    return {
        "listing_id": listing_id, "ordinal": ordinal, "line1": "1 Made Up Street", "state": "CO",
        "city": made.cities[ordinal % len(made.cities)], "postal_code": "80021", "lat": place and place.lat,
        "lon": place and place.lon,
    }  # fmt: skip


def _attestation(listing_id: int, serial: int, made: MadeUp) -> dict[str, Any]:
    return {
        "listing_id": listing_id, "public_id": f"made-up-{serial}", "ruleset_id": made.ruleset_id,
        "state": made.attestation, "answers": made.answers, "statement": "I made this up.", "signer_name": "Made Up",
        "signer_role": "Nobody", "signed_at": LAST_MONTH, "subject_name": made.name, "digest": "0" * 64,
        "valid_until": made.valid_until, "created_at": NOW, "updated_at": NOW, "version": 1,
    }  # fmt: skip


def indexed(session: Session, made_up: Sequence[MadeUp]) -> Stored:
    """Insert the listings and their rows of the index."""
    stored = store(session, made_up)
    refresh(session, stored)
    return stored


def refresh(session: Session, listing_ids: Iterable[int], now: datetime = NOW) -> None:
    """Bring the index of some listings up to date, under the shipped rules."""
    index.refresh(session, listing_ids, rulesets=shipped(), now=now)


def rebuild(engine: sa.Engine, now: datetime = NOW, progress: Callable[[int], object] | None = None) -> int:
    """Make the whole index anew, in transactions of its own; how many locations it has."""

    @contextmanager
    def writing() -> Iterator[Session]:
        with Session(engine) as session, session.begin():
            yield session

    return rebuilding.rebuild(writing, rulesets=shipped(), now=now, progress=progress)


def differences(session: Session, now: datetime = NOW) -> list[Difference]:
    """What the index has that is not as the tables say, under the shipped rules."""
    return list(verify(session, rulesets=shipped(), now=now))


def assert_as_brute_force(
    session: Session, stored: Stored | BruteForce, query: SearchQuery, now: datetime = NOW, *, whole: bool = True
) -> Found:
    """The page that the index gives is the page of the full ranking: ids, order, miles, total, marks, next.

    Only if not `whole`, the total may be too low where the answer says that it may be.
    """
    brute = stored if isinstance(stored, BruteForce) else stored.brute(session)
    page = brute.page(query, now)
    found = index.find(session, query, now=now)
    assert [(hit.miles, hit.listing_id, hit.location_id) for hit in found.hits] == page.hits, query
    assert found.complete or not whole, query
    assert found.total == page.total if found.complete else 0 < found.total <= page.total, query
    assert [hit.outside_radius for hit in found.hits] == page.outside, query
    assert found.has_next == page.has_next, query
    return found


def at(points: Iterable[Point]) -> list[MadeUp]:
    """One listing without answers at each point."""
    return [MadeUp((point,)) for point in points]
