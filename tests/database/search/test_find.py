"""A search finds what a look at every listing would find, in the same order, on both databases."""

import math
import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from listings_by_point import LAST_MONTH, NOW, MadeUp, assert_as_brute_force, at, indexed
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.search import index
from directory.search.query import IMAGING, MAX_PAGE, Filters, SearchQuery

DENVER = Point(39.7392, -104.9903)
BOULDER = Point(40.015, -105.2705)
CHEYENNE = Point(41.14, -104.8202)
NEW_YORK = Point(40.7128, -74.006)
ONLY_METHODS = ("fluoroscopy",)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  made-up points need a seed, not a secret


def ids(session: Session, **asked) -> list[int]:
    return [hit.listing_id for hit in index.find(session, SearchQuery(DENVER, filters=Filters(**asked)), now=NOW).hits]


def test_an_empty_index_finds_nothing_and_says_so(session):
    for within in (None, 50):
        found = index.find(session, SearchQuery(DENVER, within), now=NOW)
        assert (found.hits, found.total, found.has_next) == ((), 0, False)


def test_the_nearest_comes_first_with_its_miles(session):
    stored = indexed(session, at([NEW_YORK, BOULDER, CHEYENNE, DENVER]))
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, 250))
    assert [round(hit.miles) for hit in found.hits] == [0, 24, 97, 1627]
    assert found.total == 3


def test_a_listing_with_several_locations_appears_once_at_its_nearest(session):
    stored = indexed(session, [MadeUp((NEW_YORK, CHEYENNE, BOULDER)), MadeUp((CHEYENNE,))])
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, 250))
    assert [(hit.listing_id, round(hit.miles)) for hit in found.hits] == [(1, 24), (2, 97)]
    assert found.total == 2


def test_equals_are_ordered_by_their_number(session):
    stored = indexed(session, at([BOULDER] * 5))
    assert ids(session) == sorted(stored)


def test_fewer_than_ten_within_the_radius_are_filled_up_with_the_nearest_outside(session):
    stored = indexed(session, at([BOULDER] * 4 + [CHEYENNE] * 4 + [NEW_YORK] * 4))
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, 50))
    assert [hit.outside_radius for hit in found.hits] == [False] * 4 + [True] * 6
    assert (found.total, found.has_next) == (4, False)


def test_nothing_within_the_radius_is_never_a_dead_end(session):
    stored = indexed(session, at([NEW_YORK] * 12))
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, 5))
    assert (len(found.hits), found.total) == (10, 0)
    assert all(hit.outside_radius for hit in found.hits)


def test_a_crowd_just_outside_the_radius_fills_up_as_well(session):
    """The circle's squares then hold too many rows to read whole, which is another way through the search."""
    beside = Point(DENVER.lat + 0.0745, DENVER.lon)  # 5.15 miles to the north
    stored = indexed(session, at([DENVER] * 3 + [beside] * 400))
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, 5))
    assert found.rows_counted > 0
    assert (found.total, len(found.hits), found.has_next) == (3, 10, False)


def test_what_fills_up_matches_the_filters_too(session):
    stored = indexed(session, [MadeUp((NEW_YORK,), ONLY_METHODS), *at([BOULDER] * 12)])
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, 5, Filters(badge=True)))
    assert [(hit.listing_id, hit.outside_radius) for hit in found.hits] == [(1, True)]


def test_a_listing_at_the_very_radius_is_inside(session):
    stored = indexed(session, at([BOULDER] * 11))
    miles = index.find(session, SearchQuery(DENVER), now=NOW).hits[0].miles
    assert assert_as_brute_force(session, stored, SearchQuery(DENVER, miles)).total == 11
    assert assert_as_brute_force(session, stored, SearchQuery(DENVER, math.nextafter(miles, 0))).total == 0


def test_pages_follow_each_other_without_gap_or_double(session):
    stored = indexed(session, at([BOULDER] * 30 + [CHEYENNE] * 25))
    pages = [index.find(session, SearchQuery(DENVER, 250, page=page), now=NOW) for page in (1, 2, 3)]
    assert [hit.listing_id for page in pages for hit in page.hits] == sorted(stored)
    assert [page.has_next for page in pages] == [True, True, False]


