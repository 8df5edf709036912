"""Typed answers to a ruleset's questions, their validation, and their conversion from and to JSON and text."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from directory.certification.criteria import AnswerKind, Option, Question, fits_decimals, format_decimal
from directory.certification.ruleset import Ruleset
from directory.certification.wording import NO_ANSWER
from directory.errors import FieldError, Invalid

NONE = "none"
MAX_UNKNOWN_KEYS = 10  # arbitrary: the most unknown keys that an error lists


@dataclass(frozen=True, slots=True)
class NumberRange:
    """All numbers from `low` to `high`; for a single number, both are equal."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """The value of the chosen option."""

    value: str


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of the chosen options, or none; `how_often` is None with none, and if the question does not ask it.

    Answers that were stored before this was a rule may hold none with a `how_often`, which no grade depends on.
    """

    methods: frozenset[str]
    how_often: str | None = None


Answer: TypeAlias = NumberRange | Choice | Choices
Answers: TypeAlias = Mapping[str, Answer | None]
"""Answers by the key of the question; None means unanswered."""


class _ChoicesReader(Protocol):
    """`validate_choices` for what is sent, `read_choices` for what is stored."""

    def __call__(
        self, question: Question, methods: Collection[str], how_often: str | None, *, field: str
    ) -> Choices: ...


def answers_from_json(ruleset: Ruleset, values: object, *, stored: bool = False) -> dict[str, Answer | None]:
    """Parse the answers to the criteria, in the ruleset's order; a missing key or null means unanswered.

    With `stored`, what earlier versions accepted is read too.

    Raises:
        Invalid: has an error for every invalid answer, with a JSON pointer like `/answers/distinct_sites`.
    """
    return _parse(ruleset, ruleset.criteria, values, "answers", read_choices if stored else validate_choices)


def details_from_json(ruleset: Ruleset, values: object, *, stored: bool = False) -> dict[str, Answer | None]:
    """Parse the details, which are never graded, in the ruleset's order; `stored` as for the answers.

    Raises:
        Invalid: has an error for every invalid detail, with a JSON pointer like `/details/total_volume_ml`.
    """
    return _parse(ruleset, ruleset.details, values, "details", read_choices if stored else validate_choices)


def answers_to_json(ruleset: Ruleset, answers: Answers) -> dict[str, Any]:
    """Convert answers or details to the JSON that `answers_from_json` reads; unanswered questions are left out."""
    return {
        question.key: _answer_to_json(answer)
        for question in ruleset.questions
        if (answer := answers.get(question.key)) is not None
    }


def format_answer(question: Question, answer: Answer | None) -> str:
    """Format an answer for pages and the printed card, for example `5 to 10 mL`."""
    match answer:
        case None:
            return NO_ANSWER
        case NumberRange(low, high):
            return _format_number(question, low, high)
        case Choice(value):
            return _join_labels(question, [value])
        case Choices(methods, how_often):
            if not methods:
                return question.none.label if question.none else NO_ANSWER
            frequency = question.frequency(how_often) if how_often else None
            suffix = f", {frequency.label.lower()}" if frequency else ""
            return _join_labels(question, methods) + suffix


def format_phrase(question: Question, answer: Answer | None) -> str:
    """Format an answer for use in a sentence, without how often: `the shin bone`, `live x-ray and CT scans`."""
    match answer:
        case Choice(value):
            chosen: Collection[str] = {value}
        case Choices(methods) if methods:
            chosen = methods
        case _:
            return format_answer(question, answer)
    return join_words([option.phrase for option in question.options if option.value in chosen])


