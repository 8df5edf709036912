"""Grades stored answers and computes the standing of an accepted attestation at a given time."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.certification.answers import answers_from_json
from directory.certification.ruleset import Ruleset, Rulesets, earlier_end
from directory.certification.scoring import Assessment, Grade, assess
from directory.certification.wording import Standing

CACHE_SIZE = 8_000
"""Cached graded answers, shared by attestations with equal answers; arbitrary, some megabytes."""


@dataclass(frozen=True, slots=True, eq=False)
class GradedAnswers:
    """The answers of one or more attestations, graded under their own ruleset.

    Args:
        ruleset: the ruleset under which they were signed.
        assessment: the grades.
        superseded_at: the last time at which attestations under this ruleset count; None if no newer one ends them.
    """

    ruleset: Ruleset
    assessment: Assessment
    superseded_at: datetime | None

    def counts_until(self, valid_until: datetime) -> datetime:
        """The last time at which an accepted attestation with these answers counts."""
        return earlier_end(valid_until, self.superseded_at)

    def standing(self, valid_until: datetime, now: datetime) -> Standing:
        """The standing of an accepted attestation with these answers; without any answer it is `NOT_STATED`."""
        if all(finding.grade is Grade.UNANSWERED for finding in self.assessment.findings):
            return Standing.NOT_STATED
        if now > self.counts_until(valid_until):
            return Standing.EXPIRED
        return Standing.BADGE if self.assessment.badge_earned else Standing.NOT_EVERY_RULE


def grade_stored(rulesets: Rulesets, ruleset_id: str, answers: Mapping[str, Any] | str) -> GradedAnswers:
    """Grade stored answers, given as a mapping or as JSON text; results for JSON text are cached.

    Raises:
        NotFound: their ruleset is not published.
        Invalid: an answer breaks the limits of its ruleset.
    """
    return (
        _grade_text(rulesets, ruleset_id, answers)
        if isinstance(answers, str)
        else _grade(rulesets, ruleset_id, answers)
    )


@functools.lru_cache(CACHE_SIZE)
def _grade_text(rulesets: Rulesets, ruleset_id: str, answers: str) -> GradedAnswers:
    return _grade(rulesets, ruleset_id, json.loads(answers))


def _grade(rulesets: Rulesets, ruleset_id: str, answers: Mapping[str, Any]) -> GradedAnswers:
    ruleset = rulesets.load(ruleset_id)
    return GradedAnswers(
        ruleset, assess(ruleset, answers_from_json(ruleset, answers, stored=True)), rulesets.superseded_at(ruleset_id)
    )
