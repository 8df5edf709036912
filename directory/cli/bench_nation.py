"""A synthetic nation: made-up providers spread like the people of the United States, the same for the same seed."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from directory.cli import bench_names as names
from directory.cli.bench_answers import ATTESTED, Answering, Signed
from directory.cli.bench_chance import named, picked
from directory.geocoding.homes import Home
from directory.listings.entry import STATES
from directory.listings.languages import LANGUAGES
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Kind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PART: Final = 10_000
"""Listings made at a time, each part by its own chance: some megabytes, however large the nation is."""

TOWER: Final = ("06032", 150)
"""A ZIP, and how many of the first part stand at one address in it: as many as at a real one there."""

ALONE: Final = 0.8
MOST_TOGETHER: Final = 149
STEEPNESS: Final = 2.2
"""The number of addresses with `n` listings falls with this power of `n`; arbitrary."""

PERSONS: Final = 0.78
SEVERAL: Final = 0.03
AWAY: Final = 3.0
"""How much farther from the middle of town than the first the other addresses of one listing lie; arbitrary."""

CONFIRMED: Final = 0.2
MILES_PER_DEGREE: Final = 69.0
WITHIN_95_OF_100: Final = 2.4477
"""Sigmas of a two-dimensional normal distribution."""

_ACCEPTING: Final = ((True, 45), (False, 10), (None, 45))
_SPEAK: Final[tuple[tuple[list[str], int], ...]] = (
    ([], 150), (["en"], 600), (["en", "es"], 150), (["en", "es", "pt"], 5), (["en", "zh", "vi"], 5),
    *((["en", code], 5) for code in LANGUAGES if code not in ("en", "es")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listings:
    """A column for each fact, a row for each listing; `confirmed` is the day or None."""

    number: list[int]
    kind: list[Kind]
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
    """A row for each address of each listing, in the order of the listings; `home` is a place in `Nation.homes`."""

    number: list[int]
    ordinal: list[int]
    home: list[int]
    lat: list[float]
    lon: list[float]
    line1: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """Some listings with all that belongs to them."""

    listings: Listings
    locations: Locations
    signed: list[Signed]

    def between(self, first: int, last: int) -> "Part":
        """Only the listings of these numbers, both included."""
        numbers = [one.number for one in self.signed]
        return Part(
            _cut(self.listings, first, last),
            _cut(self.locations, first, last),
            self.signed[bisect_left(numbers, first) : bisect_left(numbers, last + 1)],
        )


def _cut(rows: Any, first: int, last: int) -> Any:
    start, end = bisect_left(rows.number, first), bisect_left(rows.number, last + 1)
    return replace(rows, **{field.name: getattr(rows, field.name)[start:end] for field in fields(rows)})


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Where listings can stand."""

    home: Ints
    lat: Floats
    lon: Floats


