"""What a listing's accepted attestation comes to today, read once for every page and every machine."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from directory.attestations.lifecycle import State
from directory.attestations.tables import Attestation
from directory.badges import badge
from directory.badges.badge import Standing, Words, month
from directory.certification.answers import Answers, details_from_json, from_json
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.scoring import Assessment, Grade, assess
from directory.evidence.labels import Label, Seen, labels, weakest

REMEMBERED = 4_096
"""How many readings of answers are kept, with no trace of whose they are; many providers say the very same."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An accepted attestation as columns, as a list reads it; `answers` and `details` are JSON, still as text."""

    ruleset_id: str
    signer_name: str
    signer_role: str
    signed_at: datetime
    valid_until: datetime
    answers: str
    details: str


@dataclass(frozen=True, slots=True)
class Technique:
    """What was signed, with what its own ruleset says of it; newer rules may end it before its own date."""

    ruleset: Ruleset
    assessment: Assessment
    details: Answers
    signer_name: str
    signer_role: str
    signed_at: datetime
    valid_until: datetime
    seen: Mapping[str, Seen] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, Label]:
        """What stands behind each answer that was given, by the criterion's key."""
        return labels((key for key, answer in self.answers.items() if answer is not None), self.seen)

    @property
    def backed(self) -> Label:
        """What stands behind all of them: the weakest label."""
        return weakest(self.labels)

    @property
    def answers(self) -> Answers:
        """The graded answers by the criterion's key."""
        return {finding.criterion: finding.answer for finding in self.assessment.findings}


@dataclass(frozen=True, slots=True)
class Today:
    """What a listing's technique comes to at one moment; `technique` is None where nothing was accepted."""

    standing: Standing
    words: Words
    technique: Technique | None = None

    @property
    def badge(self) -> bool:
        """Whether the badge shows."""
        return self.standing is Standing.BADGE

    @property
    def note(self) -> str:
        """What a list adds in a few words: which rules are not matched, or until when the answers counted."""
        if self.technique is None:
            return ""
        if self.standing is Standing.EXPIRED:
            return f"valid to {month(self.technique.valid_until)}"
        return _missed(self.technique) if self.standing is Standing.NOT_EVERY_RULE else ""


def today(
    attestation: Attestation | None, rulesets: Rulesets, now: datetime, seen: Mapping[str, Seen] | None = None
) -> Today:
    """What the accepted attestation of a published listing comes to at this moment.

    `seen` is what reviewers saw for its answers, by the criterion's key.

    Raises:
        NotFound: it was signed under rules that are not published.
        Invalid: an answer breaks the rules that it was signed under.
    """
    return _today(attestation, attestation.state if attestation else None, rulesets, now, seen or {})


def stated(
    statement: Statement | None, rulesets: Rulesets, now: datetime, seen: Mapping[str, Seen] | None = None
) -> Today:
    """The same as `today` for columns instead of an object.

    Raises:
        NotFound, Invalid: as `today` does.
    """
    if statement is None:
        return _NOTHING
    ruleset = rulesets.load(statement.ruleset_id)
    assessment, details = _read(ruleset, statement.answers, statement.details)
    technique = Technique(
        ruleset=ruleset,
        assessment=assessment,
        details=details,
        signer_name=statement.signer_name,
        signer_role=statement.signer_role,
        signed_at=statement.signed_at,
        valid_until=rulesets.counts_until(ruleset.id, statement.valid_until),
        seen=seen or {},
    )
    return _of(technique, State.ACCEPTED, now)


def as_it_was(attestation: Attestation | None, rulesets: Rulesets, moment: datetime) -> Today:
    """The same for a moment that is past, at which `attestation` was accepted, whatever became of it since."""
    return _today(attestation, State.ACCEPTED, rulesets, moment, {})


def technique_of(attestation: Attestation, rulesets: Rulesets) -> Technique | None:
    """The signed answers under the rules that they were signed for, whatever rules are current; None if unsigned.

    Raises:
        NotFound, Invalid: as `today` does.
    """
    if attestation.signed_at is None or attestation.valid_until is None:
        return None
    ruleset = rulesets.load(attestation.ruleset_id)
    return Technique(
        ruleset=ruleset,
        assessment=assess(ruleset, from_json(ruleset, attestation.answers)),
        details=details_from_json(ruleset, attestation.details),
        signer_name=attestation.signer_name,
        signer_role=attestation.signer_role,
        signed_at=attestation.signed_at,
        valid_until=rulesets.counts_until(ruleset.id, attestation.valid_until),
    )


def _today(
    attestation: Attestation | None, state: State | None, rulesets: Rulesets, now: datetime, seen: Mapping[str, Seen]
) -> Today:
    technique = technique_of(attestation, rulesets) if attestation else None
    if state is None or technique is None:
        return _NOTHING
    return _of(replace(technique, seen=seen), state, now)


def _of(technique: Technique, state: State, now: datetime) -> Today:
    standing = badge.standing(state, technique.valid_until, technique.assessment, now=now)
    words = badge.words(
        standing,
        technique.ruleset,
        technique.assessment,
        signed_at=technique.signed_at,
        valid_until=technique.valid_until,
        backed=technique.backed,
    )
    return Today(standing, words, technique)


@functools.lru_cache(maxsize=REMEMBERED)
def _read(ruleset: Ruleset, answers: str, details: str) -> tuple[Assessment, Answers]:
    """What the texts of an attestation come to under its rules."""
    assessment = assess(ruleset, from_json(ruleset, json.loads(answers)))
    return assessment, details_from_json(ruleset, json.loads(details))


def _missed(technique: Technique) -> str:
    named = (
        f"{criterion.short} (not stated)" if finding.grade is Grade.UNANSWERED else criterion.short
        for criterion, finding in zip(technique.ruleset.criteria, technique.assessment.findings, strict=True)
        if finding.grade is not Grade.RIGHT
    )
    return ", ".join(named)


_NOTHING = Today(Standing.NOT_STATED, badge.words(Standing.NOT_STATED))
