"""The oracle of the search equals a plainer one: loops, and no arrays."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from support.brute_force import BONES, LANGUAGES, BruteForce
from support.location_rows import LocationRow, microseconds
from support.random_searches import CITIES, COMMON_SPECIALTIES, NAMES, TOWNS, QueryGenerator, point_near, random_point

from directory.geography.point import Point, miles_between
from directory.search.filters import Filters
from directory.search.query import SearchQuery
from directory.search.tokenizer import tokenize

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date().toordinal()


def rows(rng: random.Random, many: int) -> list[LocationRow]:
    made = []
    for listing_id in range(1, many + 1):
        name, until = rng.choice(NAMES), rng.choice([0, *(microseconds(NOW) + step for step in (-1, 0, 1))])
        facts = {
            "kind": rng.choice(["person", "clinic"]), "specialty": rng.choice(["", *COMMON_SPECIALTIES]),
            "languages": tuple(rng.sample(LANGUAGES, 2)), "accepting": rng.random() < 0.5,
            "confirmed": rng.choice([0, TODAY, TODAY - 365, TODAY - 366]), "live_until": until,
        }  # fmt: skip
        if until:
            facts |= {
                "badge": rng.random() < 0.5, "methods": frozenset(rng.choice([(), ("ct",), ("ct", "ultrasound")])),
                "volume": rng.choice([float("nan"), 5, 10.1]), "sites": rng.choice([float("nan"), 3, 6]),
                "bone": rng.choice(["", *BONES]),
            }  # fmt: skip
        for _ in range(rng.choice([1, 1, 3])):
            spot = rng.choice([point_near(rng, rng.choice(TOWNS), 0.3), rng.choice(TOWNS), random_point(rng)])
            text = f"{name} {rng.choice(CITIES)}"
            made.append(LocationRow(listing_id, len(made) + 1, spot.lat, spot.lon, name, text, **facts))
    return made


def holds(row: LocationRow, filters: Filters) -> bool:
    """Read aloud: what each filter asks."""
    live = row.live_until >= microseconds(NOW)
    methods = row.methods if live else frozenset()
    year = date.fromordinal(row.confirmed) + timedelta(days=365) >= NOW.date() if row.confirmed else False
    has = tokenize(row.text)
    asked = dict(filters.values)
    return all((
        "badge" not in asked or (live and row.badge),
        "imaging" not in asked or (bool(methods) if asked["imaging"] == "any" else asked["imaging"] in methods),
        "volume" not in asked or (live and row.volume <= asked["volume"]),
        "sites" not in asked or (live and row.sites >= asked["sites"]),
        "bone" not in asked or (live and row.bone == asked["bone"]),
        "specialty" not in asked or row.specialty == asked["specialty"],
        "language" not in asked or asked["language"] in row.languages,
        "accepting" not in asked or row.accepting,
        "kind" not in asked or row.kind == asked["kind"],
        "confirmed" not in asked or year,
        all(any(word == one or (len(word) >= 4 and one.startswith(word)) for one in has) for word in filters.words),
    ))  # fmt: skip


def by_name(made: list[LocationRow], query: SearchQuery) -> list[tuple[None, int, int]]:
    """The page of a search by name."""
    words = query.filters.words
    ranked: dict[int, tuple[int, str, int, int]] = {}
    for row in made:
        if holds(row, query.filters):
            rank = 1 if set(words) <= set(tokenize(row.text)) else 2
            rank = 0 if tokenize(row.name) == words else rank
            rank, _, _, location = min(ranked.get(row.listing_id, (rank, "", 0, row.location_id)), (rank, "", 0, 2**31))
            location = min(ranked.get(row.listing_id, (0, "", 0, row.location_id))[3], row.location_id)
            ranked[row.listing_id] = (rank, " ".join(tokenize(row.name)), row.listing_id, location)
    return [(None, hit[2], hit[3]) for hit in sorted(ranked.values())][query.offset :][: query.per_page]


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_a_loop_finds(seed: int) -> None:
    rng = random.Random(seed)
    made = rows(rng, 120)
    brute = BruteForce(made)
    asking = QueryGenerator(rng, [Point(row.lat, row.lon) for row in made], brute.vocabulary)
    found = 0
    for _ in range(100):
        query = asking.query()
        if query.origin is None:
            assert brute.page(query, NOW).hits == by_name(made, query)
            continue
        nearest: dict[int, float] = {}
        for row in made:
            if holds(row, query.filters):
                miles = miles_between(query.origin, Point(row.lat, row.lon))
                nearest[row.listing_id] = min(miles, nearest.get(row.listing_id, miles))
        ranking = sorted((miles, listing_id) for listing_id, miles in nearest.items())
        inside = [hit for hit in ranking if query.within_miles is None or hit[0] <= query.within_miles]
        shown = ranking[: max(10, len(inside))]
        page = brute.page(query, NOW)
        expected = shown[query.offset : query.offset + query.per_page]
        assert [hit[1] for hit in page.hits] == [hit[1] for hit in expected]
        assert [hit[0] for hit in page.hits] == pytest.approx([hit[0] for hit in expected], abs=1e-4)
        assert page.total == len(inside)
        found += bool(inside)
    assert found > 20, "too many of the searches find nothing"
