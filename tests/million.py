"""A million locations written straight into an index by the engine's own bulk path: spread unevenly."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from listings_by_point import NOW

from directory.accounts import tables as _accounts  # noqa: F401  listings belong to accounts
from directory.database import Base
from directory.geography.point import Point
from directory.listings.specialties import SPECIALTIES
from directory.search import rebuilding
from directory.search.bulk import Row, insert_rows
from directory.search.cells import ZOOM
from directory.search.keys import ANY, ATTESTED, BIT, COPIES, FIRST, SEVERAL, STEP, WORDS, microseconds
from directory.search.packing import ENTRY, KEYS_TYPE, UNSTATED, Entries
from directory.search.sorting import Sorter
from directory.search.tables import search_documents, search_keys, search_state, search_words
from directory.search.words import filed_words

TOWNS = [
    Point(40.7128, -74.006), Point(34.05, -118.24), Point(41.88, -87.63), Point(29.76, -95.37), Point(33.45, -112.07),
    Point(39.95, -75.17), Point(29.42, -98.49), Point(32.72, -117.16), Point(32.78, -96.8), Point(39.74, -104.99),
]  # fmt: skip
TOWER = Point(41.7209, -72.8367)
IN_TOWER = 3000
PROFILES = 600
"""Kinds of listings; arbitrary, so that a fact is stated by half of all, by one in a hundred, or by one kind alone."""

SURNAMES = [f"{first}{last}" for first in ("mar", "mark", "lee", "johans", "o") for last in ("son", "berg", "man", "y")]
SURNAMES += [f"rare{number}" for number in range(150)]
SURNAMES += ["".join("aeiou"[number // 5**place % 5] + "bdgkl"[place] for place in range(5)) for number in range(5**5)]
"""A few that many bear, 150 that begin alike, and three thousand others; the later ones are the rarer."""

SPOKEN = {"en": 0.5, "es": 0.1, "hmn": 0.005}
CITIES = [*(f"town{number}" for number in range(len(TOWNS))), "springfield", "midway", "fairview"]
VOCABULARY = {word: WORDS + number for number, word in enumerate(filed_words(" ".join([*SURNAMES, *CITIES])))}
AT_ONCE = 50_000
DOCUMENT = ("generation", "listing_id", "location_id", "packed", "keys")


@dataclass(frozen=True)
class Profile:
    """What a listing states: the bits and numbers of its entry, and its keys."""

    keys: np.ndarray
    bits: int
    volume: int
    sites: int
    live_until: int
    confirmed_until: int


def profile(chance: np.random.Generator) -> Profile:
    facts = [("kind", "person" if chance.random() < 0.7 else "clinic")]
    codes = sorted(SPECIALTIES)
    if chance.random() < 0.3:
        facts.append(("specialty", codes[min(int(chance.exponential(4)), len(codes) - 1)]))
    facts += [
        ("language", code) for code, share in (("en", 0.5), ("es", 0.1), ("hmn", 0.005)) if chance.random() < share
    ]
    if chance.random() < 0.3:
        facts.append(("accepting", "1"))
    steps, volume, sites, live, confirmed = [], UNSTATED, 0, 0, 0
    if chance.random() < 0.2:
        steps.append(STEP["confirmed", "1"])
        confirmed = microseconds(NOW) + 10**12
    if chance.random() < 0.07:
        volume, sites = int(chance.choice([40, 80, 150, 400])), int(chance.choice([2, 4, 6, 12]))
        live = microseconds(NOW) + 10**12
        method = str(chance.choice(["fluoroscopy", "ultrasound", "ct"], p=[0.6, 0.3, 0.1]))
        facts += [
            ("imaging", "any"),
            ("imaging", method),
            ("bone", str(chance.choice(["posterior_iliac_crest", "tibia"]))),
        ]
        facts += [("badge", "1")] if volume <= 100 and sites >= 5 else []
        steps += [ATTESTED, *(STEP["volume", str(step)] for step in (5, 10, 20) if volume <= 10 * step)]
        steps += [STEP["sites", str(step)] for step in (3, 5, 10) if sites >= step]
    numbers = [BIT[fact] for fact in facts]
    keys = np.array(sorted([ANY, *numbers, *steps]), KEYS_TYPE)
    return Profile(keys, sum(1 << number for number in numbers), volume, sites, live, confirmed)


def positions(chance: np.random.Generator, many: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Latitude, longitude and city: half in ten towns, some in one tower, the others anywhere."""
    town = chance.integers(0, 2 * len(TOWNS), many)
    lat, lon = chance.uniform(25, 49, many), chance.uniform(-124, -67, many)
    for number, middle in enumerate(TOWNS):
        there = town == number
        lat[there] = middle.lat + chance.normal(0, 0.12, there.sum())
        lon[there] = middle.lon + chance.normal(0, 0.15, there.sum())
    lat[:IN_TOWER], lon[:IN_TOWER] = TOWER.lat, TOWER.lon
    city = np.where(town < len(TOWNS), town, len(TOWNS) + town % 3)
    return lat, lon, city


