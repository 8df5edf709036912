"""Compares the answers of two attestations of one listing and describes each difference in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from directory.certification.answers import Answers, format_answer
from directory.certification.criteria import Question
from directory.certification.ruleset import Ruleset
from directory.certification.ruleset_diff import NOT_ASKED
from directory.certification.wording import NO_ANSWER


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """Answers and details together, with the rules under which they were given."""

    ruleset: Ruleset
    answers: Answers


@dataclass(frozen=True, slots=True)
class Difference:
    """One question whose answer differs, such as “Number of places: 2 places → 6 to 8 places”."""

    short: str
    before: str
    after: str


def diff_answers(before: AnswerSet, after: AnswerSet) -> tuple[Difference, ...]:
    """Return the differences in the order of the later rules.

    A question that only one ruleset asks is included if it was answered.
    """
    return tuple(_changed_questions(before, after))


def _changed_questions(before: AnswerSet, after: AnswerSet) -> Iterator[Difference]:
    for question in _questions(before, after):
        was, now = (_format(said, question.key) for said in (before, after))
        if was != now and {was, now} != {NOT_ASKED, NO_ANSWER}:
            yield Difference(question.short, was, now)


def _questions(before: AnswerSet, after: AnswerSet) -> Iterator[Question]:
    yield from after.ruleset.questions
    yield from (question for question in before.ruleset.questions if after.ruleset.question(question.key) is None)


def _format(said: AnswerSet, key: str) -> str:
    question = said.ruleset.question(key)
    return format_answer(question, said.answers.get(key)) if question else NOT_ASKED
