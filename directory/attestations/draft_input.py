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
"""Maximum length in characters of the invalid text kept for one question; arbitrary, about a page."""

TypedInput: TypeAlias = Mapping[str, Mapping[str, list[str]]]
"""Typed texts by question key, then by form field name."""


@dataclass(frozen=True, slots=True)
class DraftInput:
    """The parsed input for all questions of a ruleset.

    `typed` holds text that is not a valid answer yet and is saved as it is. `too_long` holds text over the limit, which
    is not saved: the previously saved values of these questions stay. `faults` lists the errors in both.
    """

    answers: Mapping[str, Answer | None]
    details: Mapping[str, Answer | None]
    typed: dict[str, dict[str, list[str]]]
    too_long: dict[str, dict[str, list[str]]]
    faults: tuple[FieldError, ...]

    def answer(self, key: str) -> Answer | None:
        """Return the answer to a question, or None."""
        return self.answers.get(key) or self.details.get(key)

    def no_answer(self, key: str) -> list[tuple[str, str]]:
        """Return the invalid text typed for a question as pairs of field name and text."""
        texts = self.typed.get(key) or self.too_long.get(key) or {}
        return [(name, text.strip()) for name, several in texts.items() for text in several if text.strip()]


@dataclass(frozen=True, slots=True)
class EditConflict:
    """A question that a draft and a submitted form answer differently, with both answers in words."""

    key: str
    short: str
    stored: str
    typed: str


def parse(ruleset: Ruleset, sent: FormData) -> DraftInput:
    """Parse a submitted form into answers and text that is not a valid answer."""
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
    """Return a stored attestation as input for the questions of `ruleset`.

    `its_rules` is the ruleset under which it was answered.
    """
    typed = parse(ruleset, {name: texts for several in attestation.typed.values() for name, texts in several.items()})
    answers = stored_answers(attestation, its_rules)

    def merged(read_from_text: Mapping[str, Answer | None]) -> dict[str, Answer | None]:
        return {key: text if key in attestation.typed else answers.get(key) for key, text in read_from_text.items()}

    return replace(typed, answers=merged(typed.answers), details=merged(typed.details))


def stored_answers(attestation: Attestation, its_rules: Ruleset) -> dict[str, Answer | None]:
    """Return the stored answers and details of an attestation, which was answered under `its_rules`."""
    answers = answers_from_json(its_rules, attestation.answers, stored=True)
    return answers | details_from_json(its_rules, attestation.details, stored=True)


def find_conflicts(ruleset: Ruleset, draft: DraftInput, sent: DraftInput) -> tuple[EditConflict, ...]:
    """Return the questions whose submitted answer differs from the draft's; 10 and 10 mL are the same."""
    return tuple(
        EditConflict(question.key, question.short, _format_input(question, draft), _format_input(question, sent))
        for question in ruleset.questions
        if draft.answer(question.key) != sent.answer(question.key)
        or sorted(draft.no_answer(question.key)) != sorted(sent.no_answer(question.key))
    )


def check_typed(ruleset: Ruleset, typed: TypedInput) -> tuple[FieldError, ...]:
    """Return the errors in the saved invalid text, for the questions that this ruleset still asks."""
    return tuple(_check_questions(ruleset.questions, typed))


def texts_for(question: Question, sent: FormData) -> dict[str, list[str]]:
    """Return the submitted texts of one question in a form that both databases can store."""
    names = [form_values.input_name(question, part) for part in form_values.input_parts(question)]
    # PostgreSQL cannot store NUL in text.
    return {name: [text.replace("\0", "\ufffd") for text in sent[name]] for name in names if sent.get(name)}


def preserve_keys(before: Mapping[str, Any], now: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Return `now` with the values of `before` for these keys."""
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