@pytest.mark.parametrize("many", [3, 55, 700])
@pytest.mark.parametrize("within", [None, 250])
def test_a_page_past_the_end_is_empty_and_its_total_is_right(session, many, within):
    indexed(session, at([BOULDER] * many))
    found = index.find(session, SearchQuery(DENVER, within, page=MAX_PAGE), now=NOW)
    assert (found.hits, found.total, found.has_next) == ((), many, False)


def test_no_page_is_promised_that_cannot_be_asked_for(session):
    indexed(session, at([BOULDER] * (MAX_PAGE + 1)))
    assert index.find(session, SearchQuery(DENVER, page=MAX_PAGE - 1, per_page=1), now=NOW).has_next
    assert not index.find(session, SearchQuery(DENVER, page=MAX_PAGE, per_page=1), now=NOW).has_next


@pytest.mark.parametrize("state", [state for state in State if state is not State.PUBLISHED])
def test_what_is_not_published_is_never_found(session, state):
    indexed(session, [MadeUp((DENVER,), ONLY_METHODS, state=state)])
    assert ids(session) == []
    assert ids(session, badge=True) == []


def test_a_location_without_coordinates_is_not_found_and_hides_no_other(session):
    stored = indexed(session, [MadeUp((None,)), MadeUp((None, BOULDER))])
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, 50))
    assert [hit.listing_id for hit in found.hits] == [2]


def test_a_badge_vanishes_the_moment_after_its_last(session):
    last = NOW + timedelta(microseconds=500_001)
    indexed(session, [MadeUp((DENVER,), ONLY_METHODS, valid_until=last)])
    query = SearchQuery(DENVER, filters=Filters(badge=True))
    moment = timedelta(microseconds=1)
    assert index.find(session, query, now=last).total == 1
    assert index.find(session, query, now=last + moment).total == 0


@pytest.mark.parametrize("imaging", IMAGING)
def test_what_has_expired_matches_no_filter_and_is_still_listed(session, imaging):
    indexed(session, [MadeUp((DENVER,), ("fluoroscopy", "ultrasound", "ct"), valid_until=LAST_MONTH)])
    assert ids(session, imaging=imaging) == []
    assert ids(session, badge=True) == []
    assert ids(session) == [1]


@pytest.mark.parametrize("state", [state for state in AttestationState if state is not AttestationState.ACCEPTED])
def test_only_what_was_accepted_matches_a_filter(session, state):
    indexed(session, [MadeUp((DENVER,), ONLY_METHODS, attestation=state)])
    assert ids(session, badge=True) == []
    assert ids(session, imaging="any") == []
    assert ids(session) == [1]


@pytest.mark.parametrize("asked", IMAGING)
def test_the_imaging_filter_finds_who_states_that_method(session, asked):
    answers = [None, (), ("fluoroscopy",), ("ultrasound",), ("ct",), ("fluoroscopy", "ct")]
    stored = indexed(session, [MadeUp((DENVER,), methods) for methods in answers])
    found = assert_as_brute_force(session, stored, SearchQuery(DENVER, filters=Filters(imaging=asked)))
    assert found.total == {"any": 4, "fluoroscopy": 2, "ultrasound": 1, "ct": 2}[asked]


def test_imaging_that_is_used_sometimes_matches_the_filter_and_earns_no_badge(session):
    indexed(session, [MadeUp((DENVER,), ("ct",), how_often="sometimes")])
    assert ids(session, imaging="ct") == [1]
    assert ids(session, badge=True) == []


def test_one_answer_that_is_not_right_earns_no_badge(session):
    indexed(session, [MadeUp((DENVER,), ONLY_METHODS, volume=10), MadeUp((DENVER,), ONLY_METHODS, volume=10.1)])
    assert ids(session, badge=True) == [1]


def test_badge_and_imaging_together_ask_for_both(session):
    indexed(
        session,
        [MadeUp((DENVER,), ("ct",)), MadeUp((DENVER,), ("ultrasound",)), MadeUp((DENVER,), ("ct",), volume=20)],
    )
    assert ids(session, badge=True, imaging="ct") == [1]
    assert ids(session, badge=True, imaging="any") == [1, 2]


