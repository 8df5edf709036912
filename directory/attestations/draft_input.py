"""Parses what was typed into a draft, and keeps text that is not a valid answer yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from directory.attestations.tables import Attestation
from directory.certification import form_values
from directory.certification.answers import Answer, answers_from_json, details_from_json, format_answer
from directory.certification.criteria import Question
from directory.certification.form_values import FormData
from directory.certification.ruleset import Ruleset
from directory.errors import FieldError, Invalid

MAX_TYPED = 2000
"""Characters of all that is typed to one question and is no answer; arbitrary, a page of text."""

TypedInput: TypeAlias = Mapping[str, Mapping[str, list[str]]]
"""By the key of the question, and then by the name of the field."""


@dataclass(frozen=True, slots=True)
class DraftInput:
    """What was typed to all questions of a ruleset.

    `typed` is what is no answer yet and is kept as it is; `too_long` is what is longer than is kept, so that what was
    kept of these questions before stays. `faults` say what is wrong with either.
    """

    answers: Mapping[str, Answer | None]
    details: Mapping[str, Answer | None]
    typed: dict[str, dict[str, list[str]]]
    too_long: dict[str, dict[str, list[str]]]
    faults: tuple[FieldError, ...]

    def answer(self, key: str) -> Answer | None:
        """The answer to a question; None where there is none."""
        return self.answers.get(key) or self.details.get(key)

    def no_answer(self, key: str) -> list[tuple[str, str]]:
        """What was typed to a question and is no answer, as pairs of field and text."""
        texts = self.typed.get(key) or self.too_long.get(key) or {}
        return [(name, text.strip()) for name, several in texts.items() for text in several if text.strip()]


@dataclass(frozen=True, slots=True)
class EditConflict:
    """One question to which a draft and a form say two things, in words."""

    key: str
    short: str
    stored: str
    typed: str


def parse(ruleset: Ruleset, sent: FormData) -> DraftInput:
    """The answers among what was sent, and the rest of it."""
    answers: dict[str, Answer | None] = {}
    typed: dict[str, dict[str, list[str]]] = {}
    too_long: dict[str, dict[str, list[str]]] = {}
    faults: list[FieldError] = []
    for question in ruleset.questions:
        try:
            answers |= form_values.parse_form([question], sent)
        except Invalid as refusal:
            texts = texts_for(question, sent)
            if _character_count(texts) > MAX_TYPED:
                too_long[question.key] = texts
                faults.append(_too_long_error(question, refusal.faults[0].field))
            else:
                typed[question.key] = texts
                faults += refusal.faults
    return DraftInput(
        answers={question.key: answers.get(question.key) for question in ruleset.criteria},
        details={question.key: answers.get(question.key) for question in ruleset.details},
        typed=typed,
        too_long=too_long,
        faults=tuple(faults),
    )


def from_attestation(attestation: Attestation, its_rules: Ruleset, ruleset: Ruleset) -> DraftInput:
    """What an attestation holds, for the questions of `ruleset`; `its_rules` are those that it was answered under."""
    typed = parse(ruleset, {name: texts for several in attestation.typed.values() for name, texts in several.items()})
    answers = answers_from_json(its_rules, attestation.answers) | details_from_json(its_rules, attestation.details)

    def merged(read_from_text: Mapping[str, Answer | None]) -> dict[str, Answer | None]:
        return {key: text if key in attestation.typed else answers.get(key) for key, text in read_from_text.items()}

    return replace(typed, answers=merged(typed.answers), details=merged(typed.details))


def find_conflicts(ruleset: Ruleset, draft: DraftInput, sent: DraftInput) -> tuple[EditConflict, ...]:
    """The questions to which a form was sent with another answer than the draft holds; 10 and 10 mL are the same."""
    return tuple(
        EditConflict(question.key, question.short, _format_input(question, draft), _format_input(question, sent))
        for question in ruleset.questions
        if draft.answer(question.key) != sent.answer(question.key)
        or sorted(draft.no_answer(question.key)) != sorted(sent.no_answer(question.key))
    )


def check_typed(ruleset: Ruleset, typed: TypedInput) -> tuple[FieldError, ...]:
    """What is wrong with what is kept and is no answer, for the questions that these rules still ask."""
    return tuple(_check_questions(ruleset.questions, typed))


def texts_for(question: Question, sent: FormData) -> dict[str, list[str]]:
    """What was sent to one question, in a form that both databases can keep."""
    names = [form_values.input_name(question, part) for part in form_values.input_parts(question)]
    # PostgreSQL keeps no text with NUL in it.
    return {name: [text.replace("\0", "\ufffd") for text in sent[name]] for name in names if sent.get(name)}


def preserve_keys(before: Mapping[str, Any], now: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """`now`, but with what was there `before` for these keys."""
    return {**now, **{key: before[key] for key in keys if key in before}}


def _format_input(question: Question, reading: DraftInput) -> str:
    texts = reading.no_answer(question.key)
    return (
        f"“{' – '.join(text for _, text in texts)}”" if texts else format_answer(question, reading.answer(question.key))
    )


def _check_questions(questions: Iterable[Question], typed: TypedInput) -> Iterator[FieldError]:
    for question in questions:
        if question.key not in typed:
            continue
        try:
            form_values.parse_form([question], typed[question.key])
        except Invalid as refusal:
            yield from refusal.faults


def _character_count(texts: Mapping[str, list[str]]) -> int:
    return sum(len(text) for several in texts.values() for text in several)


def _too_long_error(question: Question, field: str) -> FieldError:
    sentence = f"{question.short}: this is longer than the {MAX_TYPED:,} characters that are kept, so it is not saved."
    return FieldError(field, sentence)
