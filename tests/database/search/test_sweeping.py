"""What has ended is found by none, counted by none, and taken out of the index when somebody sweeps."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from listings_by_point import NEXT_YEAR, NOW, MadeUp, differences, indexed

from directory.certification.ruleset import shipped
from directory.geography.point import Point
from directory.search import index
from directory.search.following import sweep
from directory.search.keys import BIT, microseconds
from directory.search.query import Filters, SearchQuery
from directory.search.tables import search_keys, search_nodes, search_state

DENVER = Point(39.74, -104.99)
BADGES = SearchQuery(DENVER, 50, Filters(badge=True))
LATER = NEXT_YEAR + timedelta(days=1)


@pytest.fixture
def badges(session):
    """Three listings with a badge that ends in a year, and one whose badge lasts two."""
    ending = [MadeUp((DENVER,), methods=("ct",)) for _ in range(3)]
    lasting = MadeUp((DENVER,), methods=("ct",), valid_until=NEXT_YEAR + timedelta(days=365))
    return indexed(session, [*ending, lasting])


def under_badge(session) -> int:
    here = sa.select(search_keys.c.locations).where(search_keys.c.key == BIT["badge", "1"])
    return session.scalar(
        here.where(search_keys.c.generation == sa.select(search_state.c.generation).scalar_subquery())
    )


@pytest.mark.usefixtures("badges")
def test_what_ended_is_counted_by_none_before_anybody_sweeps(session):
    assert index.count(session, BADGES, now=NOW) == 4
    assert index.count(session, BADGES, now=LATER) == 1
    assert under_badge(session) == 4


@pytest.mark.usefixtures("badges")
def test_a_sweep_takes_out_what_ended_and_nothing_else(session):
    assert sweep(session, rulesets=shipped(), now=NOW, limit=100) == 0
    assert sweep(session, rulesets=shipped(), now=LATER, limit=100) == 3
    assert under_badge(session) == 1
    assert index.count(session, BADGES, now=LATER) == 1
    assert index.count(session, SearchQuery(DENVER, 50), now=LATER) == 4
    assert differences(session, now=LATER) == []


@pytest.mark.usefixtures("badges")
def test_a_sweep_works_on_so_many_at_a_time_and_ends(session):
    swept = [sweep(session, rulesets=shipped(), now=LATER, limit=2) for _ in range(3)]
    assert swept == [2, 1, 0]


@pytest.mark.usefixtures("badges")
def test_after_a_sweep_the_counts_hold_again(session):
    """The squares around an ended badge say anew until when their counts hold: until the badge that lasts ends."""
    sweep(session, rulesets=shipped(), now=LATER, limit=100)
    root = session.execute(sa.select(search_nodes).where(search_nodes.c.node == BIT["badge", "1"] << 53)).one()
    assert (root.locations, root.counts_until) == (1, microseconds(NEXT_YEAR + timedelta(days=365)))
