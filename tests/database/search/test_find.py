"""A search finds what a look at every listing would find, in the same order, on both databases."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from any_search import FEW, near, somebody
from listings_by_point import LAST_MONTH, NOW, MadeUp, assert_as_brute_force, at, indexed, seeded
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.geography.box import box_around
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.search import index
from directory.search.clusters import clusters
from directory.search.facets import facets, hindrance
from directory.search.query import BONES, IMAGING, MAX_PAGE, After, Filters, SearchQuery

DENVER = Point(39.7392, -104.9903)
BOULDER = Point(40.015, -105.2705)
CHEYENNE = Point(41.14, -104.8202)
NEW_YORK = Point(40.7128, -74.006)
ONLY_METHODS = ("fluoroscopy",)


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


@pytest.fixture
def sent(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """What the database is asked, with its parameters."""
    asked: list[tuple[str, Any]] = []
    engine = session.get_bind()

    def note(*arguments: Any) -> None:
        asked.append(arguments[2:4])

    sa.event.listen(engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", note)


EVERYTHING = Filters(
    badge=True, imaging="ct", volume=10, sites=5, bone=BONES[0], specialty=FEW[0], language="es", accepting=True,
    kind="person", confirmed=True, q="made nowhere",
)  # fmt: skip
SOME_FILTERS = [
    Filters(), Filters(badge=True), Filters(volume=7), Filters(confirmed=True), Filters(language="es", kind="clinic"),
    Filters(q="mar"), Filters(q="marr"), Filters(specialty="000000000X"), EVERYTHING,
]  # fmt: skip


def ask_everything(session: Session, origin: Point, filters: Filters) -> None:
    """Every query that the search has."""
    for within in (5, 250, None):
        query = SearchQuery(origin, within, filters)
        found = index.find(session, query, now=NOW)
        index.find(session, replace(query, page=9), now=NOW)
        index.find(session, replace(query, page=2, after=found.after or After(1.0, 1)), now=NOW)
        index.count(session, query, now=NOW)
        facets(session, query, now=NOW)
        hindrance(session, query, now=NOW)
    for zoom in (2, 8, 14):
        clusters(session, filters, box_around(origin, 40_000 / 2**zoom), zoom, now=NOW)


@pytest.mark.parametrize("filters", SOME_FILTERS)
def test_a_search_takes_few_statements_however_many_are_found(session, sent, filters):
    rng = seeded(3)
    indexed(session, [somebody(rng, (near(rng, DENVER, 0.2),)) for _ in range(600)])
    for ask in (index.find, index.count, facets):
        sent.clear()
        ask(session, SearchQuery(DENVER, 50, filters), now=NOW)
        assert 1 <= len(sent) <= 12


SCANS = re.compile(r"Seq Scan on search_(?!state)|SCAN (?:search_(?!state)|tile|node|document|word|counted)")
"""How either database says that it reads a whole table of the index; `search_state` has one row."""


def test_every_statement_looks_up_what_it_needs_by_an_index(session, sent):
    """Without it a search reads the whole table, and is right, and slow: both databases once did.

    PostgreSQL reads small tables whole and is right to; so it is told not to, if there is another way.
    """
    rng = seeded(3)
    wide = [Point(rng.uniform(25, 49), rng.uniform(-124, -67)) for _ in range(1500)]
    # As many names as there are listings: a table of a few words is better read whole.
    indexed(session, [somebody(rng, (spot,), name=f"Mary{number} O{number}") for number, spot in enumerate(wide)])
    session.commit()
    session.execute(sa.text("ANALYZE"))
    sent.clear()
    for origin in (DENVER, Point(64, -150)):
        for filters in SOME_FILTERS:
            ask_everything(session, origin, filters)
    asked = {statement: parameters for statement, parameters in sent if "search_" in statement}
    assert len(asked) > 5
    explain = "EXPLAIN" + (" QUERY PLAN" if session.get_bind().dialect.name == "sqlite" else "")
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    for statement, parameters in asked.items():
        plan = session.connection().exec_driver_sql(f"{explain} {statement}", parameters).all()
        text = "\n".join(str(row) for row in plan)
        assert not SCANS.search(text), f"{statement}\n{text}"
