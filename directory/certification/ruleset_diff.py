"""Lists the differences between two versions of the rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from directory.certification.criteria import Criterion, Question
from directory.certification.ruleset import Ruleset

NOT_ASKED = "Not asked"
SAME_WORDS = "Same words, other limits"


@dataclass(frozen=True, slots=True)
class RulesetChange:
    """One difference between two versions; `subject` is the question or the part of the rules that changed."""

    subject: str
    what: str
    before: str
    after: str


def diff_rulesets(older: Ruleset, newer: Ruleset) -> tuple[RulesetChange, ...]:
    """List all differences: added and removed questions, limits, texts, and how long a signature counts."""
    kept = [(older.question(question.key), question) for question in newer.questions]
    gone = [(question, None) for question in older.questions if newer.question(question.key) is None]
    of_questions = chain.from_iterable(_question_changes(before, after) for before, after in (*kept, *gone))
    return (*of_questions, *_ruleset_changes(older, newer))


def _question_changes(before: Question | None, after: Question | None) -> Iterator[RulesetChange]:
    either = after or before
    if either is None:
        return
    subject = _question_text(either)
    if before is None or after is None:
        yield RulesetChange(subject, "Question", _summary(before), _summary(after))
        return
    yield from _text_changes(subject, _question_texts(before), _question_texts(after))
    if isinstance(before, Criterion) and isinstance(after, Criterion):
        yield from _limit_changes(subject, before, after)


def _text_changes(subject: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[RulesetChange]:
    for what in dict.fromkeys([*before, *after]):
        was, now = before.get(what, ""), after.get(what, "")
        if was != now:
            yield RulesetChange(subject, what, was or "–", now or "–")


def _limit_changes(subject: str, before: Criterion, after: Criterion) -> Iterator[RulesetChange]:
    """Changed limits whose texts stayed the same, which a comparison of the texts would miss."""
    moved = {
        "Right": before.right != after.right and before.right_answer == after.right_answer,
        "Wrong": before.wrong != after.wrong and before.wrong_answer == after.wrong_answer,
    }
    for what, is_moved in moved.items():
        if is_moved:
            yield RulesetChange(
                subject, what, before.right_answer if what == "Right" else before.wrong_answer, SAME_WORDS
            )


def _ruleset_changes(older: Ruleset, newer: Ruleset) -> Iterator[RulesetChange]:
    yield from _text_changes("The whole", _ruleset_texts(older), _ruleset_texts(newer))


def _ruleset_texts(ruleset: Ruleset) -> dict[str, str]:
    return {
        "How long answers count": f"{ruleset.valid_months} months",
        "What is signed": ruleset.statement,
        "Where the rules come from": f"{ruleset.source.publisher}: {ruleset.source.title}",
    }


def _question_texts(question: Question) -> dict[str, str]:
    facets = {"Question": _question_text(question)}
    if question.options:
        options = (*question.options, *([question.none] if question.none else []))
        facets["Answers to choose from"] = "; ".join(option.label for option in options)
    if isinstance(question, Criterion):
        facets |= {
            "Right": question.right_answer,
            "Wrong": question.wrong_answer,
            "Why": question.why,
            "Evidence": question.strength_text,
        }
    return facets


def _question_text(question: Question) -> str:
    return question.patient_question if isinstance(question, Criterion) else question.question


def _summary(question: Question | None) -> str:
    if question is None:
        return NOT_ASKED
    if isinstance(question, Criterion):
        return f"Right: {question.right_answer}. Wrong: {question.wrong_answer}."
    return "Asked, and not graded"