def join_words(words: Iterable[str]) -> str:
    """Join words into a list for a sentence: `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def validate_range(question: Question, low: Decimal, high: Decimal, *, field: str) -> NumberRange:
    """Validate a number range and return it, rounded to the question's decimals.

    Raises:
        Invalid: the range breaks a limit of the question; the error is at `field`.
    """
    for number in (low, high):
        sentence = _number_error(question, number)
        if sentence:
            raise Invalid([FieldError(field, sentence)])
    if low > high:
        raise Invalid([FieldError(field, f"{question.short}: the range must begin with the smaller number.")])
    places = Decimal(1).scaleb(-question.decimals)
    return NumberRange(low.quantize(places), high.quantize(places))


def validate_choice(question: Question, value: str, *, field: str) -> Choice:
    """Validate a choice and return it.

    Raises:
        Invalid: it is not one of the question's options; the error is at `field` and names them.
    """
    if question.option(value) is None:
        raise Invalid([FieldError(field, f"{question.short} must be one of {_join_values(question.options)}.")])
    return Choice(value)


def validate_choices(question: Question, methods: Collection[str], how_often: str | None, *, field: str) -> Choices:
    """Validate several choices and return them; no choices and the value "none" both mean none.

    Raises:
        Invalid: an option is unknown, "none" is combined with another, or the how-often is missing, unknown, or given
            with none; the error is at `field`.
    """
    if how_often is not None and question.how_often and not frozenset(methods) - {NONE}:
        sentence = f'{question.short}: "how often" does not apply to none. Leave it out, or choose a method.'
        raise Invalid([FieldError(field, sentence)])
    return read_choices(question, methods, how_often, field=field)


def read_choices(question: Question, methods: Collection[str], how_often: str | None, *, field: str) -> Choices:
    """Validate stored choices like `validate_choices`, and accept none with a how-often.

    Cross-checks report such an answer as a contradiction.
    """
    chosen = frozenset(methods)
    if NONE in chosen and len(chosen) > 1:
        raise Invalid([FieldError(field, f'{question.short}: "none" cannot stand together with another choice.')])
    chosen -= {NONE}
    if any(question.option(value) is None for value in chosen):
        sentence = f"{question.short} must be none, or some of {_join_values(question.options)}."
        raise Invalid([FieldError(field, sentence)])
    missing = how_often is None and bool(chosen) and bool(question.how_often)
    if missing or (how_often is not None and question.frequency(how_often) is None):
        raise Invalid([FieldError(field, _how_often_message(question))])
    return Choices(chosen, how_often)


def without_stray_frequency(answer: Answer | None) -> Answer | None:
    """Return the answer without a how-often if nothing was chosen."""
    return Choices(answer.methods) if isinstance(answer, Choices) and not answer.methods else answer


def _parse(
    ruleset: Ruleset, questions: Collection[Question], values: object, root: str, choices: _ChoicesReader
) -> dict[str, Answer | None]:
    if not isinstance(values, Mapping):
        sentence = f"The {root} must be an object with one member for each question."
        raise Invalid([FieldError(f"/{root}", sentence)])
    faults = list(_check_unknown_keys(ruleset, {question.key for question in questions}, values, root))
    answers: dict[str, Answer | None] = {}
    for question in questions:
        value = values.get(question.key)
        try:
            answers[question.key] = (
                None if value is None else _answer_from_json(question, value, f"/{root}/{question.key}", choices)
            )
        except Invalid as refusal:
            faults += refusal.faults
    if faults:
        raise Invalid(faults)
    return answers


def _check_unknown_keys(
    ruleset: Ruleset, known: set[str], values: Mapping[Any, object], root: str
) -> Iterable[FieldError]:
    strangers = [str(key) for key in values if key not in known]
    for key in strangers[:MAX_UNKNOWN_KEYS]:
        pointer = key[:60].replace("~", "~0").replace("/", "~1")
        yield FieldError(f"/{root}/{pointer}", f"The rules {ruleset.id} have no such question: {key[:60]!r}.")


def _answer_from_json(question: Question, value: object, field: str, choices: _ChoicesReader) -> Answer:
    if question.kind.is_number:
        return _range_from_json(question, value, field)
    if question.kind is AnswerKind.CHOICE:
        return validate_choice(question, value if isinstance(value, str) else "", field=field)
    return _choices_from_json(question, value, field, choices)


def _range_from_json(question: Question, value: object, field: str) -> NumberRange:
    ends = value if isinstance(value, list | tuple) and len(value) == 2 else [value]
    numbers = [number for number in map(_to_decimal, ends) if number is not None]
    if len(numbers) != len(ends):
        raise Invalid(
            [FieldError(field, f"{question.short} must be a number, or two in a list: the low and the high.")]
        )
    return validate_range(question, numbers[0], numbers[-1], field=field)


def _to_decimal(value: object) -> Decimal | None:
    """Convert a JSON number to a decimal as it was written; None for anything else, including true and NaN."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, int | Decimal):
        return Decimal(value) if Decimal(value).is_finite() else None
    return None


def _choices_from_json(question: Question, value: object, field: str, choices: _ChoicesReader) -> Choices:
    shape = f'{question.short} must be an object with "methods": a list of choices'
    shape += ', and "how_often".' if question.how_often else "."
    if not isinstance(value, Mapping) or not value.keys() <= {"methods", "how_often"}:
        raise Invalid([FieldError(field, shape)])
    methods, how_often = value.get("methods"), value.get("how_often")
    if not isinstance(methods, list | tuple) or not all(isinstance(method, str) for method in methods):
        raise Invalid([FieldError(field, shape)])
    if how_often is not None and not isinstance(how_often, str):
        raise Invalid([FieldError(field, _how_often_message(question))])
    return choices(question, methods, how_often, field=field)


def _number_error(question: Question, number: Decimal) -> str | None:
    limits = question.limits
    if not limits.at_least <= number <= limits.at_most:
        unit = f" {question.unit}" if question.unit else ""
        lowest, highest = format_decimal(limits.at_least), format_decimal(limits.at_most)
        return f"{question.short} must be from {lowest} to {highest}{unit}."
    if fits_decimals(number, question.decimals):
        return None
    if question.decimals == 0:
        return f"{question.short} must be a whole number."
    digits = "one digit" if question.decimals == 1 else f"{question.decimals} digits"
    return f"{question.short} can have at most {digits} after the point."


def _how_often_message(question: Question) -> str:
    if not question.how_often:
        return f"{question.short} does not ask how often."
    return f"{question.short}: say how often, as one of {_join_values(question.how_often)}."


def _join_values(options: Iterable[Option]) -> str:
    return ", ".join(option.value for option in options)


def _join_labels(question: Question, values: Collection[str]) -> str:
    return join_words([option.label for option in question.options if option.value in values])


def _format_number(question: Question, low: Decimal, high: Decimal) -> str:
    if low != high:
        return f"{format_decimal(low)} to {format_decimal(high)} {question.unit}"
    unit = question.unit_one if low == 1 and question.unit_one else question.unit
    return f"{format_decimal(low)} {unit}"


def _answer_to_json(answer: Answer) -> object:
    match answer:
        case NumberRange(low, high):
            return _number_to_json(low) if low == high else [_number_to_json(low), _number_to_json(high)]
        case Choice(value):
            return value
        case Choices(methods, None):
            return {"methods": sorted(methods)}
        case Choices(methods, how_often):
            return {"methods": sorted(methods), "how_often": how_often}


def _number_to_json(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
