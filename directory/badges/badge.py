"""When a badge is earned and when it shows."""

from datetime import datetime

from directory.attestations.lifecycle import State, is_live
from directory.certification.scoring import Assessment, Grade
from directory.certification.wording import Standing


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
