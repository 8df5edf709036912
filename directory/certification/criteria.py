"""The data classes of a ruleset: questions with their limits, rules, texts and citations."""

import enum
from dataclasses import dataclass
from decimal import Decimal


class AnswerKind(enum.StrEnum):
    """The shape of an answer. The only part of a question that code knows; the rest is data."""

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
    """Whether a study speaks for the rule or against it."""

    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A closed span of numbers; an end that is None is open."""

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
    """The smallest and the largest number that may be typed at all; nothing outside is ever graded."""

    at_least: Decimal
    at_most: Decimal


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: its value in JSON, its label on forms and pages, and how it reads within a sentence."""

    value: str
    label: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes an answer right, or wrong. Only the parts that fit the criterion's kind are filled.

    Numbers have `spans`. A choice has `values`. Several choices have `values` (at least one of them is used),
    `how_often` (and this often; empty where it does not matter) and `none` (nothing is used).
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
        """Whether these choices, used this often, are what the rule speaks of."""
        if not chosen:
            return self.none
        if not (self.values or self.how_often):
            return False
        return (not self.values or not self.values.isdisjoint(chosen)) and (
            not self.how_often or how_often in self.how_often
        )


@dataclass(frozen=True, slots=True)
class Sentences:
    """Templates that make a finding readable; `{answer}` and `{how_often}` stand for what was answered."""

    says: str
    says_range: str
    says_none: str
    not_stated: str
    rule: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A published study. Only what was checked is printed, so authors, title, year or pages may be missing."""

    authors: str
    title: str
    reference: str
    finding: str
    stance: Stance
    doi: str
    url: str

    @property
    def link(self) -> str:
        """Where the study can be read, or an empty text where no address was checked."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Something a provider is asked; two questions are the same only if they are one object.

    `decimals` is how many digits may follow the point of a number, `unit_one` the unit after exactly 1, and
    `unit_aliases` are other names of the unit that a form accepts.
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
        """The option of that value."""
        return next((option for option in self.options if option.value == value), None)

    def frequency(self, value: str) -> Option | None:
        """The how-often option of that value."""
        return next((option for option in self.how_often if option.value == value), None)


@dataclass(frozen=True, slots=True, eq=False)
class Detail(Question):
    """A question that is asked and shown, and never graded; every detail may be left blank."""


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
    """How answers can contradict each other."""

    TOTAL = "total"
    NEEDS_A_CHOICE = "needs_a_choice"
    NEVER_TOGETHER = "never_together"


@dataclass(frozen=True, slots=True)
class Pick:
    """Some values of one question."""

    question: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A contradiction to look for before signing. Only the parts that fit the kind are filled.

    A `total` must lie between one `each` and `times` × `each`. `needs_a_choice` asks how often something is
    used of which nothing is chosen. `never_together` holds where every pick is answered with one of its values.
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


@dataclass(frozen=True, slots=True)
class RulesSource:
    """Where the rules come from, with what a reader must know about who wrote them."""

    title: str
    publisher: str
    url: str
    credit: str
    note: str


def fits_decimals(number: Decimal, decimals: int) -> bool:
    """Whether a finite number needs no more than so many decimals; exact for any length."""
    digits, exponent = number.as_tuple()[1:]
    if not isinstance(exponent, int):
        return False
    excess = -decimals - exponent
    return excess <= 0 or not any(digits[-excess:])


def format_decimal(number: Decimal) -> str:
    """A number as people write it: no trailing zeros, no exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
