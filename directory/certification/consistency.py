"""Finds contradictions in a ruleset that parsed correctly: overlapping rules, unknown values, unknown questions."""

import itertools
from collections.abc import Iterator, Sequence

from directory.certification.criteria import (
    AnswerKind,
    Bounds,
    CheckKind,
    CrossCheck,
    Limits,
    Pick,
    Question,
    Rule,
)


def check_rules(question: Question, right: Rule, wrong: Rule) -> Iterator[str]:
    """Yield an error for each contradiction between the right and wrong rules of a criterion."""
    if question.kind.is_number:
        yield from _check_spans(question.limits, right, wrong)
    elif question.kind is AnswerKind.CHOICE:
        yield from _check_values(question, right.values | wrong.values)
        both = right.values & wrong.values
        if both:
            yield f"{min(both)!r} cannot be right and wrong"
    else:
        yield from _check_choices(question, right, wrong)


def _check_spans(limits: Limits, right: Rule, wrong: Rule) -> Iterator[str]:
    spans = [("right", span) for span in right.spans] + [("wrong", span) for span in wrong.spans]
    for name, span in spans:
        if not _is_within(span, limits):
            yield f"{name} goes beyond the limits"
    for (name, span), (other_name, other) in itertools.combinations(spans, 2):
        low = max(end for end in (span.at_least, other.at_least, limits.at_least) if end is not None)
        high = min(end for end in (span.at_most, other.at_most, limits.at_most) if end is not None)
        if low <= high:
            yield f"{name} and {other_name} overlap"


def _is_within(span: Bounds, limits: Limits) -> bool:
    ends = [end for end in (span.at_least, span.at_most) if end is not None]
    return all(limits.at_least <= end <= limits.at_most for end in ends)


def _check_values(question: Question, values: frozenset[str]) -> Iterator[str]:
    unknown = values - {option.value for option in question.options}
    if unknown:
        yield f"{min(unknown)!r} is not one of the options"


def _check_choices(question: Question, right: Rule, wrong: Rule) -> Iterator[str]:
    known = {option.value for option in question.how_often}
    for name, rule in (("right", right), ("wrong", wrong)):
        yield from _check_values(question, rule.values)
        unknown = rule.how_often - known
        if unknown:
            yield f"{name} names {min(unknown)!r}, which is not one of how_often"
        if rule == Rule():
            yield f"{name} must say any_of, how_often or none"
    if _rules_overlap(question, right, wrong):
        yield "right and wrong overlap"


def _rules_overlap(question: Question, right: Rule, wrong: Rule) -> bool:
    """Whether some answer matches both rules.

    Sets of up to two choices are enough to try: a rule needs one of its values, so an overlap needs one of each rule.
    """
    values = [option.value for option in question.options]
    sets = [frozenset(some) for size in range(3) for some in itertools.combinations(values, size)]
    often = [None, *(option.value for option in question.how_often)]
    return any(
        right.matches(chosen, how_often) and wrong.matches(chosen, how_often) for chosen in sets for how_often in often
    )


def check_references(check: CrossCheck, questions: Sequence[Question]) -> Iterator[str]:
    """Yield an error for each question that a cross-check names and that is missing or of the wrong kind."""
    by_key = {question.key: question for question in questions}
    if check.kind is CheckKind.TOTAL:
        kinds = (("total", {AnswerKind.QUANTITY}), ("each", {AnswerKind.QUANTITY}), ("times", {AnswerKind.COUNT}))
        for name, allowed in kinds:
            yield from _check_kind(by_key, name, getattr(check, name), allowed)
        times = by_key.get(check.times)
        if times is not None and times.limits.at_least < 1:
            yield f"times {check.times!r} can be 0, and then a total has no parts"
    elif check.kind is CheckKind.NEEDS_A_CHOICE:
        yield from _check_kind(by_key, "question", check.question, {AnswerKind.CHOICES})
        asked = by_key.get(check.question)
        if asked is not None and not asked.how_often:
            yield f"question {check.question!r} does not ask how often"
    else:
        for pick in check.picks:
            yield from _check_pick(by_key, pick)


def _check_kind(by_key: dict[str, Question], name: str, key: str, allowed: set[AnswerKind]) -> Iterator[str]:
    asked = by_key.get(key)
    if asked is None:
        yield f"{name} {key!r} is not asked anywhere"
    elif asked.kind not in allowed:
        yield f"{name} {key!r} must be a {' or a '.join(sorted(allowed))}"


def _check_pick(by_key: dict[str, Question], pick: Pick) -> Iterator[str]:
    yield from _check_kind(by_key, "question", pick.question, {AnswerKind.CHOICE, AnswerKind.CHOICES})
    asked = by_key.get(pick.question)
    if asked is not None and asked.options:
        yield from _check_values(asked, pick.values)


def duplicate_keys(keys: Sequence[str]) -> Iterator[str]:
    """Yield an error for each key that is used more than once."""
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"the key {key!r} is there twice"
