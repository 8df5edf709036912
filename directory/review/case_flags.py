"""The flags of answers and changes that wait for a reviewer: what differs from what counts now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from directory.attestations.tables import Attestation
from directory.certification.answers import NumberRange
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import Finding
from directory.certification.standing import grade_stored
from directory.errors import Refusal
from directory.listings.changes import FieldChange
from directory.review.case_kinds import Flag

LARGE_FACTOR = 2
"""How many times a number must grow or shrink to be a large change; arbitrary."""


def answer_flags(waiting: Attestation, counting: Attestation | None, *, is_open: bool) -> dict[Flag, str]:
    """Return the flags of signed answers, compared with the answers that count now.

    Args:
        waiting: the answers that wait.
        counting: the accepted answers of the listing, if any.
        is_open: whether the listing is public or may become public.
    """
    flags = {} if is_open else {Flag.NOT_PUBLIC: "the listing is not public"}
    if waiting.explanations:
        flags[Flag.CONTRADICTION] = "cross-check"
    if counting is not None:
        for flag, words in _compare(_findings(counting), _findings(waiting)):
            flags.setdefault(flag, words)
    return flags


def change_flags(changes: Sequence[FieldChange], *, ends_answers: bool) -> dict[Flag, str]:
    """Return the flags of a proposed change of a listing."""
    flags = {Flag.OTHER_PROVIDER: "another name or NPI"} if ends_answers else {}
    if any(_has_unplaced(change) for change in changes):
        flags[Flag.NOT_PLACED] = "address not found"
    return flags


def _has_unplaced(change: FieldChange) -> bool:
    rows = change.new if isinstance(change.new, list) else []
    return any(isinstance(row, Mapping) and "lat" in row and row["lat"] is None for row in rows)


def _findings(stored: Attestation) -> Mapping[str, Finding]:
    """Return the graded answers by criterion; none if the rules or the answers cannot be read."""
    try:
        graded = grade_stored(bundled_rulesets(), stored.ruleset_id, stored.answers)
    except Refusal:
        return {}
    return {finding.criterion: finding for finding in graded.assessment.findings}


def _compare(before: Mapping[str, Finding], after: Mapping[str, Finding]) -> Iterator[tuple[Flag, str]]:
    for key, new in after.items():
        if (old := before.get(key)) is None:
            continue
        words = f"{new.answer_text}, was {old.answer_text}"
        if new.grade < old.grade:
            yield Flag.WORSE_GRADE, words
        elif _is_large(old.answer, new.answer):
            yield Flag.LARGE_CHANGE, words


def _is_large(old: Any, new: Any) -> bool:
    if not isinstance(old, NumberRange) or not isinstance(new, NumberRange):
        return False
    smaller, larger = sorted((float(old.high), float(new.high)))
    return larger >= LARGE_FACTOR * smaller and larger > smaller
