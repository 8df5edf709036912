"""Turns the text fields of a form into answers and back, for any question of any ruleset."""

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from directory.certification.answers import NONE, Answer, Choice, Choices, Span, choice, choices, span
from directory.certification.criteria import Kind, Question, plain
from directory.errors import Fault, Invalid

MAX_TEXT = 40  # arbitrary: longer than any number with its unit, short enough to read at once

Fields = Mapping[str, Sequence[str]]
"""The texts of a form by field name, as browsers send them: a name may come more than once."""

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_ONE = re.compile(_NUMBER)
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|to)\s*({_NUMBER})")


class Part(enum.StrEnum):
    """The inputs of which a question's answer is made up."""

    LOW = "low"
    HIGH = "high"
    VALUE = "value"
    METHODS = "methods"
    HOW_OFTEN = "how_often"


def parts(question: Question) -> tuple[Part, ...]:
    """The inputs that a form shows for the question; `high` may stay blank, `methods` are checkboxes.

    The checkboxes are the question's options and one of the value "none".
    """
    if question.kind.is_number:
        return (Part.LOW, Part.HIGH)
    if question.kind is Kind.CHOICE:
        return (Part.VALUE,)
    return (Part.METHODS, Part.HOW_OFTEN) if question.how_often else (Part.METHODS,)


def name(question: Question, part: Part) -> str:
    """The name of an input, for example `distinct_sites-low`."""
    return f"{question.key}-{part}"


def read(questions: Iterable[Question], fields: Fields) -> dict[str, Answer | None]:
    """The answers by the questions' keys; a question whose fields are blank or missing is unanswered.

    Raises:
        Invalid: names every input that breaks a limit, by its field name.
    """
    answers: dict[str, Answer | None] = {}
    faults: list[Fault] = []
    for question in questions:
        try:
            answers[question.key] = _answer(question, fields)
        except Invalid as refusal:
            faults += refusal.faults
    if faults:
        raise Invalid(faults)
    return answers


def written(question: Question, answer: Answer | None) -> dict[str, list[str]]:
    """The texts that a form shows again for an answer, by field name; `read` makes the same answer of them."""
    texts: dict[Part, list[str]] = {}
    match answer:
        case Span(low, high):
            texts = {Part.LOW: [plain(low)], Part.HIGH: [plain(high)] if low != high else []}
        case Choice(value):
            texts = {Part.VALUE: [value]}
        case Choices(methods, how_often):
            texts = {Part.METHODS: sorted(methods) or [NONE], Part.HOW_OFTEN: [how_often] if how_often else []}
        case None:
            pass
    return {name(question, part): texts.get(part, []) for part in parts(question)}


def _answer(question: Question, fields: Fields) -> Answer | None:
    if question.kind.is_number:
        return _span(question, fields)
    if question.kind is Kind.CHOICE:
        value = _single(question, Part.VALUE, fields)
        return choice(question, value, field=name(question, Part.VALUE)) if value else None
    return _choices(question, fields)


def _single(question: Question, part: Part, fields: Fields) -> str:
    """The one text of an input, without spaces around it; blank where there is none."""
    texts = [text.strip() for text in fields.get(name(question, part), ())]
    if len(texts) > 1:
        raise Invalid([Fault(name(question, part), f"{question.short} was sent more than once.")])
    return texts[0] if texts else ""


def _choices(question: Question, fields: Fields) -> Choices | None:
    field = name(question, Part.METHODS)
    methods = [text.strip() for text in fields.get(field, ()) if text.strip()]
    how_often = (_single(question, Part.HOW_OFTEN, fields) if question.how_often else "") or None
    if methods:
        missing = question.how_often and how_often is None
        return choices(question, methods, how_often, field=name(question, Part.HOW_OFTEN) if missing else field)
    if how_often is None:
        return None
    sentence = f"{question.short}: choose what you use, or none. So far you only say how often."
    raise Invalid([Fault(field, sentence)])


def _span(question: Question, fields: Fields) -> Span | None:
    first, second = (_without_unit(question, _single(question, part, fields)) for part in parts(question))
    low_field, high_field = name(question, Part.LOW), name(question, Part.HIGH)
    if not first and not second:
        return None
    if not first:
        sentence = f"{question.short}: give the smaller number too, or only one number."
        raise Invalid([Fault(low_field, sentence)])
    both = _RANGE.fullmatch(first) if not second and len(first) <= MAX_TEXT else None
    if both:
        return span(question, Decimal(both[1]), Decimal(both[2]), field=low_field)
    low = _number(question, first, low_field)
    high = _number(question, second, high_field) if second else low
    return span(question, low, high, field=low_field)


def _number(question: Question, text: str, field: str) -> Decimal:
    if len(text) > MAX_TEXT or not _ONE.fullmatch(text):
        raise Invalid([Fault(field, f"{question.short} must be a number, such as {_example(question)}.")])
    number = Decimal(text)
    span(question, number, number, field=field)
    return number


def _example(question: Question) -> str:
    return plain(question.limits.at_least + Decimal(1).scaleb(-question.decimals))


def _without_unit(question: Question, text: str) -> str:
    """The text without a unit at its end, so that `10 mL`, `10cc` and `10` are one answer."""
    lowered = text.casefold()
    units = (question.unit, question.unit_one, *question.unit_aliases)
    for unit in sorted((unit.casefold() for unit in units if unit), key=len, reverse=True):
        if lowered.endswith(unit) and lowered != unit:
            return lowered.removesuffix(unit).strip()
    return lowered
