"""The bins of a histogram of a numeric criterion: each lies within one zone of the rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from directory.certification.answers import NumberRange
from directory.certification.criteria import Criterion, format_decimal
from directory.certification.scale import DRAWN_PAST_LAST_ZONE, grade_spans
from directory.certification.scoring import Grade, grade_answer

MAX_BINS = 24
"""About how many bins a histogram has at most; arbitrary, so that each stays visible on a phone."""

_NICE = tuple(Decimal(number).scaleb(power) for power in range(-1, 4) for number in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Bin:
    """The numbers from `low` to `high`, which have one grade; an open bin has all that follow too."""

    low: Decimal
    high: Decimal
    grade: Grade
    is_open: bool

    @property
    def text(self) -> str:
        """The numbers in words: “5”, “0.1 to 2” or “42 or more”."""
        low, high = format_decimal(self.low), format_decimal(self.high)
        if self.is_open:
            return f"{low} or more"
        return low if low == high else f"{low} to {high}"


def histogram_bins(criterion: Criterion) -> tuple[Bin, ...]:
    """Return the bins of a numeric criterion in ascending order; every number that its form accepts is in one."""
    spans = list(grade_spans(criterion))
    step = Decimal(1).scaleb(-criterion.decimals)
    first, last = spans[0][1], min(spans[-1][1] * DRAWN_PAST_LAST_ZONE, criterion.limits.at_most)
    width = next(nice for nice in _NICE if nice >= max((last - first) / MAX_BINS, step))
    return tuple(found for span in spans for found in _bins_of_zone(span, width, step, last))


def _bins_of_zone(span: tuple[Grade, Decimal, Decimal], width: Decimal, step: Decimal, last: Decimal) -> Iterator[Bin]:
    grade, low, high = span
    while low <= high:
        end = min(low + width - step, high)
        is_open = low + width > last and high > end
        yield Bin(low, high if is_open else end, grade, is_open)
        low = (high if is_open else end) + step


def weaker_end(criterion: Criterion, answer: NumberRange) -> Decimal:
    """Return the end of a range that has the weaker grade, or the higher number if both have the same."""
    low, high = (grade_answer(criterion, NumberRange(end, end)) for end in (answer.low, answer.high))
    return answer.low if low < high else answer.high
