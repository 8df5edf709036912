"""The bins of a histogram follow the rule: none of them has numbers of two grades, and none is left out."""

from decimal import Decimal

import pytest

from directory.certification.answers import NumberRange
from directory.certification.criteria import Criterion
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import grade_answer
from directory.statistics.histogram import histogram_bins, weaker_end

CRITERIA = {each.key: each for each in bundled_rulesets().current.criteria if each.kind.is_number}


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA)
def test_each_number_of_the_form_is_in_one_bin_of_its_grade(criterion: Criterion) -> None:
    step, number = Decimal(1).scaleb(-criterion.decimals), criterion.limits.at_least
    bins = histogram_bins(criterion)
    while number <= criterion.limits.at_most:
        (found,) = [each for each in bins if each.low <= number <= each.high]
        assert found.grade is grade_answer(criterion, NumberRange(number, number)), number
        number += step
    assert [each.is_open for each in bins] == [False] * (len(bins) - 1) + [True]
    assert len(bins) <= 30


def test_the_numbers_read_as_people_write_them() -> None:
    volume = [each.text for each in histogram_bins(CRITERIA["volume_per_site_ml"])]
    assert volume[:2] == ["0.1 to 2", "2.1 to 4"]
    assert volume[-1].endswith(" or more")
    assert [each.text for each in histogram_bins(CRITERIA["distinct_sites"])][:5] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("low", "high", "weaker"),
    [(5, 10, 10), (4, 6, 4), (10, 20, 20), (1, 20, 1)],
)
def test_a_range_counts_at_its_weaker_end(low: int, high: int, weaker: int) -> None:
    assert weaker_end(CRITERIA["distinct_sites"], NumberRange(Decimal(low), Decimal(high))) == weaker
