"""Finds answers that contradict each other, to be corrected or explained before signing."""

from dataclasses import dataclass

from directory.certification.answers import (
    Answer,
    Answers,
    Choice,
    Choices,
    NumberRange,
    format_answer,
    format_phrase,
    join_words,
)
from directory.certification.criteria import CheckKind, CrossCheck, Pick, Question, format_decimal
from directory.certification.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two or more answers that cannot all be true; `key` is the check's key, under which an explanation is stored.

    `about` names the questions, for example `Total amount, Amount from one place and Number of places`.
    """

    key: str
    sentence: str
    about: str


@dataclass(frozen=True, slots=True)
class _AnswerLookup:
    """Looks up answers and details by key."""

    ruleset: Ruleset
    answers: Answers
    details: Answers

    def answer(self, key: str) -> Answer | None:
        found = self.answers.get(key)
        return self.details.get(key) if found is None else found

    def span(self, key: str) -> NumberRange | None:
        answer = self.answer(key)
        return answer if isinstance(answer, NumberRange) else None

    def question(self, key: str) -> Question:
        question = self.ruleset.question(key)
        if question is None:
            raise LookupError(f"the ruleset guard let a check ask for {key!r}")
        return question

    def in_words(self, key: str) -> str:
        return format_answer(self.question(key), self.answer(key))

    def phrase(self, key: str) -> str:
        return format_phrase(self.question(key), self.answer(key))


def find_contradictions(ruleset: Ruleset, answers: Answers, details: Answers) -> tuple[Contradiction, ...]:
    """Find the contradictions to correct or explain before signing; unanswered questions contradict nothing."""
    said = _AnswerLookup(ruleset, answers, details)
    sentences = ((check, _CHECKS[check.kind](check, said)) for check in ruleset.checks)
    return tuple(
        Contradiction(check.key, sentence, join_words(said.question(key).short for key in check.questions))
        for check, sentence in sentences
        if sentence
    )


def _check_total(check: CrossCheck, said: _AnswerLookup) -> str | None:
    """Check a total against its parts; ranges contradict each other only if no numbers in them fit together.

    With at most n places and v from each, a total t fits if v ≤ t ≤ n × v. Therefore the lowest total that can fit is
    the lowest v, and the highest is the highest n times the highest v.
    """
    total, each, times = said.span(check.total), said.span(check.each), said.span(check.times)
    if total is None or each is None:
        return None
    most = None if times is None else times.high * each.high
    facts = {
        "total": said.in_words(check.total),
        "each": said.in_words(check.each),
        "times": said.in_words(check.times),
        "least": f"{format_decimal(each.low)} {said.question(check.each).unit}",
        "most": "" if most is None else f"{format_decimal(most)} {said.question(check.total).unit}",
    }
    if total.high < each.low:
        return check.sentence_too_small.format(**facts)
    return check.sentence.format(**facts) if most is not None and total.low > most else None


def _check_needs_a_choice(check: CrossCheck, said: _AnswerLookup) -> str | None:
    answer = said.answer(check.question)
    if not isinstance(answer, Choices) or answer.methods or answer.how_often is None:
        return None
    frequency = said.question(check.question).frequency(answer.how_often)
    return check.sentence.format(how_often=frequency.label.lower() if frequency else answer.how_often)


def _check_never_together(check: CrossCheck, said: _AnswerLookup) -> str | None:
    first, second = check.picks
    if not (_is_picked(first, said) and _is_picked(second, said)):
        return None
    return check.sentence.format(first=said.phrase(first.question), second=said.phrase(second.question))


def _is_picked(pick: Pick, said: _AnswerLookup) -> bool:
    match said.answer(pick.question):
        case Choice(value):
            return value in pick.values
        case Choices(methods):
            return not pick.values.isdisjoint(methods)
        case _:
            return False


_CHECKS = {
    CheckKind.TOTAL: _check_total,
    CheckKind.NEEDS_A_CHOICE: _check_needs_a_choice,
    CheckKind.NEVER_TOGETHER: _check_never_together,
}
