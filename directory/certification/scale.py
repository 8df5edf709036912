"""The scale of a numeric criterion: its zones by grade, and where an answer lies on it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from directory.certification.answers import NumberRange
from directory.certification.criteria import Criterion, format_decimal
from directory.certification.scoring import Grade

DRAWN_PAST_LAST_ZONE = Decimal("1.4")
"""The end of the drawn scale, as a multiple of the first number of the last zone; arbitrary."""

NEAR_AN_END = 20
"""The share of the scale, in percent, where a label begins or ends at its mark; arbitrary, wider than half a label."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Neighboring numbers with one grade; `start` and `width` are in percent of the drawn scale."""

    grade: Grade
    start: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The zones in ascending order, and the answer from `start` to `end`, in percent of the drawn scale.

    Numbers past the end of the drawn scale are at 100 percent.
    """

    zones: tuple[Zone, ...]
    start: float
    end: float

    @property
    def middle(self) -> float:
        """Where the label of the answer stands."""
        return (self.start + self.end) / 2

    @property
    def label_anchor(self) -> str:
        """The end of the label that stands there, as SVG names it."""
        if self.middle < NEAR_AN_END:
            return "start"
        return "end" if self.middle > 100 - NEAR_AN_END else "middle"


def answer_scale(criterion: Criterion, answer: NumberRange) -> Scale:
    """Return the scale of a numeric criterion with this answer on it."""
    step = Decimal(1).scaleb(-criterion.decimals)
    spans = list(grade_spans(criterion))
    # A boundary lies half a step before the first number of a zone.
    first = spans[0][1] - step / 2
    last = min(spans[-1][1] * DRAWN_PAST_LAST_ZONE, criterion.limits.at_most) + step / 2

    def place(number: Decimal) -> float:
        share = (number - first) / (last - first)
        return round(float(min(max(share, Decimal(0)), Decimal(1))) * 100, 2)

    edges = [*(place(low - step / 2) for _, low, _ in spans), 100.0]
    zones = tuple(
        Zone(grade, start, round(end - start, 2), _zone_text(criterion, low, high))
        for (grade, low, high), (start, end) in zip(spans, itertools.pairwise(edges), strict=True)
    )
    return Scale(zones, place(answer.low), place(answer.high))


def grade_spans(criterion: Criterion) -> Iterator[tuple[Grade, Decimal, Decimal]]:
    """Yield each zone's grade with its first and last number; numbers that no rule names are in between."""
    limits, step = criterion.limits, Decimal(1).scaleb(-criterion.decimals)
    named = sorted(
        (
            limits.at_least if span.at_least is None else span.at_least,
            limits.at_most if span.at_most is None else span.at_most,
            grade,
        )
        for grade, rule in ((Grade.RIGHT, criterion.right), (Grade.WRONG, criterion.wrong))
        for span in rule.spans
    )
    following = limits.at_least
    for low, high, grade in named:
        if following < low:
            yield Grade.BETWEEN, following, low - step
        yield grade, low, high
        following = high + step
    if following <= limits.at_most:
        yield Grade.BETWEEN, following, limits.at_most


def zone_texts(criterion: Criterion) -> tuple[tuple[Grade, str], ...]:
    """Return the grade of each zone of a numeric criterion with its numbers in words, in ascending order."""
    return tuple((grade, _zone_text(criterion, low, high)) for grade, low, high in grade_spans(criterion))


def _zone_text(criterion: Criterion, low: Decimal, high: Decimal) -> str:
    lowest, highest = format_decimal(low), format_decimal(high)
    if low == criterion.limits.at_least:
        return f"up to {highest} {criterion.unit}"
    if high == criterion.limits.at_most:
        return f"{lowest} {criterion.unit} or more"
    return f"{lowest} to {highest} {criterion.unit}"
