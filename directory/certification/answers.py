"""Typed answers to a ruleset's questions: from JSON and back, and in words."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from directory.certification.criteria import Kind, Option, Question, fits, plain
from directory.certification.ruleset import Ruleset
from directory.certification.wording import NO_ANSWER
from directory.errors import Fault, Invalid

NONE = "none"
MAX_STRANGERS = 10  # arbitrary: how many unknown keys a refusal lists, however many were sent


@dataclass(frozen=True, slots=True)
class Span:
    """A number, or all numbers from `low` to `high`; a single number has two equal ends."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options, by its value."""

    value: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Several of the options, or none of them; `how_often` is None where the question does not ask it."""

    methods: frozenset[str]
    how_often: str | None = None


Answer: TypeAlias = Span | Choice | Choices
Answers: TypeAlias = Mapping[str, Answer | None]
"""By the key of the question; None is unanswered."""


def from_json(ruleset: Ruleset, values: object) -> dict[str, Answer | None]:
    """The answers to the criteria, in the ruleset's order; a key left out or null is unanswered.

    Raises:
        Invalid: names every answer that breaks a limit, as a JSON pointer like `/answers/distinct_sites`.
    """
    return _read(ruleset, ruleset.criteria, values, "answers")


def details_from_json(ruleset: Ruleset, values: object) -> dict[str, Answer | None]:
    """The details, which are never graded, in the ruleset's order.

    Raises:
        Invalid: names every detail that breaks a limit, as a JSON pointer like `/details/total_volume_ml`.
    """
    return _read(ruleset, ruleset.details, values, "details")


def to_json(ruleset: Ruleset, answers: Answers) -> dict[str, Any]:
    """The answers, or the details, in the shapes that `from_json` reads; what is unanswered is left out."""
    return {
        question.key: _written(answer)
        for question in ruleset.questions
        if (answer := answers.get(question.key)) is not None
    }


def in_words(question: Question, answer: Answer | None) -> str:
    """The answer as pages and the printed card show it, for example `5 to 10 mL`."""
    match answer:
        case None:
            return NO_ANSWER
        case Span(low, high):
            return _number_in_words(question, low, high)
        case Choice(value):
            return _labels(question, [value])
        case Choices(methods, how_often):
            if not methods:
                return question.none.label if question.none else NO_ANSWER
            frequency = question.frequency(how_often) if how_often else None
            suffix = f", {frequency.label.lower()}" if frequency else ""
            return _labels(question, methods) + suffix


def phrase(question: Question, answer: Answer | None) -> str:
    """The answer as it reads within a sentence, without how often: `the shin bone`, `live x-ray and CT scans`."""
    match answer:
        case Choice(value):
            chosen: Collection[str] = {value}
        case Choices(methods) if methods:
            chosen = methods
        case _:
            return in_words(question, answer)
    return joined([option.phrase for option in question.options if option.value in chosen])


def joined(words: Iterable[str]) -> str:
    """Words as a sentence lists them: `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def span(question: Question, low: Decimal, high: Decimal, *, field: str) -> Span:
    """A span within the question's limits.

    Raises:
        Invalid: of `field`, with the limit that is broken.
    """
    for number in (low, high):
        sentence = _number_fault(question, number)
        if sentence:
            raise Invalid([Fault(field, sentence)])
    if low > high:
        raise Invalid([Fault(field, f"{question.short}: the range must begin with the smaller number.")])
    places = Decimal(1).scaleb(-question.decimals)
    return Span(low.quantize(places), high.quantize(places))


def choice(question: Question, value: str, *, field: str) -> Choice:
    """One of the question's options.

    Raises:
        Invalid: of `field`, with the options.
    """
    if question.option(value) is None:
        raise Invalid([Fault(field, f"{question.short} must be one of {_listed(question.options)}.")])
    return Choice(value)


def choices(question: Question, methods: Collection[str], how_often: str | None, *, field: str) -> Choices:
    """Some of the question's options, or none of them; the word "none" alone means none too.

    None with a how-often is let through: it is a contradiction to correct or explain, not a misspelling.

    Raises:
        Invalid: of `field`, for an unknown option, "none" with another, or a how-often missing or unknown.
    """
    chosen = frozenset(methods)
    if NONE in chosen and len(chosen) > 1:
        raise Invalid([Fault(field, f'{question.short}: "none" cannot stand together with another choice.')])
    chosen -= {NONE}
    if any(question.option(value) is None for value in chosen):
        sentence = f"{question.short} must be none, or some of {_listed(question.options)}."
        raise Invalid([Fault(field, sentence)])
    missing = how_often is None and bool(chosen) and bool(question.how_often)
    if missing or (how_often is not None and question.frequency(how_often) is None):
        raise Invalid([Fault(field, _how_often_sentence(question))])
    return Choices(chosen, how_often)


def _read(ruleset: Ruleset, questions: Collection[Question], values: object, root: str) -> dict[str, Answer | None]:
    if not isinstance(values, Mapping):
        sentence = f"The {root} must be an object with one member for each question."
        raise Invalid([Fault(f"/{root}", sentence)])
    faults = list(_strangers(ruleset, {question.key for question in questions}, values, root))
    answers: dict[str, Answer | None] = {}
    for question in questions:
        value = values.get(question.key)
        try:
            answers[question.key] = None if value is None else _answer(question, value, f"/{root}/{question.key}")
        except Invalid as refusal:
            faults += refusal.faults
    if faults:
        raise Invalid(faults)
    return answers


def _strangers(ruleset: Ruleset, known: set[str], values: Mapping[Any, object], root: str) -> Iterable[Fault]:
    strangers = [str(key) for key in values if key not in known]
    for key in strangers[:MAX_STRANGERS]:
        pointer = key[:60].replace("~", "~0").replace("/", "~1")
        yield Fault(f"/{root}/{pointer}", f"The rules {ruleset.id} have no such question: {key[:60]!r}.")


def _answer(question: Question, value: object, field: str) -> Answer:
    if question.kind.is_number:
        return _span_from_json(question, value, field)
    if question.kind is Kind.CHOICE:
        return choice(question, value if isinstance(value, str) else "", field=field)
    return _choices_from_json(question, value, field)


def _span_from_json(question: Question, value: object, field: str) -> Span:
    ends = value if isinstance(value, list | tuple) and len(value) == 2 else [value]
    numbers = [number for number in map(_exact, ends) if number is not None]
    if len(numbers) != len(ends):
        raise Invalid([Fault(field, f"{question.short} must be a number, or two in a list: the low and the high.")])
    return span(question, numbers[0], numbers[-1], field=field)


def _exact(value: object) -> Decimal | None:
    """A JSON number as the decimal that was written; None for anything else, true and NaN among them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, int | Decimal):
        return Decimal(value) if Decimal(value).is_finite() else None
    return None


def _choices_from_json(question: Question, value: object, field: str) -> Choices:
    shape = f'{question.short} must be an object with "methods": a list of choices'
    shape += ', and "how_often".' if question.how_often else "."
    if not isinstance(value, Mapping) or not value.keys() <= {"methods", "how_often"}:
        raise Invalid([Fault(field, shape)])
    methods, how_often = value.get("methods"), value.get("how_often")
    if not isinstance(methods, list | tuple) or not all(isinstance(method, str) for method in methods):
        raise Invalid([Fault(field, shape)])
    if how_often is not None and not isinstance(how_often, str):
        raise Invalid([Fault(field, _how_often_sentence(question))])
    return choices(question, methods, how_often, field=field)


def _number_fault(question: Question, number: Decimal) -> str | None:
    limits = question.limits
    if not limits.at_least <= number <= limits.at_most:
        unit = f" {question.unit}" if question.unit else ""
        return f"{question.short} must be from {plain(limits.at_least)} to {plain(limits.at_most)}{unit}."
    if fits(number, question.decimals):
        return None
    if question.decimals == 0:
        return f"{question.short} must be a whole number."
    digits = "one digit" if question.decimals == 1 else f"{question.decimals} digits"
    return f"{question.short} can have at most {digits} after the point."


def _how_often_sentence(question: Question) -> str:
    if not question.how_often:
        return f"{question.short} does not ask how often."
    return f"{question.short}: say how often, as one of {_listed(question.how_often)}."


def _listed(options: Iterable[Option]) -> str:
    return ", ".join(option.value for option in options)


def _labels(question: Question, values: Collection[str]) -> str:
    return joined([option.label for option in question.options if option.value in values])


def _number_in_words(question: Question, low: Decimal, high: Decimal) -> str:
    if low != high:
        return f"{plain(low)} to {plain(high)} {question.unit}"
    unit = question.unit_one if low == 1 and question.unit_one else question.unit
    return f"{plain(low)} {unit}"


def _written(answer: Answer) -> object:
    match answer:
        case Span(low, high):
            return _number(low) if low == high else [_number(low), _number(high)]
        case Choice(value):
            return value
        case Choices(methods, None):
            return {"methods": sorted(methods)}
        case Choices(methods, how_often):
            return {"methods": sorted(methods), "how_often": how_often}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
