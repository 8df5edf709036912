"""A synthetic nation: providers who do not exist, distributed like the population of the United States."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from benchmarks import nation_names
from benchmarks.attestations import ATTESTED, AttestationFactory, SyntheticAttestation
from benchmarks.population import PopulatedPlace
from benchmarks.sampling import skewed_sample, weighted_sample

from directory.listings.fields import STATES
from directory.listings.kinds import ListingKind
from directory.listings.languages import LANGUAGES
from directory.listings.specialties import SPECIALTIES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BATCH: Final = 10_000
"""Listings generated at a time, each batch from a random generator of its own, so that memory use stays constant."""

LARGEST_BUILDING: Final = ("06032", 150)
"""A ZIP code, and the number of listings at one address in it: as many as at a real one there."""

SINGLE_ADDRESS: Final = 0.8
"""The share of addresses with one listing."""

MAX_SHARED: Final = 149
SHARED_EXPONENT: Final = 2.2
"""The number of addresses with `n` listings is proportional to `n ** -SHARED_EXPONENT`; arbitrary."""

PERSONS: Final = 0.78
MULTI_LOCATION: Final = 0.03
SECONDARY_SPREAD: Final = 3.0
"""How much farther from the center of town the second and third locations of a listing lie; arbitrary."""

CONFIRMED: Final = 0.2
MILES_PER_DEGREE: Final = 69.0
SIGMAS_95: Final = 2.4477
"""Standard deviations that hold 95 % of a two-dimensional normal distribution."""

_ACCEPTING: Final = ((True, 45), (False, 10), (None, 45))
_LANGUAGES: Final[tuple[tuple[list[str], int], ...]] = (
    ([], 150), (["en"], 600), (["en", "es"], 150), (["en", "es", "pt"], 5), (["en", "zh", "vi"], 5),
    *((["en", code], 5) for code in LANGUAGES if code not in ("en", "es")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listings:
    """Listings as columns; `confirmed` is a date or None."""

    id: list[int]
    kind: list[ListingKind]
    name: list[str]
    credential: list[str]
    practice: list[str]
    specialty_code: list[str]
    phone: list[str]
    accepting: list[bool | None]
    languages: list[list[str]]
    confirmed: list[date | None]


@dataclass(frozen=True, slots=True)
class Locations:
    """Locations as columns, sorted by listing; `place` is an index into `Nation.places`."""

    listing_id: list[int]
    ordinal: list[int]
    place: list[int]
    lat: list[float]
    lon: list[float]
    line1: list[str]


@dataclass(frozen=True, slots=True)
class Batch:
    """Listings with their locations and attestations."""

    listings: Listings
    locations: Locations
    attestations: list[SyntheticAttestation]

    def up_to(self, last: int) -> "Batch":
        """The listings with an id up to and including `last`."""
        attested = [one.listing_id for one in self.attestations]
        return Batch(
            _cut(self.listings, bisect_right(self.listings.id, last)),
            _cut(self.locations, bisect_right(self.locations.listing_id, last)),
            self.attestations[: bisect_right(attested, last)],
        )


def _cut(columns: Any, end: int) -> Any:
    return replace(columns, **{field.name: getattr(columns, field.name)[:end] for field in fields(columns)})


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Coordinates of addresses, and the populated place of each."""

    place: Ints
    lat: Floats
    lon: Floats