class Nation:
    """All that parts are made of. A part depends on its number, the seed and the day, and on no other part."""

    def __init__(self, homes: Sequence[Home], answering: Answering, *, seed: int) -> None:
        self.homes = [home for home in homes if home.state in STATES]
        self._seed = seed
        self._answering = answering
        self._upto = np.cumsum([home.people for home in self.homes])
        self._lat = np.array([home.lat for home in self.homes])
        self._lon = np.array([home.lon for home in self.homes])
        self._sigma = np.array([home.miles for home in self.homes]) / WITHIN_95_OF_100
        self._area = [200 + int(home.postal_code[:3]) * 7 % 800 for home in self.homes]
        rank = np.arange(1, len(SPECIALTIES) + 1)
        self._specialties = list(zip(sorted(SPECIALTIES), (10_000 / rank).astype(int).tolist(), strict=True))
        sizes = np.arange(2, MOST_TOGETHER + 1, dtype=np.float64) ** -STEEPNESS
        self._sizes = np.concatenate([[ALONE], (1 - ALONE) * sizes / sizes.sum()]).cumsum()

    def part(self, index: int) -> Part:
        """The listings from number `PART * index + 1` on, `PART` of them."""
        chance = np.random.default_rng([self._seed, index])
        stands_at, addresses = self._addresses(chance, tower=index == 0)
        listings = self._listings(chance, PART * index + 1, stands_at, addresses)
        return Part(
            listings,
            self._locations(chance, listings, stands_at, addresses),
            self._signed(chance, listings),
        )

    def _addresses(self, chance: np.random.Generator, *, tower: bool) -> tuple[Ints, _Addresses]:
        """Where each listing of a part stands, and all addresses."""
        together = np.searchsorted(self._sizes, chance.random(PART), side="right") + 1
        home = np.searchsorted(self._upto, chance.random(PART) * self._upto[-1], side="right")
        if tower:
            together[0] = TOWER[1]
            home[0] = next((at for at, one in enumerate(self.homes) if one.postal_code == TOWER[0]), home[0])
        stands_at = chance.permutation(np.repeat(np.arange(PART), together)[:PART])
        return stands_at, self._scattered(chance, home, 1.0)

    def _scattered(self, chance: np.random.Generator, home: Ints, spread: float) -> _Addresses:
        """A point of its own for each address, about the middle of its part of the country."""
        north, east = chance.normal(size=(2, len(home))) * self._sigma[home] * spread / MILES_PER_DEGREE
        lat = np.clip(self._lat[home] + north, -89.0, 89.0)
        lon = self._lon[home] + east / np.cos(np.radians(lat))
        return _Addresses(home, lat.round(5), ((lon + 180.0) % 360.0 - 180.0).round(5))

    def _listings(self, chance: np.random.Generator, first: int, stands_at: Ints, addresses: _Addresses) -> Listings:
        person = (chance.random(PART) < PERSONS).tolist()
        surnames = named(chance, names.SURNAMES, PART)
        given = named(chance, names.GIVEN, PART)
        # Who works at one address works in one practice.
        firms = named(chance, names.SURNAMES, PART)
        lines = named(chance, names.LINES, PART)
        at = stands_at.tolist()
        areas = [self._area[home] for home in addresses.home[stands_at].tolist()]
        # A number that the numbering plan keeps for fiction: 555-0100 to 555-0199.
        ends = chance.integers(0, 100, PART).tolist()
        today = self._answering.today.date()
        ago = np.where(chance.random(PART) < CONFIRMED, chance.integers(1, 1000, PART), 0).tolist()
        days = [today - timedelta(days=back) if back else None for back in range(1000)]
        credentials = named(chance, names.CREDENTIALS, PART)
        return Listings(
            number=list(range(first, first + PART)),
            kind=[Kind.PERSON if alone else Kind.CLINIC for alone in person],
            name=[
                f"{one} {two}" if alone else f"{two} {line}"
                for alone, one, two, line in zip(person, given, surnames, lines, strict=True)
            ],
            credential=[text if alone else "" for alone, text in zip(person, credentials, strict=True)],
            practice=[
                f"{firms[place]} {lines[place]}" if alone else "" for alone, place in zip(person, at, strict=True)
            ],
            specialty_code=picked(chance, self._specialties, PART),
            phone=[f"({area}) 555-01{end:02d}" for area, end in zip(areas, ends, strict=True)],
            accepting=picked(chance, _ACCEPTING, PART),
            languages=picked(chance, _SPEAK, PART),
            confirmed=[days[back] for back in ago],
        )

    def _locations(
        self, chance: np.random.Generator, listings: Listings, stands_at: Ints, addresses: _Addresses
    ) -> Locations:
        """The first address of each listing, and one or two others of a few, farther from the middle of its town."""
        count = np.where(chance.random(PART) < SEVERAL, chance.integers(2, 4, PART), 1)
        others = int(count.sum()) - PART
        of = np.repeat(np.arange(PART), count)
        ordinal = np.arange(len(of)) - np.repeat(count.cumsum() - count, count)
        row = stands_at[of]
        row[ordinal > 0] = PART + np.arange(others)
        away = self._scattered(chance, addresses.home[stands_at[of[ordinal > 0]]], AWAY)
        doors = chance.integers(100, 9900, PART + others).tolist()
        streets = named(chance, names.STREETS, PART + others)
        lines = [f"{door} {street}" for door, street in zip(doors, streets, strict=True)]
        return Locations(
            number=(of + listings.number[0]).tolist(),
            ordinal=ordinal.tolist(),
            home=np.concatenate([addresses.home, away.home])[row].tolist(),
            lat=np.concatenate([addresses.lat, away.lat])[row].tolist(),
            lon=np.concatenate([addresses.lon, away.lon])[row].tolist(),
            line1=[lines[place] for place in row.tolist()],
        )

    def _signed(self, chance: np.random.Generator, listings: Listings) -> list[Signed]:
        rows = np.flatnonzero(chance.random(PART) < ATTESTED).tolist()
        answers = self._answering.answers(chance, len(rows))
        days = self._answering.days(chance, len(rows))
        signers = named(chance, names.GIVEN, len(rows))
        signed = []
        for row, given, said, day in zip(rows, signers, answers, days, strict=True):
            person = listings.kind[row] is Kind.PERSON
            name = listings.name[row]
            signer = name if person else f"{given} {name.split()[0]}"
            signed.append(self._answering.sign(listings.number[row], name, signer, said, day, person=person))
            listings.confirmed[row] = day.date()
        return signed
