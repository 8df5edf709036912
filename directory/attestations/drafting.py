"""Reads what was typed into a draft: the answers, and beside them what is no answer yet, so that none of it is lost."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from directory.certification import fields
from directory.certification.answers import Answer
from directory.certification.criteria import Question
from directory.certification.fields import Fields
from directory.certification.ruleset import Ruleset
from directory.errors import Fault, Invalid

MAX_TYPED = 2000
"""Characters of all that is typed to one question and is no answer; arbitrary, a page of text."""

Typed: TypeAlias = Mapping[str, Mapping[str, list[str]]]
"""By the key of the question, and then by the name of the field."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was typed to all questions of a ruleset.

    `typed` is what is no answer yet and is kept as it is; `too_long` are the questions to which more was typed than is
    kept, so that what was kept of them before stays. `faults` say what is wrong with either.
    """

    answers: Mapping[str, Answer | None]
    details: Mapping[str, Answer | None]
    typed: dict[str, dict[str, list[str]]]
    too_long: frozenset[str]
    faults: tuple[Fault, ...]


def read(ruleset: Ruleset, sent: Fields) -> Reading:
    """The answers among what was sent, and the rest of it."""
    answers: dict[str, Answer | None] = {}
    typed: dict[str, dict[str, list[str]]] = {}
    too_long: set[str] = set()
    faults: list[Fault] = []
    for question in ruleset.questions:
        try:
            answers |= fields.read([question], sent)
        except Invalid as refusal:
            texts = texts_to(question, sent)
            if _size(texts) > MAX_TYPED:
                too_long.add(question.key)
                faults.append(_too_long(question, refusal.faults[0].field))
            else:
                typed[question.key] = texts
                faults += refusal.faults
    return Reading(
        answers={question.key: answers.get(question.key) for question in ruleset.criteria},
        details={question.key: answers.get(question.key) for question in ruleset.details},
        typed=typed,
        too_long=frozenset(too_long),
        faults=tuple(faults),
    )


def faults_of(ruleset: Ruleset, typed: Typed) -> tuple[Fault, ...]:
    """What is wrong with what is kept and is no answer, for the questions that these rules still ask."""
    return tuple(_faults(ruleset.questions, typed))


def texts_to(question: Question, sent: Fields) -> dict[str, list[str]]:
    """What was sent to one question, in a form that both databases can keep."""
    names = [fields.name(question, part) for part in fields.parts(question)]
    # PostgreSQL keeps no text with NUL in it.
    return {name: [text.replace("\0", "\ufffd") for text in sent[name]] for name in names if sent.get(name)}


def kept(before: Mapping[str, Any], now: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """`now`, but with what was there `before` for these keys."""
    return {**now, **{key: before[key] for key in keys if key in before}}


def _faults(questions: Iterable[Question], typed: Typed) -> Iterator[Fault]:
    for question in questions:
        if question.key not in typed:
            continue
        try:
            fields.read([question], typed[question.key])
        except Invalid as refusal:
            yield from refusal.faults


def _size(texts: Mapping[str, list[str]]) -> int:
    return sum(len(text) for several in texts.values() for text in several)


def _too_long(question: Question, field: str) -> Fault:
    sentence = f"{question.short}: this is longer than the {MAX_TYPED:,} characters that are kept, so it is not saved."
    return Fault(field, sentence)
