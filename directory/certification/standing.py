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
"""Different answers that are graded once for all attestations that hold them; arbitrary, some megabytes."""


@dataclass(frozen=True, slots=True, eq=False)
class GradedAnswers:
    """The answers of one or more attestations, graded under the ruleset that they were signed under.

    Args:
        ruleset: the rules that they were signed under.
        assessment: the grades.
        superseded_at: the last moment at which anything signed under these rules counts; None where nothing ends it.
    """

    ruleset: Ruleset
    assessment: Assessment
    superseded_at: datetime | None

    def counts_until(self, valid_until: datetime) -> datetime:
        """The last moment at which an accepted attestation with these answers counts."""
        return earlier_end(valid_until, self.superseded_at)

    def standing(self, valid_until: datetime, now: datetime) -> Standing:
        """What an accepted attestation with these answers comes to; one without any answer says nothing."""
        if all(finding.grade is Grade.UNANSWERED for finding in self.assessment.findings):
            return Standing.NOT_STATED
        if now > self.counts_until(valid_until):
            return Standing.EXPIRED
        return Standing.BADGE if self.assessment.badge_earned else Standing.NOT_EVERY_RULE


def grade_stored(rulesets: Rulesets, ruleset_id: str, answers: Mapping[str, Any] | str) -> GradedAnswers:
    """Grade answers as the database holds them: as a mapping, or as JSON text, whose grades are cached.

    Raises:
        NotFound: they were signed under rules that are not published.
        Invalid: an answer breaks the rules that it was signed under.
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
        ruleset, assess(ruleset, answers_from_json(ruleset, answers)), rulesets.superseded_at(ruleset_id)
    )
