"""Grades answers by a ruleset: each answer by its weakest point, and the whole by its weakest answer."""

import enum
import functools
from dataclasses import dataclass

from directory.certification.answers import Answer, Answers, Choice, Choices, NumberRange, format_answer, format_phrase
from directory.certification.criteria import Criterion
from directory.certification.ruleset import Ruleset
from directory.certification.wording import GRADES

FINDING_CACHE_SIZE = 16_384
"""Cached findings, without a reference to their provider; a million attestations have a few thousand different ones."""


class Grade(enum.IntEnum):
    """The grade of an answer, ordered from weak to strong, so that `min()` is the weakest."""

    WRONG = 0
    UNANSWERED = 1
    BETWEEN = 2
    RIGHT = 3

    @property
    def word(self) -> str:
        """The name of the grade in the API and in URLs."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """The label of the grade on pages."""
        return GRADES[self.word]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one answer; `criterion` is the criterion's key, `sentence` is written for patients."""

    criterion: str
    answer: Answer | None
    grade: Grade
    sentence: str
    answer_text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result for all answers, with findings in the ruleset's order."""

    ruleset_id: str
    findings: tuple[Finding, ...]
    grade: Grade
    badge_earned: bool

    @property
    def answers(self) -> dict[str, Answer | None]:
        """The answers by the criterion's key."""
        return {finding.criterion: finding.answer for finding in self.findings}

    @property
    def grades(self) -> tuple[str, ...]:
        """The grade of each answer, as `Grade.word`."""
        return tuple(finding.grade.word for finding in self.findings)


def assess(ruleset: Ruleset, answers: Answers) -> Assessment:
    """Grade each answer and the whole; the badge needs a right answer to every criterion.

    The answers must have been validated with this ruleset, see `answers.answers_from_json`.
    """
    findings = tuple(_finding(criterion, answers.get(criterion.key)) for criterion in ruleset.criteria)
    grade = min(finding.grade for finding in findings)
    return Assessment(ruleset.id, findings, grade, grade is Grade.RIGHT)


def grade_answer(criterion: Criterion, answer: Answer | None) -> Grade:
    """Grade one answer; a range has the grade of its weakest point."""
    if answer is None:
        return Grade.UNANSWERED
    if _is_wrong(criterion, answer):
        return Grade.WRONG
    return Grade.RIGHT if _is_right(criterion, answer) else Grade.BETWEEN


def _is_wrong(criterion: Criterion, answer: Answer) -> bool:
    """Whether any point of the answer is wrong."""
    match answer:
        case NumberRange(low, high):
            return criterion.wrong.touches(low, high)
        case Choice(value):
            return value in criterion.wrong.values
        case Choices(methods, how_often):
            return criterion.wrong.matches(methods, how_often)


def _is_right(criterion: Criterion, answer: Answer) -> bool:
    """Whether every point of the answer is right."""
    match answer:
        case NumberRange(low, high):
            return criterion.right.covers(low, high)
        case Choice(value):
            return value in criterion.right.values
        case Choices(methods, how_often):
            return criterion.right.matches(methods, how_often)


@functools.lru_cache(maxsize=FINDING_CACHE_SIZE)
def _finding(criterion: Criterion, answer: Answer | None) -> Finding:
    return Finding(
        criterion=criterion.key,
        answer=answer,
        grade=grade_answer(criterion, answer),
        sentence=_sentence(criterion, answer),
        answer_text=format_answer(criterion, answer),
    )


def _sentence(criterion: Criterion, answer: Answer | None) -> str:
    """The answer as a sentence, followed by the rule."""
    sentences, words = criterion.sentences, format_phrase(criterion, answer)
    match answer:
        case None:
            said = sentences.not_stated
        case NumberRange(low, high):
            said = (sentences.says if low == high else sentences.says_range).format(answer=words)
        case Choice():
            said = sentences.says.format(answer=words)
        case Choices(methods, how_often):
            frequency = criterion.frequency(how_often or "")
            often = frequency.phrase if frequency else ""
            said = sentences.says.format(answer=words, how_often=often) if methods else sentences.says_none
    return f"{said} {sentences.rule}"
