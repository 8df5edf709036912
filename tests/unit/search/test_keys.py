"""What an attestation gives a listing in the index: every combination, held against a sentence in plain words."""

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest

from directory.geography.point import Point
from directory.search.keys import NEVER, Flag, Key, Scope, Standing, microseconds
from directory.search.query import IMAGING, IMAGING_METHODS, Filters, SearchQuery

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORIGIN = Point(39.74, -104.99)
EVERY_METHOD_SET = [
    frozenset(methods) for size in range(4) for methods in itertools.combinations(IMAGING_METHODS, size)
]


@pytest.mark.parametrize("methods", EVERY_METHOD_SET)
@pytest.mark.parametrize("badge", [False, True])
@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("alive", [False, True])
@pytest.mark.parametrize("asked_badge", [False, True])
@pytest.mark.parametrize("asked_imaging", [None, *IMAGING])
def test_a_row_is_found_exactly_when_its_listing_matches(methods, badge, several, alive, asked_badge, asked_imaging):
    until = microseconds(NOW if alive else NOW - timedelta(microseconds=1))
    standing = Standing(methods, badge, until)
    scope = Scope.of(SearchQuery(ORIGIN, filters=Filters(badge=asked_badge, imaging=asked_imaging)), NOW)
    row_is_found = scope.key in standing.keys and scope.holds(standing.flags(several=several), until)

    badge_fits = not asked_badge or (badge and alive)
    imaging_fits = asked_imaging is None or (
        alive and bool(methods if asked_imaging == "any" else methods & {asked_imaging})
    )
    assert row_is_found == (badge_fits and imaging_fits)


def test_every_listing_stands_under_the_key_of_a_search_without_filters():
    assert Standing().keys == (Key.ANY,)
    assert Scope.of(SearchQuery(ORIGIN), NOW).holds(0, NEVER)


def test_a_method_that_later_rules_add_counts_as_imaging():
    standing = Standing(frozenset({"mri"}), live_until=microseconds(NOW))
    assert Key.IMAGING in standing.keys
    assert standing.flags(several=False) == Flag.IMAGING


def test_several_places_are_marked_and_one_is_not():
    assert Standing().flags(several=True) == Flag.SEVERAL
    assert Standing().flags(several=False) == 0


def test_moments_are_exact_to_the_microsecond_in_any_zone():
    assert microseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    late = datetime(2999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert microseconds(late) - microseconds(late - timedelta(microseconds=1)) == 1
    assert microseconds(NOW) == microseconds(NOW.astimezone(timezone(timedelta(hours=-7))))
