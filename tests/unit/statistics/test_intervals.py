"""The interval of a proportion, held to published values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.statistics.intervals import wilson_interval

NEWCOMBE_1998 = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0000, 0.1611),
    (1, 29): (0.0061, 0.1718),
}
"""Table I of Newcombe, Statistics in Medicine 17 (1998), method 3: the score method without continuity correction."""


@pytest.mark.parametrize(("proportion", "published"), NEWCOMBE_1998.items())
def test_the_interval_is_that_of_the_paper(proportion: tuple[int, int], published: tuple[float, float]) -> None:
    assert wilson_interval(*proportion) == pytest.approx(published, abs=0.00005)


@given(trials=st.integers(1, 10**6), data=st.data())
def test_the_interval_contains_the_share_and_mirrors_it(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1
    assert wilson_interval(trials - successes, trials) == pytest.approx((1 - high, 1 - low))


def test_a_higher_level_is_wider() -> None:
    assert wilson_interval(8, 10, level=0.99)[0] < wilson_interval(8, 10)[0]


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_proportion_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(successes, trials)
