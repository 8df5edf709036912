"""Which facts filters look for, and until when a fact counts: exact to the microsecond, in any zone."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from directory.search.keys import (
    ANY,
    ATTESTED,
    BIT,
    COPIES,
    FACETS,
    FIRST,
    NUMBER,
    STEP,
    WORDS,
    Scope,
    confirmed_until,
    ends_with,
    microseconds,
)
from directory.search.query import BONES, IMAGING, KINDS, LANGUAGES, Filters

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def keys(**asked) -> list[int]:
    return [condition.key for condition in Scope.of(Filters(**asked), NOW).conditions]


def test_every_fact_has_a_number_of_its_own_and_fits_where_it_is_stored():
    assert len(set(NUMBER.values()) | {ANY, ATTESTED}) == len(NUMBER) + 2
    assert max(BIT.values()) < FIRST
    assert max(STEP.values()) < ATTESTED < FACETS <= COPIES
    assert 2 * COPIES <= WORDS


@pytest.mark.parametrize(
    ("name", "values"), [("imaging", IMAGING), ("bone", BONES), ("language", LANGUAGES), ("kind", KINDS)]
)
def test_each_choice_of_a_filter_is_a_fact(name, values):
    assert [keys(**{name: value}) for value in values] == [[NUMBER[name, value]] for value in values]


@pytest.mark.parametrize(
    ("volume", "key", "exact"),
    [(4.9, "5", False), (5, "5", True), (5.1, "10", False), (10, "10", True), (20, "20", True), (20.1, None, False)],
)
def test_a_volume_is_looked_for_in_the_next_greater_step(volume, key, exact):
    (condition,) = Scope.of(Filters(volume=volume), NOW).conditions
    assert (condition.key, condition.exact) == (STEP["volume", key] if key else ATTESTED, exact)


@pytest.mark.parametrize(
    ("sites", "key", "exact"),
    [(1, None, False), (3, "3", True), (4, "3", False), (5, "5", True), (9, "5", False), (60, "10", False)],
)
def test_a_number_of_sites_is_looked_for_in_the_next_smaller_step(sites, key, exact):
    (condition,) = Scope.of(Filters(sites=sites), NOW).conditions
    assert (condition.key, condition.exact) == (STEP["sites", key] if key else ATTESTED, exact)


def test_a_tenth_of_a_milliliter_is_never_rounded_away():
    for tenths in range(1, 2001):
        assert Scope.of(Filters(volume=tenths / 10), NOW).volume_tenths == tenths


def test_a_specialty_that_nobody_here_may_have_is_a_fact_of_nobody():
    assert keys(specialty="000000000X")[0] not in {*NUMBER.values(), ANY, ATTESTED}


def test_what_answers_state_ends_with_them_and_what_an_owner_states_does_not():
    of_answers = {"badge", "imaging", "bone", "volume", "sites"}
    for (name, _), number in NUMBER.items():
        column = "live_until" if name in of_answers else "confirmed_until" if name == "confirmed" else None
        assert ends_with(number) == ends_with(number + COPIES) == column
    assert ends_with(ATTESTED) == "live_until"
    assert ends_with(ANY) is ends_with(WORDS) is ends_with(WORDS + ATTESTED) is None


def test_an_entry_is_confirmed_to_the_end_of_the_day_a_year_later():
    day = date(2025, 11, 22)
    last = confirmed_until(day)
    assert last == microseconds(datetime(2026, 11, 22, 23, 59, 59, 999_999, tzinfo=UTC))
    assert confirmed_until(None) == 0


def test_moments_are_exact_to_the_microsecond_in_any_zone():
    assert microseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    late = datetime(2999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert microseconds(late) - microseconds(late - timedelta(microseconds=1)) == 1
    assert microseconds(NOW) == microseconds(NOW.astimezone(timezone(timedelta(hours=-7))))