class Nation:
    """Generates batches of listings. A batch depends on its number, the seed and the date, and on no other batch.

    Args:
        places: where listings are, in proportion to the population.
        factory: makes the attestations.
        seed: another seed gives other listings.
    """

    def __init__(self, places: Sequence[PopulatedPlace], factory: AttestationFactory, *, seed: int) -> None:
        self.places = [place for place in places if place.state in STATES]
        self._seed = seed
        self._factory = factory
        self._cumulative = np.cumsum([place.population for place in self.places])
        self._lat = np.array([place.lat for place in self.places])
        self._lon = np.array([place.lon for place in self.places])
        self._sigma = np.array([place.miles for place in self.places]) / SIGMAS_95
        self._area_code = [200 + int(place.postal_code[:3]) * 7 % 800 for place in self.places]
        rank = np.arange(1, len(SPECIALTIES) + 1)
        self._specialties = list(zip(sorted(SPECIALTIES), (10_000 / rank).astype(int).tolist(), strict=True))
        shared = np.arange(2, MAX_SHARED + 1, dtype=np.float64) ** -SHARED_EXPONENT
        self._sizes = np.concatenate([[SINGLE_ADDRESS], (1 - SINGLE_ADDRESS) * shared / shared.sum()]).cumsum()

    def batch(self, index: int) -> Batch:
        """The `BATCH` listings whose ids begin at `BATCH * index + 1`."""
        rng = np.random.default_rng([self._seed, index])
        address_of, addresses = self._addresses(rng, with_largest=index == 0)
        listings = self._listings(rng, BATCH * index + 1, address_of, addresses)
        locations = self._locations(rng, listings, address_of, addresses)
        return Batch(listings, locations, self._attestations(rng, listings))

    def _addresses(self, rng: np.random.Generator, *, with_largest: bool) -> tuple[Ints, _Addresses]:
        """The address index of each listing, and the addresses."""
        size = np.searchsorted(self._sizes, rng.random(BATCH), side="right") + 1
        place = np.searchsorted(self._cumulative, rng.random(BATCH) * self._cumulative[-1], side="right")
        if with_largest:
            code, size[0] = LARGEST_BUILDING
            place[0] = next((at for at, one in enumerate(self.places) if one.postal_code == code), place[0])
        address_of = rng.permutation(np.repeat(np.arange(BATCH), size)[:BATCH])
        return address_of, self._scatter(rng, place, 1.0)

    def _scatter(self, rng: np.random.Generator, place: Ints, spread: float) -> _Addresses:
        """Random points around the center of each place."""
        north, east = rng.normal(size=(2, len(place))) * self._sigma[place] * spread / MILES_PER_DEGREE
        lat = np.clip(self._lat[place] + north, -89.0, 89.0)
        lon = self._lon[place] + east / np.cos(np.radians(lat))
        return _Addresses(place, lat.round(5), ((lon + 180.0) % 360.0 - 180.0).round(5))

    def _listings(self, rng: np.random.Generator, first: int, address_of: Ints, addresses: _Addresses) -> Listings:
        is_person = (rng.random(BATCH) < PERSONS).tolist()
        surnames = skewed_sample(rng, nation_names.SURNAMES, BATCH)
        given = skewed_sample(rng, nation_names.GIVEN, BATCH)
        # All people at one address work in the same practice.
        practice_names = skewed_sample(rng, nation_names.SURNAMES, BATCH)
        practice_types = skewed_sample(rng, nation_names.PRACTICE_TYPES, BATCH)
        address = address_of.tolist()
        area_codes = [self._area_code[place] for place in addresses.place[address_of].tolist()]
        # 555-0100 to 555-0199 are reserved for fiction.
        line_numbers = rng.integers(0, 100, BATCH).tolist()
        today = self._factory.today.date()
        days_ago = np.where(rng.random(BATCH) < CONFIRMED, rng.integers(1, 1000, BATCH), 0).tolist()
        # Shared date objects are converted for the database once.
        dates = [today - timedelta(days=days) if days else None for days in range(1000)]
        credentials = skewed_sample(rng, nation_names.CREDENTIALS, BATCH)
        return Listings(
            id=list(range(first, first + BATCH)),
            kind=[ListingKind.PERSON if person else ListingKind.CLINIC for person in is_person],
            name=[
                f"{name} {surname}" if person else f"{surname} {practice}"
                for person, name, surname, practice in zip(is_person, given, surnames, practice_types, strict=True)
            ],
            credential=[text if person else "" for person, text in zip(is_person, credentials, strict=True)],
            practice=[
                f"{practice_names[at]} {practice_types[at]}" if person else ""
                for person, at in zip(is_person, address, strict=True)
            ],
            specialty_code=weighted_sample(rng, self._specialties, BATCH),
            phone=[f"{area}-555-01{line:02d}" for area, line in zip(area_codes, line_numbers, strict=True)],
            accepting=weighted_sample(rng, _ACCEPTING, BATCH),
            languages=weighted_sample(rng, _LANGUAGES, BATCH),
            confirmed=[dates[days] for days in days_ago],
        )

    def _locations(
        self, rng: np.random.Generator, listings: Listings, address_of: Ints, addresses: _Addresses
    ) -> Locations:
        """The first location of each listing, and one or two more of a few."""
        count = np.where(rng.random(BATCH) < MULTI_LOCATION, rng.integers(2, 4, BATCH), 1)
        extra = int(count.sum()) - BATCH
        listing = np.repeat(np.arange(BATCH), count)
        ordinal = np.arange(len(listing)) - np.repeat(count.cumsum() - count, count)
        row = address_of[listing]
        row[ordinal > 0] = BATCH + np.arange(extra)
        more = self._scatter(rng, addresses.place[address_of[listing[ordinal > 0]]], SECONDARY_SPREAD)
        house_numbers = rng.integers(100, 9900, BATCH + extra).tolist()
        streets = skewed_sample(rng, nation_names.STREETS, BATCH + extra)
        lines = [f"{number} {street}" for number, street in zip(house_numbers, streets, strict=True)]
        return Locations(
            listing_id=(listing + listings.id[0]).tolist(),
            ordinal=ordinal.tolist(),
            place=np.concatenate([addresses.place, more.place])[row].tolist(),
            lat=np.concatenate([addresses.lat, more.lat])[row].tolist(),
            lon=np.concatenate([addresses.lon, more.lon])[row].tolist(),
            line1=[lines[at] for at in row.tolist()],
        )

    def _attestations(self, rng: np.random.Generator, listings: Listings) -> list[SyntheticAttestation]:
        """Attestations of some listings; the date of signing becomes the date of their last confirmation."""
        rows = np.flatnonzero(rng.random(BATCH) < ATTESTED).tolist()
        answers = self._factory.sample_answers(rng, len(rows))
        dates = self._factory.sample_dates(rng, len(rows))
        signers = skewed_sample(rng, nation_names.GIVEN, len(rows))
        attestations = []
        for row, given, answered, signed_at in zip(rows, signers, answers, dates, strict=True):
            person = listings.kind[row] is ListingKind.PERSON
            name = listings.name[row]
            signer = name if person else f"{given} {name.split()[0]}"
            listing_id = listings.id[row]
            attestations.append(self._factory.make(listing_id, name, signer, answered, signed_at, person=person))
            listings.confirmed[row] = signed_at.date()
        return attestations