def scattered(rng: random.Random, many: int) -> list[MadeUp]:
    """Towns and emptiness, stacks at one address, both sides of the antimeridian, both poles."""
    towns = [
        DENVER, NEW_YORK, Point(61.2, -149.9), Point(-17.0, 179.97), Point(-17.0, -179.98), Point(65.0, 180.0),
        Point(89.9, 10.0), Point(-90.0, 0.0), Point(90.0, -180.0), Point(0.0, 0.0),
    ]  # fmt: skip
    stacks = [near(rng, town, 0.2) for town in towns]

    def place() -> Point:
        kind = rng.random()
        if kind < 0.15:
            return rng.choice(stacks)
        if kind < 0.85:
            return near(rng, rng.choice(towns), 0.5)
        return Point(math.degrees(math.asin(rng.uniform(-1, 1))), rng.uniform(-180, 180))

    return [
        MadeUp(
            tuple(place() for _ in range(rng.choice([1, 1, 1, 2, 4]))),
            rng.choice([None, None, (), ("ct",), ("fluoroscopy", "ultrasound")]),
            rng.choice(["always", "sometimes"]),
            rng.choice([8, 20]),
            rng.choice([NOW + timedelta(days=1), NOW + timedelta(days=1), LAST_MONTH]),
        )
        for _ in range(many)
    ]


def near(rng: random.Random, town: Point, degrees: float) -> Point:
    lat = min(max(town.lat + rng.gauss(0, degrees), -90.0), 90.0)
    return Point(lat, (town.lon + rng.gauss(0, degrees) + 540.0) % 360.0 - 180.0)


@pytest.mark.parametrize("many", [40, 3000])
def test_any_search_over_the_whole_globe_equals_brute_force(session, many):
    rng = seeded(many)
    stored = indexed(session, scattered(rng, many))
    origins = [place for made in stored.values() for place in made.places]
    for _ in range(150):
        query = SearchQuery(
            rng.choice([rng.choice(origins), near(rng, rng.choice(origins), 3.0), Point(90, 0), Point(-89.99, 180)]),
            rng.choice([None, 5, 25, 50, 250]),
            Filters(badge=rng.random() < 0.3, imaging=rng.choice([None, None, *IMAGING])),
            rng.choice([1, 1, 2, 3, 20]),
            rng.choice([20, 20, 1, 7, 100]),
        )
        assert_as_brute_force(session, stored, query)


def test_the_rows_that_are_read_are_bounded_however_many_there_are(session):
    """No filter, a dense town, an empty land, a far continent: the hits of the first page cost 2,000 rows at most.

    What the exact total costs grows with the total, and is counted apart.
    """
    rng = seeded(7)
    dense = [near(rng, NEW_YORK, 0.1) for _ in range(6000)]
    wide = [Point(rng.uniform(25, 49), rng.uniform(-124, -67)) for _ in range(6000)]
    stored = indexed(session, at(dense + wide))
    origins = [NEW_YORK, near(rng, NEW_YORK, 2.0), DENVER, Point(64, -150), Point(48.85, 2.35), Point(-90, 0)]
    for origin in origins + [near(rng, NEW_YORK, 1.0) for _ in range(40)]:
        for within in (None, 5, 50):
            found = assert_as_brute_force(session, stored, SearchQuery(origin, within))
            assert found.rows_read <= 2000


def test_a_search_takes_few_statements_however_many_are_found(session):
    rng = seeded(3)
    indexed(session, at(near(rng, DENVER, 0.2) for _ in range(2000)))
    sent = []
    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
    index.find(session, SearchQuery(DENVER, 50), now=NOW)
    assert 1 <= len(sent) <= 12


def test_every_statement_looks_its_ranges_up_by_the_clustered_key(session):
    """Without it a search reads the whole table, and is right, and slow: PostgreSQL once did."""
    rng = seeded(3)
    wide = at(Point(rng.uniform(25, 49), rng.uniform(-124, -67)) for _ in range(20_000))
    indexed(session, wide)
    session.commit()
    session.execute(sa.text("ANALYZE"))
    sent = []
    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2:4]))
    for origin in (DENVER, Point(64, -150)):
        index.find(session, SearchQuery(origin, 250), now=NOW)
    asked, explain = list(sent), "EXPLAIN" + (" QUERY PLAN" if engine.dialect.name == "sqlite" else "")
    assert len(asked) > 5
    for statement, parameters in asked:
        plan = session.connection().exec_driver_sql(f"{explain} {statement}", parameters).all()
        text = " ".join(str(row) for row in plan)
        looked_up = "(key=? AND code>? AND code<?)" if engine.dialect.name == "sqlite" else "pk_search_cells"
        assert looked_up in text
        assert "Seq Scan" not in text
        assert "SCAN search_cells" not in text
