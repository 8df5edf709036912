"""The evidence for each answer as providers and reviewers see it, and document downloads."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, send_file
from sqlalchemy.orm import Session

from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, format_answer
from directory.certification.ruleset import Ruleset
from directory.errors import NotFound
from directory.evidence import queries, storage
from directory.evidence.queries import InspectionDetail
from directory.evidence.tables import Evidence, EvidenceKind
from directory.web.support.requests import services

EVIDENCE_ID = "<int(max=2147483647):evidence_id>"
"""A number as both databases keep it."""

DOCUMENT_CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""For a document opened in spite of everything: it may run, load and send nothing."""


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """One answer with what was added to it, and what a reviewer saw of that; `answer_text` is empty if not stated."""

    key: str
    short: str
    answer_text: str
    pieces: Sequence[Evidence]
    looked: InspectionDetail | None

    @property
    def can_be_seen(self) -> bool:
        """Whether there is something that a reviewer can look at, and nobody has said so yet."""
        return self.looked is None and any(piece.kind is not EvidenceKind.NOTE for piece in self.pieces)


def answer_evidence(session: Session, attestation: Attestation, ruleset: Ruleset) -> tuple[AnswerEvidence, ...]:
    """Every answer that is held against the rules, in their order."""
    answers = answers_from_json(ruleset, attestation.answers)
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
    """The file of a document, which no browser shows as a page; whether somebody may have it was asked before.

    Raises:
        NotFound: it is no document, or its file is gone.
    """
    if piece.sha256 is None:
        raise NotFound("There is no such document.")
    path = storage.find(services().settings.uploads, piece.sha256)
    answer = send_file(path, piece.media_type, as_attachment=True, download_name=piece.text, etag=False, max_age=0)
    answer.headers["Content-Security-Policy"] = DOCUMENT_CSP
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
