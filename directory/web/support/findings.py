"""View models for graded answers, one row per answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from directory.certification.answers import Answers, format_answer
from directory.certification.ruleset import Ruleset
from directory.certification.scoring import Assessment
from directory.evidence.labels import InspectionSummary, Label


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One graded answer in patients' words; `grade` is the grade's display word.

    `label` tells what supports the answer, on pages that show it; `seen` summarizes a reviewer's inspection.
    """

    key: str
    question: str
    answer_text: str
    rule: str
    grade: str
    sentence: str
    why: str
    label: Label | None = None
    seen: InspectionSummary | None = None


def finding_rows(
    ruleset: Ruleset,
    assessment: Assessment,
    labels: Mapping[str, Label] | None = None,
    seen: Mapping[str, InspectionSummary] | None = None,
) -> tuple[FindingRow, ...]:
    """Return all answers with their grades, in the order of the ruleset."""
    labels, seen = labels or {}, seen or {}
    return tuple(
        FindingRow(
            key=criterion.key,
            question=criterion.patient_question,
            answer_text=finding.answer_text if finding.answer is not None else "",
            rule="",
            grade=finding.grade.word,
            sentence=finding.sentence,
            why=criterion.why,
            label=labels.get(criterion.key),
            seen=seen.get(criterion.key),
        )
        for criterion, finding in zip(ruleset.criteria, assessment.findings, strict=True)
    )


def detail_rows(ruleset: Ruleset, details: Answers) -> tuple[tuple[str, str], ...]:
    """Return the answered details as pairs of short name and answer."""
    return tuple(
        (detail.short, format_answer(detail, answer))
        for detail in ruleset.details
        if (answer := details.get(detail.key)) is not None
    )
