"""The evidence for each answer as providers and reviewers see it, and document downloads."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response
from sqlalchemy.orm import Session

from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, format_answer
from directory.certification.ruleset import Ruleset
from directory.evidence import queries
from directory.evidence.queries import InspectionDetail
from directory.evidence.tables import Evidence, EvidenceKind
from directory.web.support.uploads import send_file_of

EVIDENCE_ID = "<int(max=2147483647):evidence_id>"
"""URL converter for an evidence id, limited to the integer range of both databases."""


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """An answer with its evidence and a reviewer's inspection of it; `answer_text` is empty if there is no answer."""

    key: str
    short: str
    answer_text: str
    pieces: Sequence[Evidence]
    looked: InspectionDetail | None

    @property
    def can_be_seen(self) -> bool:
        """Whether a link or document can be inspected and no inspection is recorded yet."""
        return self.looked is None and any(piece.kind is not EvidenceKind.NOTE for piece in self.pieces)


def answer_evidence(session: Session, attestation: Attestation, ruleset: Ruleset) -> tuple[AnswerEvidence, ...]:
    """Return all graded answers with their evidence, in the order of the ruleset."""
    answers = answers_from_json(ruleset, attestation.answers, stored=True)
    pieces, looks = queries.attachments_of(session, attestation.id), queries.inspection_details(session, attestation.id)
    return tuple(
        AnswerEvidence(
            key=criterion.key,
            short=criterion.short,
            answer_text=format_answer(criterion, answer) if (answer := answers.get(criterion.key)) is not None else "",
            pieces=tuple(pieces.get(criterion.key, ())),
            looked=looks.get(criterion.key),
        )
        for criterion in ruleset.criteria
    )


def send_document(piece: Evidence) -> Response:
    """Send a document as a download; the caller must have checked access.

    Raises:
        NotFound: the evidence is not a document, or its file is missing.
    """
    return send_file_of(piece.sha256, piece.media_type, piece.text)