def codes(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """The Morton codes of points between the poles."""
    columns = ((lon / 360 + 0.5) * (1 << ZOOM)).astype(np.int64)
    rows = ((0.5 - np.arctanh(np.sin(np.radians(lat))) / (2 * np.pi)) * (1 << ZOOM)).astype(np.int64)
    woven = np.zeros(len(lat), np.int64)
    for bit in range(ZOOM):
        woven |= (columns >> bit & 1) << 2 * bit | (rows >> bit & 1) << (2 * bit + 1)
    return woven


def fill(engine: sa.Engine, many: int) -> None:
    """Write an index of so many locations; one listing in thirty has two of them."""
    chance = np.random.default_rng(1)
    kinds = [profile(chance) for _ in range(PROFILES)]
    which = chance.integers(0, PROFILES, many)
    several = chance.random(many) < 1 / 30
    which[1:][several[:-1]] = which[:-1][several[:-1]]
    lat, lon, city = positions(chance, many)
    entries = _entries(kinds, which, several, lat, lon)
    surnames = np.minimum(chance.exponential(300, many).astype(np.int64), len(SURNAMES) - 1)
    keys = _keys(kinds, which, (entries["facts"] & np.uint64(1 << SEVERAL)) != 0, surnames, city)
    Base.metadata.create_all(
        engine, tables=[one for one in Base.metadata.sorted_tables if one.name.startswith("search_")]
    )
    with tempfile.TemporaryDirectory() as folder, engine.begin() as connection:
        connection.execute(sa.insert(search_state).values(id=1, generation=0))
        connection.execute(sa.insert(search_words), [{"word": word, "key": key} for word, key in VOCABULARY.items()])
        sorter = Sorter(Path(folder))
        for start in range(0, many, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            sorter.take(entries[part], [some.tobytes() for some in keys[part]])
            insert_rows(connection, search_documents, _documents(entries[part], keys[part]), DOCUMENT)
        for rows in rebuilding.in_parts(rebuilding.rows(sorter, 0)):
            for table, some in rows.items():
                insert_rows(connection, table, some)
        assert connection.scalar(sa.select(search_keys.c.locations).where(search_keys.c.key == ANY)) == many


def _entries(kinds: list[Profile], which: np.ndarray, several: np.ndarray, lat: np.ndarray, lon: np.ndarray) -> Entries:
    entries = np.zeros(len(which), ENTRY)
    second = np.r_[False, several[:-1]]
    second &= ~np.r_[False, second[:-1]]
    both = second | np.r_[second[1:], False]
    entries["code"], entries["lat"], entries["lon"] = codes(lat, lon), lat, lon
    entries["location"] = np.arange(1, len(which) + 1)
    entries["listing"] = np.cumsum(~second)
    for column in ("volume", "sites", "live_until", "confirmed_until"):
        entries[column] = np.array([getattr(kind, column) for kind in kinds])[which]
    bits = np.array([kind.bits for kind in kinds], np.uint64)[which]
    entries["facts"] = (
        bits | both.astype(np.uint64) << np.uint64(SEVERAL) | (~second).astype(np.uint64) << np.uint64(FIRST)
    )
    return entries


def _keys(
    kinds: list[Profile], which: np.ndarray, several: np.ndarray, surnames: np.ndarray, city: np.ndarray
) -> list[np.ndarray]:
    with_copies = [np.concatenate([kind.keys, kind.keys + COPIES]) for kind in kinds]
    words = [
        np.array([VOCABULARY[word] for word in filed_words(f"{surname} {town}")], KEYS_TYPE)
        for surname in SURNAMES
        for town in CITIES
    ]
    said = (surnames * len(CITIES) + city).tolist()
    return [
        np.concatenate([with_copies[kind] if copied else kinds[kind].keys, words[word]])
        for kind, copied, word in zip(which.tolist(), several.tolist(), said, strict=True)
    ]


def _documents(entries: Entries, keys: list[np.ndarray]) -> Iterator[Row]:
    """Rows of what `DOCUMENT` names."""
    size, packed = entries.itemsize, entries.tobytes()
    places = zip(entries["listing"].tolist(), entries["location"].tolist(), strict=True)
    for number, (listing, location) in enumerate(places):
        yield 0, listing, location, packed[number * size : (number + 1) * size], keys[number].tobytes()
