"""The data classes of a ruleset: questions with their limits, rules, texts and citations."""

import enum
from dataclasses import dataclass
from decimal import Decimal


class AnswerKind(enum.StrEnum):
    """The type of an answer. Only this part of a question is defined in code; the rest is data in the ruleset."""

    QUANTITY = "quantity"
    COUNT = "count"
    CHOICE = "choice"
    CHOICES = "choices"

    @property
    def is_number(self) -> bool:
        """Whether the answer is a number or a range of numbers."""
        return self in {AnswerKind.QUANTITY, AnswerKind.COUNT}


class Strength(enum.StrEnum):
    """How well published studies support a rule."""

    STRONG = "strong"
    GOOD = "good"
    MODERATE = "moderate"
    WEAK = "weak"


class Stance(enum.StrEnum):
    """Whether a study supports the rule or contradicts it."""

    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range of numbers that includes its ends; an end that is None is unbounded."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def touches(self, low: Decimal, high: Decimal) -> bool:
        """Whether any number from `low` to `high` lies inside."""
        return (self.at_least is None or high >= self.at_least) and (self.at_most is None or low <= self.at_most)

    def covers(self, low: Decimal, high: Decimal) -> bool:
        """Whether every number from `low` to `high` lies inside."""
        return (self.at_least is None or low >= self.at_least) and (self.at_most is None or high <= self.at_most)


@dataclass(frozen=True, slots=True)
class Limits:
    """The smallest and the largest number that a question accepts; numbers outside are rejected, never graded."""

    at_least: Decimal
    at_most: Decimal


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: its value in JSON, its label on forms and pages, and its phrase for use in a sentence."""

    value: str
    label: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The condition for a right or a wrong answer. Only the fields for the criterion's kind are set.

    For numbers: `spans`. For a choice: `values`. For several choices: `values` (at least one of them is chosen),
    `how_often` (and it is one of these; empty if it does not matter) and `none` (whether choosing nothing matches).
    """

    spans: tuple[Bounds, ...] = ()
    values: frozenset[str] = frozenset()
    how_often: frozenset[str] = frozenset()
    none: bool = False

    def touches(self, low: Decimal, high: Decimal) -> bool:
        """Whether any number from `low` to `high` lies in a span."""
        return any(span.touches(low, high) for span in self.spans)

    def covers(self, low: Decimal, high: Decimal) -> bool:
        """Whether every number from `low` to `high` lies in one span."""
        return any(span.covers(low, high) for span in self.spans)

    def matches(self, chosen: frozenset[str], how_often: str | None) -> bool:
        """Whether these choices with this how-often meet the rule."""
        if not chosen:
            return self.none
        if not (self.values or self.how_often):
            return False
        return (not self.values or not self.values.isdisjoint(chosen)) and (
            not self.how_often or how_often in self.how_often
        )


@dataclass(frozen=True, slots=True)
class Sentences:
    """Templates for the sentences of a finding, with the placeholders `{answer}` and `{how_often}`."""

    says: str
    says_range: str
    says_none: str
    not_stated: str
    rule: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A published study. Only verified facts are included, so authors, title, year or pages may be missing."""

    authors: str
    title: str
    reference: str
    finding: str
    stance: Stance
    doi: str
    url: str

    @property
    def link(self) -> str:
        """The URL of the study; empty if no address was verified."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A question to the provider; questions are compared by identity.

    `decimals` is the maximum number of decimal places, `unit_one` is the unit after exactly 1, and `unit_aliases` are
    other names of the unit that forms accept.
    """

    key: str
    kind: AnswerKind
    short: str
    question: str
    hint: str
    unit: str
    unit_one: str
    unit_aliases: tuple[str, ...]
    decimals: int
    limits: Limits
    options: tuple[Option, ...]
    how_often: tuple[Option, ...]
    none: Option | None

    def option(self, value: str) -> Option | None:
        """The option with this value, or None."""
        return next((option for option in self.options if option.value == value), None)

    def frequency(self, value: str) -> Option | None:
        """The how-often option with this value, or None."""
        return next((option for option in self.how_often if option.value == value), None)


@dataclass(frozen=True, slots=True, eq=False)
class Detail(Question):
    """A question whose answer is shown but never graded; every detail is optional."""


@dataclass(frozen=True, slots=True, eq=False)
class Criterion(Question):
    """A question whose answer is graded; an answer that is neither right nor wrong is in between."""

    right: Rule
    wrong: Rule
    patient_question: str
    right_answer: str
    wrong_answer: str
    why: str
    note: str
    strength: Strength
    strength_text: str
    citations: tuple[Citation, ...]
    sentences: Sentences


class CheckKind(enum.StrEnum):
    """The kinds of contradictions between answers."""

    TOTAL = "total"
    NEEDS_A_CHOICE = "needs_a_choice"
    NEVER_TOGETHER = "never_together"


@dataclass(frozen=True, slots=True)
class Pick:
    """A set of values of one question."""

    question: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A check for contradictions before signing. Only the fields for its kind are set.

    `total`: a `total` must lie between one `each` and `times` × `each`. `needs_a_choice`: the answer says how often
    but chooses nothing. `never_together`: every pick is answered with one of its values.
    """

    key: str
    kind: CheckKind
    sentence: str
    sentence_too_small: str = ""
    total: str = ""
    each: str = ""
    times: str = ""
    question: str = ""
    picks: tuple[Pick, ...] = ()

    @property
    def questions(self) -> tuple[str, ...]:
        """The keys of the questions whose answers it compares."""
        named = (self.total, self.each, self.times, self.question, *(pick.question for pick in self.picks))
        return tuple(key for key in named if key)


@dataclass(frozen=True, slots=True)
class RulesSource:
    """The source of the rules, with what a reader must know about their authors."""

    title: str
    publisher: str
    url: str
    credit: str
    note: str


def fits_decimals(number: Decimal, decimals: int) -> bool:
    """Whether a number fits in `decimals` decimal places; exact for any length, False for infinity and NaN."""
    digits, exponent = number.as_tuple()[1:]
    if not isinstance(exponent, int):
        return False
    excess = -decimals - exponent
    return excess <= 0 or not any(digits[-excess:])


def format_decimal(number: Decimal) -> str:
    """Format a number without trailing zeros and without an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
