"""Made-up listings and searches of every kind, at random and the same in every run: all filters, the whole globe."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from directory.attestations.lifecycle import AttestationState
from directory.geography.point import Point
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.specialties import SPECIALTIES
from directory.search.filters import Filters
from directory.search.query import SearchQuery
from support.brute_force import BONES, FILTER_NAMES, IMAGING, KINDS, LANGUAGES
from support.synthetic_listings import LAST_MONTH, NOW, SyntheticListing

TOWNS = [
    Point(39.7392, -104.9903), Point(40.7128, -74.006), Point(61.2, -149.9), Point(-17.0, 179.97),
    Point(-17.0, -179.98), Point(65.0, 180.0), Point(89.9, 10.0), Point(-90.0, 0.0), Point(90.0, -180.0),
    Point(0.0, 0.0),
]  # fmt: skip
"""Where half of them live: dense, sparse, at the antimeridian, at the poles, and at the map's middle."""

NAMES = (
    "José Núñez", "Jose Nunes", "Ann O’Neil-Peña", "Anna Lee", "Ana Li", "Zoë Straße", "Ørsted Dahl", "Marrow Man",
    "Mara", "Dr. 3 Kings", "Łukasz Wałęsa", "Wu Li",
)  # fmt: skip
PRACTICES = (
    "",
    "",
    "Ortho Center",
    "Orthopedic & Spine",
    "Orthopaedics West",
    "The Marrow Clinic",
    "St. Mary's",
    "Lee",
)
CITIES = ("Denver", "San José", "Saint Mary", "Maryville", "Lee", "Den", "Nome")
UNKNOWN_WORDS = ("nobody", "zz", "q", "ortho pedic", "маро", "denverdenver")

COMMON_SPECIALTIES = tuple(SPECIALTIES)[:6]
UNUSED_SPECIALTY = tuple(SPECIALTIES)[-1]
"""A specialty that no listing has."""


def point_near(rng: random.Random, town: Point, degrees: float) -> Point:
    """Somewhere about the town, over a pole or the antimeridian too."""
    lat = min(max(town.lat + rng.gauss(0, degrees), -90.0), 90.0)
    return Point(lat, (town.lon + rng.gauss(0, degrees) + 540.0) % 360.0 - 180.0)


def random_point(rng: random.Random) -> Point:
    return Point(math.degrees(math.asin(rng.uniform(-1, 1))), rng.uniform(-180, 180))


def random_points(rng: random.Random, many: int) -> list[Point]:
    """Towns and emptiness, and stacks at one address."""
    stacks = [point_near(rng, town, 0.2) for town in TOWNS]

    def place() -> Point:
        kind = rng.random()
        if kind < 0.15:
            return rng.choice(stacks)
        return point_near(rng, rng.choice(TOWNS), 0.5) if kind < 0.85 else random_point(rng)

    return [place() for _ in range(many)]


def random_listing(rng: random.Random, at: tuple[Point | None, ...], **changes: Any) -> SyntheticListing:
    """A listing of any kind at these places: one in two has signed answers."""
    facts: dict[str, Any] = {
        "methods": rng.choice([None, None, None, (), ("ct",), ("fluoroscopy", "ultrasound"), ("ultrasound",)]),
        "how_often": rng.choice(["always", "always", "sometimes"]),
        "volume": rng.choice([None, 5, 8, 10, 10.1, 29.9, (4, 5), (5, 10), (9, 30), round(rng.uniform(0.1, 60), 1)]),
        "sites": rng.choice([None, 1, 3, 5, 6, 15, 16, (2, 5), (4, 6), (5, 10)]),
        "bone": rng.choice([None, *BONES, *["posterior_iliac_crest"] * 8]),
        "valid_until": rng.choice([NOW + timedelta(days=1), NOW + timedelta(days=1), NOW, LAST_MONTH]),
        "state": rng.choice([ListingState.PUBLISHED] * 9 + [ListingState.SUSPENDED]),
        "attestation": rng.choice([AttestationState.ACCEPTED] * 9 + [AttestationState.REVOKED]),
        **random_details(rng),
    }
    return SyntheticListing(at, **facts | changes)


