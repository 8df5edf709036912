"""When a badge is earned and when it shows, and the words that go with it."""

import enum
from dataclasses import dataclass
from datetime import UTC, datetime

from directory.attestations.lifecycle import State, is_live
from directory.certification.ruleset import Ruleset
from directory.certification.scoring import Assessment, Grade
from directory.evidence.labels import Label

TITLE = "Self-certified technique"
BESIDE = (
    "This provider told us how they take bone marrow. Their answers match our published rules. "
    "We did not watch the procedure. It is not a promise that treatment will work, and not a medical license."
)

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip  # the calendar module would follow the server's language


class Standing(enum.StrEnum):
    """What a listing's technique comes to today."""

    BADGE = "badge"
    NOT_EVERY_RULE = "not_every_rule"
    EXPIRED = "expired"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on a page, in a badge, in its alt text and in an embed; `beside` is always visible.

    `dates` is empty where nothing was signed, `reasons` are the sentences of the answers that are not right.
    """

    title: str
    line: str
    beside: str
    dates: str
    reasons: tuple[str, ...]


def standing(
    state: State | None, valid_until: datetime | None, assessment: Assessment | None, *, now: datetime
) -> Standing:
    """What the attestation comes to at that moment; None for its parts where there is none.

    One that says nothing, or is not (or no longer) accepted, is as if nothing were stated.
    """
    if state is not State.ACCEPTED or valid_until is None or assessment is None:
        return Standing.NOT_STATED
    if all(finding.grade is Grade.UNANSWERED for finding in assessment.findings):
        return Standing.NOT_STATED
    if not is_live(state, valid_until, now):
        return Standing.EXPIRED
    return Standing.BADGE if assessment.badge_earned else Standing.NOT_EVERY_RULE


def words(
    standing: Standing,
    ruleset: Ruleset | None = None,
    assessment: Assessment | None = None,
    *,
    signed_at: datetime | None = None,
    valid_until: datetime | None = None,
    backed: Label = Label.STATED,
) -> Words:
    """The words for a standing; `backed` is the weakest label of its answers.

    Raises:
        ValueError: the standing speaks of an attestation, and a part of it is not given.
    """
    if standing is Standing.NOT_STATED:
        return _NOT_STATED
    if ruleset is None or assessment is None or signed_at is None or valid_until is None:
        raise ValueError(f"the words for {standing} need the whole attestation")
    dates = f"Signed {day(signed_at)}. Valid to {day(valid_until)}."
    if standing is Standing.EXPIRED:
        line = f"Self-certified answers, no longer valid since {month(valid_until)}"
        return Words("Answers are out of date", line, _TOLD, f"Signed {day(signed_at)}.", ())
    if standing is Standing.BADGE:
        line = f"{TITLE} · answers match all {len(ruleset.criteria)} rules · valid to {month(valid_until)}"
        return Words(TITLE, f"{line}{_BACKED[backed]}", BESIDE, dates, ())
    reasons = tuple(finding.sentence for finding in assessment.findings if finding.grade is not Grade.RIGHT)
    return Words(_NOT_EVERY_RULE, _which(ruleset, assessment), _TOLD, dates, reasons)


def month(moment: datetime) -> str:
    """The month as a badge says it: `Nov 2027`."""
    moment = moment.astimezone(UTC)
    return f"{_MONTHS[moment.month - 1][:3]} {moment.year}"


def day(moment: datetime) -> str:
    """The day as a page says it: `November 22, 2027`."""
    moment = moment.astimezone(UTC)
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


_BACKED = {Label.STATED: "", Label.DOCUMENT_SEEN: " · documents seen"}
_NOT_EVERY_RULE = "Answers do not match every rule"
_TOLD = "This provider told us how they take bone marrow. We did not watch the procedure."
_NOT_STATED = Words(
    title="Not stated",
    line="Not stated: this provider has not told us how they take bone marrow",
    beside="This provider has not told us how they take bone marrow. You can ask them.",
    dates="",
    reasons=(),
)


def _which(ruleset: Ruleset, assessment: Assessment) -> str:
    """The line that names each answer that does not match, and each that is not stated."""
    short = {criterion.key: criterion.short for criterion in ruleset.criteria}
    named = [
        f"{short[finding.criterion]} (not stated)" if finding.grade is Grade.UNANSWERED else short[finding.criterion]
        for finding in assessment.findings
        if finding.grade is not Grade.RIGHT
    ]
    return f"Self-certified · {_NOT_EVERY_RULE.lower()}: {'; '.join(named)}"
