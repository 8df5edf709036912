"""Converts form fields to answers and back, for every question of every ruleset."""

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from directory.certification.answers import (
    NONE,
    Answer,
    Choice,
    Choices,
    NumberRange,
    validate_choice,
    validate_choices,
    validate_range,
)
from directory.certification.criteria import AnswerKind, Question, format_decimal
from directory.errors import FieldError, Invalid

MAX_INPUT_LENGTH = 40  # arbitrary: longer than any number with its unit

FormData = Mapping[str, Sequence[str]]
"""The submitted texts of a form by field name; a name may have several texts."""

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_SINGLE_NUMBER = re.compile(_NUMBER)
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|to)\s*({_NUMBER})")


class InputPart(enum.StrEnum):
    """The form inputs that together make an answer."""

    LOW = "low"
    HIGH = "high"
    VALUE = "value"
    METHODS = "methods"
    HOW_OFTEN = "how_often"


def input_parts(question: Question) -> tuple[InputPart, ...]:
    """The inputs that a form shows for a question.

    `high` may stay blank. `methods` are checkboxes: the question's options and one with the value "none".
    """
    if question.kind.is_number:
        return (InputPart.LOW, InputPart.HIGH)
    if question.kind is AnswerKind.CHOICE:
        return (InputPart.VALUE,)
    return (InputPart.METHODS, InputPart.HOW_OFTEN) if question.how_often else (InputPart.METHODS,)


def input_name(question: Question, part: InputPart) -> str:
    """The name of an input, for example `distinct_sites-low`."""
    return f"{question.key}-{part}"


def parse_form(questions: Iterable[Question], fields: FormData) -> dict[str, Answer | None]:
    """Parse the answers, by the keys of the questions; blank or missing fields mean unanswered.

    Raises:
        Invalid: has an error for every invalid input, with its field name.
    """
    answers: dict[str, Answer | None] = {}
    faults: list[FieldError] = []
    for question in questions:
        try:
            answers[question.key] = _parse_answer(question, fields)
        except Invalid as refusal:
            faults += refusal.faults
    if faults:
        raise Invalid(faults)
    return answers


def form_texts(question: Question, answer: Answer | None) -> dict[str, list[str]]:
    """The texts of an answer for its form inputs, by field name; `parse_form` parses them to the same answer."""
    texts: dict[InputPart, list[str]] = {}
    match answer:
        case NumberRange(low, high):
            texts = {
                InputPart.LOW: [format_decimal(low)],
                InputPart.HIGH: [format_decimal(high)] if low != high else [],
            }
        case Choice(value):
            texts = {InputPart.VALUE: [value]}
        case Choices(methods, how_often):
            texts = {
                InputPart.METHODS: sorted(methods) or [NONE],
                InputPart.HOW_OFTEN: [how_often] if how_often else [],
            }
        case None:
            pass
    return {input_name(question, part): texts.get(part, []) for part in input_parts(question)}


def _parse_answer(question: Question, fields: FormData) -> Answer | None:
    if question.kind.is_number:
        return _parse_range(question, fields)
    if question.kind is AnswerKind.CHOICE:
        value = _single_text(question, InputPart.VALUE, fields)
        return validate_choice(question, value, field=input_name(question, InputPart.VALUE)) if value else None
    return _parse_choices(question, fields)


def _single_text(question: Question, part: InputPart, fields: FormData) -> str:
    """The stripped text of an input that may be sent once; empty if it is missing."""
    texts = [text.strip() for text in fields.get(input_name(question, part), ())]
    if len(texts) > 1:
        raise Invalid([FieldError(input_name(question, part), f"{question.short} was sent more than once.")])
    return texts[0] if texts else ""


def _parse_choices(question: Question, fields: FormData) -> Choices | None:
    field = input_name(question, InputPart.METHODS)
    methods = [text.strip() for text in fields.get(field, ()) if text.strip()]
    how_often = (_single_text(question, InputPart.HOW_OFTEN, fields) if question.how_often else "") or None
    if methods:
        at_often = question.how_often and (how_often is None or set(methods) == {NONE})
        return validate_choices(
            question, methods, how_often, field=input_name(question, InputPart.HOW_OFTEN) if at_often else field
        )
    if how_often is None:
        return None
    sentence = f"{question.short}: choose what you use, or none. So far you only say how often."
    raise Invalid([FieldError(field, sentence)])


def _parse_range(question: Question, fields: FormData) -> NumberRange | None:
    first, second = (_strip_unit(question, _single_text(question, part, fields)) for part in input_parts(question))
    low_field, high_field = input_name(question, InputPart.LOW), input_name(question, InputPart.HIGH)
    if not first and not second:
        return None
    if not first:
        sentence = f"{question.short}: fill in “From” too. If it is one number only, write it in “From”."
        raise Invalid([FieldError(low_field, sentence)])
    both = _RANGE.fullmatch(first) if not second and len(first) <= MAX_INPUT_LENGTH else None
    if both:
        return validate_range(question, Decimal(both[1]), Decimal(both[2]), field=low_field)
    low = _parse_number(question, first, low_field)
    high = _parse_number(question, second, high_field) if second else low
    return validate_range(question, low, high, field=low_field)


def _parse_number(question: Question, text: str, field: str) -> Decimal:
    if len(text) > MAX_INPUT_LENGTH or not _SINGLE_NUMBER.fullmatch(text):
        raise Invalid([FieldError(field, f"{question.short} must be a number, such as {_example(question)}.")])
    number = Decimal(text)
    validate_range(question, number, number, field=field)
    return number


def _example(question: Question) -> str:
    return format_decimal(question.limits.at_least + Decimal(1).scaleb(-question.decimals))


def _strip_unit(question: Question, text: str) -> str:
    """Remove a unit at the end, so that `10 mL`, `10cc` and `10` are the same answer."""
    lowered = text.casefold()
    units = (question.unit, question.unit_one, *question.unit_aliases)
    for unit in sorted((unit.casefold() for unit in units if unit), key=len, reverse=True):
        if lowered.endswith(unit) and lowered != unit:
            return lowered.removesuffix(unit).strip()
    return lowered
