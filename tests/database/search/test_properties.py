"""Whatever is listed and whatever is asked, the index answers as a look at every listing would."""

import math
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from listings_by_point import NOW, MadeUp, assert_as_brute_force, indexed, store
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import shipped
from directory.database import Base
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search import index, reading
from directory.search.cells import Square
from directory.search.query import IMAGING, MAX_MILES, MIN_MILES, Filters, SearchQuery

spots = [Point(40, -105), Point(0, 180), Point(0, -180), Point(65, 179.999), Point(90, 0), Point(-90, 77), Point(0, 0)]
"""Places to stack entries on: points that are equal, at the antimeridian and at the poles."""

places = st.one_of(
    st.sampled_from(spots),
    st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Point, st.floats(39.9, 40.1), st.floats(-105.1, -104.9)),
    st.builds(Point, st.floats(-1, 1), st.one_of(st.floats(179.5, 180), st.floats(-180, -179.5))),
    st.builds(Point, st.floats(85, 90), st.floats(-180, 180)),
)
made_up = st.builds(
    MadeUp,
    st.lists(st.one_of(places, places, st.none()), min_size=1, max_size=4).map(tuple),
    st.sampled_from([None, (), ("ct",), ("fluoroscopy", "ultrasound")]),
    st.sampled_from(["always", "sometimes"]),
    st.sampled_from([8, 20]),
    st.sampled_from([NOW, NOW + timedelta(days=1), NOW - timedelta(microseconds=1)]),
    st.sampled_from([State.PUBLISHED] * 3 + [State.DRAFT]),
    st.sampled_from([AttestationState.ACCEPTED] * 3 + [AttestationState.REVOKED]),
)
queries = st.builds(
    SearchQuery,
    places,
    st.one_of(st.none(), st.floats(MIN_MILES, MAX_MILES)),
    st.builds(Filters, badge=st.booleans(), imaging=st.sampled_from([None, *IMAGING])),
    st.integers(1, 4),
    st.sampled_from([1, 3, 20]),
)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so small that a few dozen listings are a crowd: every way through the search is taken."""
    monkeypatch.setattr(index, "READ_WHOLE", 3)
    monkeypatch.setattr(reading, "SPARE_ROWS", 2)
    monkeypatch.setattr(reading, "ROWS_PER_HIT", 1)
    monkeypatch.setattr(reading, "SQUARE_SPARE_ROWS", 0)


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def assert_all(engine: sa.Engine, listed: list[MadeUp], asked: list[SearchQuery]) -> None:
    with Session(engine) as session:
        stored = indexed(session, listed)
        for query in asked:
            assert_as_brute_force(session, stored, query)
        session.rollback()


# The engine is the same for all examples, and each is rolled back.
examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@examples
@given(st.lists(made_up, max_size=40), st.lists(queries, min_size=1, max_size=5))
def test_any_search_equals_brute_force(engine, listed, asked):
    assert_all(engine, listed, asked)


@pytest.mark.usefixtures("small_limits")
@examples
@given(st.lists(made_up, min_size=5, max_size=60), st.lists(queries, min_size=1, max_size=5))
def test_any_search_past_every_limit_equals_brute_force(engine, listed, asked):
    assert_all(engine, listed, asked)


PLANTED = {
    "a block is taken for the nearest": (reading.Reader, "_completed", lambda _, found, wanted, *__: found[:wanted]),
    "no square is near": (Square, "nearest_miles", lambda *_: math.inf),
    "a circle is counted by its squares": (reading, "miles_between", lambda *_: 0.0),
}


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(engine, monkeypatch, fault):
    monkeypatch.setattr(*PLANTED[fault])

    # The first failure is enough: neither shrunk nor joined by others.
    @settings(
        examples, max_examples=500, database=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False
    )
    @given(st.lists(made_up, min_size=5, max_size=60), st.lists(queries, min_size=1, max_size=5))
    def check(listed, asked):
        assert_all(engine, listed, asked)

    with pytest.raises(AssertionError):
        check()


class Keeping(RuleBasedStateMachine):
    """Publishes, edits and withdraws in any order; the index has to follow."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = sa.create_engine("sqlite://")
        Base.metadata.create_all(self.engine)
        self.session = Session(self.engine)
        self.ids: list[int] = []

    def refresh(self, listing_id: int) -> None:
        index.refresh(self.session, [listing_id], rulesets=shipped())

    @initialize(listed=st.lists(made_up, min_size=1, max_size=5))
    def begin(self, listed):
        self.ids = list(indexed(self.session, listed))

    @rule(made=made_up)
    def publish(self, made):
        (listing_id,) = store(self.session, [made])
        self.ids.append(listing_id)
        self.refresh(listing_id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), state=st.sampled_from(State))
    def move(self, data, state):
        listing_id = data.draw(st.sampled_from(self.ids))
        self.session.get_one(Listing, listing_id).state = state
        self.refresh(listing_id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), place=st.one_of(places, st.none()))
    def relocate(self, data, place):
        listing_id = data.draw(st.sampled_from(self.ids))
        for location in self.session.scalars(sa.select(Location).where(Location.listing_id == listing_id)):
            location.lat, location.lon = place and place.lat, place and place.lon
        self.refresh(listing_id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), state=st.sampled_from([AttestationState.ACCEPTED, AttestationState.REVOKED]))
    def judge(self, data, state):
        listing_id = data.draw(st.sampled_from(self.ids))
        self.session.execute(sa.update(Attestation).where(Attestation.listing_id == listing_id).values(state=state))
        self.refresh(listing_id)

    @invariant()
    def the_index_is_as_the_tables_say(self):
        assert list(index.verify(self.session, rulesets=shipped())) == []

    def teardown(self):
        self.session.close()
        self.engine.dispose()


TestKeeping = Keeping.TestCase
TestKeeping.settings = settings(max_examples=25, stateful_step_count=12)