def random_details(rng: random.Random) -> dict[str, Any]:
    """What a listing says of itself without signing anything."""
    today = NOW.date()
    return {
        "specialty": rng.choice(["", *COMMON_SPECIALTIES]),
        "languages": tuple(rng.sample(LANGUAGES, rng.choice([0, 0, 1, 2, 5]))),
        "accepting": rng.choice([None, True, False]),
        "kind": rng.choice([ListingKind.PERSON, ListingKind.PERSON, ListingKind.CLINIC]),
        "confirmed": rng.choice([None, today, *(today - timedelta(days=days) for days in (100, 364, 365, 366, 800))]),
        "name": rng.choice(NAMES),
        "practice": rng.choice(PRACTICES),
        "cities": tuple(rng.choice(CITIES) for _ in range(3)),
    }


def random_listings(rng: random.Random, at: Sequence[Point], many: int) -> list[SyntheticListing]:
    """So many listings, with one to four of the places each."""
    return [random_listing(rng, tuple(rng.choices(at, k=rng.choice([1, 1, 1, 2, 4])))) for _ in range(many)]


@dataclass
class QueryGenerator:
    """Asks anything: about places where somebody is, beside them, and far from everybody."""

    rng: random.Random
    at: Sequence[Point]
    words: Sequence[str]
    specialties: Sequence[str] = COMMON_SPECIALTIES

    def query(self) -> SearchQuery:
        rng = self.rng
        filters = self.filters()
        return SearchQuery(
            None if filters.words and rng.random() < 0.3 else self.origin(),
            rng.choice([None, None, 5, 10, 25, 50, 100, 250, rng.uniform(5, 250)]),
            filters,
            rng.choice([1, 1, 1, 2, 3, 20]),
            rng.choice([20, 20, 1, 7, 100]),
        )

    def origin(self) -> Point:
        rng = self.rng
        known = rng.choice(self.at)
        poles = [Point(90, 0), Point(-89.99, 180), Point(0, 180), Point(0, -180)]
        return rng.choice(
            [
                known,
                known,
                point_near(rng, known, 0.1),
                point_near(rng, known, 3.0),
                random_point(rng),
                rng.choice(poles),
            ]
        )

    def filters(self) -> Filters:
        """None, one, or several at once, up to all of them."""
        every = {name: self.value(name) for name in FILTER_NAMES}
        many = self.rng.choice([0, 1, 1, 1, 2, 2, 3, 4, len(every)])
        return Filters(**{name: every[name] for name in self.rng.sample(list(every), many)})

    def value(self, name: str) -> Any:
        """A value that the filter of that name may have."""
        rng = self.rng
        chosen: dict[str, Any] = {
            "imaging": IMAGING, "bone": (*BONES, *BONES[:1] * 8), "language": LANGUAGES, "kind": KINDS,
            "specialty": (*self.specialties, UNUSED_SPECIALTY),
            "volume": (0.1, 4.9, 5, 7, 10, 10.05, 10.1, 19.9, 20, 29.9, 30, 200, 200.0),
            "sites": (1, 2, 3, 4, 5, 6, 7, 10, 15, 16, 60),
        }  # fmt: skip
        if name == "q":
            return " ".join(self.word() for _ in range(rng.choice([1, 1, 1, 2, 3])))
        if name == "volume" and rng.random() < 0.5:
            return round(rng.uniform(0.1, 60), 1)
        return rng.choice(chosen[name]) if name in chosen else "1"

    def word(self) -> str:
        """A word that somebody has, how it begins, or one that nobody has; as people type them."""
        rng = self.rng
        word = rng.choice(self.words)
        if rng.random() < 0.5:
            word = word[: rng.randint(1, 8)]
        if rng.random() < 0.1:
            word = rng.choice(UNKNOWN_WORDS)
        return rng.choice([word, word.upper(), word.title()])
