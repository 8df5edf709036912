"""The current standing of a listing, computed from its attestation for pages, the API and the badge art."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import Answers, details_from_json
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.scoring import Assessment
from directory.certification.standing import GradedAnswers, grade_stored
from directory.certification.wording import Standing, StandingWords, format_signed_dates, standing_words
from directory.evidence.labels import InspectionSummary, Label, label_answers, weakest_label

ANSWER_CACHE_SIZE = 4_096
"""Cached parsed details, without a reference to their provider; many providers give the same details."""


class AttestationRow(NamedTuple):
    """The columns of an attestation that a list page loads; `answers` and `details` are unparsed JSON text."""

    state: AttestationState
    updated_at: datetime
    ruleset_id: str
    signer_name: str
    signer_role: str
    signed_at: datetime
    valid_until: datetime
    answers: str
    details: str


@dataclass(frozen=True, slots=True)
class Technique:
    """Signed answers, graded under their own ruleset.

    `valid_until` is earlier than the attestation's own date if newer rules end it sooner.
    """

    graded: GradedAnswers
    details: Answers
    signer_name: str
    signer_role: str
    signed_at: datetime
    valid_until: datetime
    seen: Mapping[str, InspectionSummary] = field(default_factory=dict)

    @property
    def ruleset(self) -> Ruleset:
        """The ruleset under which the answers were signed."""
        return self.graded.ruleset

    @property
    def assessment(self) -> Assessment:
        """The grades of the answers under this ruleset."""
        return self.graded.assessment

    @property
    def labels(self) -> dict[str, Label]:
        """The evidence label of each given answer, by the criterion's key."""
        return label_answers((key for key, answer in self.answers.items() if answer is not None), self.seen)

    @property
    def backed(self) -> Label:
        """The weakest evidence label of all given answers."""
        return weakest_label(self.labels)

    @property
    def answers(self) -> Answers:
        """The graded answers by the criterion's key."""
        return self.assessment.answers


@dataclass(frozen=True, slots=True)
class CurrentStanding:
    """The standing of a listing at a given time; `technique` is None if there are no answers to show."""

    words: StandingWords
    technique: Technique | None = None
    dates: str = ""

    @property
    def standing(self) -> Standing:
        """The standing as a value."""
        return self.words.standing

    @property
    def badge(self) -> bool:
        """Whether the listing shows the badge."""
        return self.standing is Standing.BADGE


def current_standing(
    attestation: Attestation | AttestationRow | None,
    rulesets: Rulesets,
    now: datetime,
    seen: Mapping[str, InspectionSummary] | None = None,
) -> CurrentStanding:
    """The standing of a published listing at the time `now`.

    Args:
        attestation: the one that the listing displays, see `attestations.queries.displayed_attestation_id`.
        rulesets: the published rules.
        now: the time.
        seen: what reviewers inspected for its answers, by the criterion's key.

    Raises:
        NotFound: it was signed under a ruleset that is not published.
        Invalid: an answer breaks the limits of its ruleset.
    """
    if attestation is not None and attestation.state is AttestationState.REVOKED:
        return revoked_standing(attestation.updated_at)
    is_accepted = attestation is not None and attestation.state is AttestationState.ACCEPTED
    return standing_at(attestation if is_accepted else None, rulesets, now, seen)


def standing_at(
    attestation: Attestation | AttestationRow | None,
    rulesets: Rulesets,
    moment: datetime,
    seen: Mapping[str, InspectionSummary] | None = None,
) -> CurrentStanding:
    """The standing at a time when `attestation` was accepted, regardless of its state today."""
    technique = technique_of(attestation, rulesets, seen) if attestation is not None else None
    if technique is None:
        return _NOT_STATED
    return CurrentStanding(
        standing_words(
            technique.graded.standing(technique.valid_until, moment),
            grades=technique.assessment.grades,
            at=technique.valid_until,
            documents_seen=technique.backed is Label.DOCUMENT_SEEN,
        ),
        technique,
        format_signed_dates(technique.signed_at, technique.valid_until, moment),
    )


def revoked_standing(at: datetime) -> CurrentStanding:
    """The standing of a listing without current answers whose last answers were revoked at `at`."""
    return CurrentStanding(standing_words(Standing.REVOKED, at=at))


def technique_of(
    attestation: Attestation | AttestationRow, rulesets: Rulesets, seen: Mapping[str, InspectionSummary] | None = None
) -> Technique | None:
    """The signed answers, graded under the ruleset they were signed for, not the current one; None if unsigned.

    Raises:
        NotFound, Invalid: as in `current_standing`.
    """
    if attestation.signed_at is None or attestation.valid_until is None:
        return None
    graded = grade_stored(rulesets, attestation.ruleset_id, attestation.answers)
    return Technique(
        graded=graded,
        details=_load_details(graded.ruleset, attestation.details),
        signer_name=attestation.signer_name,
        signer_role=attestation.signer_role,
        signed_at=attestation.signed_at,
        valid_until=graded.counts_until(attestation.valid_until),
        seen=seen or {},
    )


def _load_details(ruleset: Ruleset, details: Mapping[str, Any] | str) -> Answers:
    if isinstance(details, str):
        return _parse_details(ruleset, details)
    return details_from_json(ruleset, details, stored=True)


@functools.lru_cache(maxsize=ANSWER_CACHE_SIZE)
def _parse_details(ruleset: Ruleset, details: str) -> Answers:
    return details_from_json(ruleset, json.loads(details), stored=True)


_NOT_STATED = CurrentStanding(standing_words(Standing.NOT_STATED))
