"""The data that each console template receives."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from directory.attestations.replies import ReturnedRound
from directory.attestations.tables import Attestation
from directory.certification.cross_checks import Contradiction
from directory.certification.ruleset import Ruleset
from directory.listings.queries import HistoryEntry
from directory.web.console.evidence_form import EvidenceReviewForm
from directory.web.console.forms import AttestationDecisionForm
from directory.web.support.evidence_view import AnswerEvidence
from directory.web.support.findings import FindingRow


@dataclass(frozen=True, slots=True)
class Button:
    """The button for an available decision; `kind` is its style."""

    move: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class AttestationPage:
    """`console/attestation.html`; `reason` says how many answers match.

    `returned` is set if the answers before these were returned.
    """

    attestation: Attestation
    ruleset: Ruleset
    words: str
    entry_words: str
    findings: tuple[FindingRow, ...]
    details: tuple[tuple[str, str], ...]
    contradictions: tuple[Contradiction, ...]
    returned: ReturnedRound | None
    badge_earned: bool
    reason: str
    expired: bool
    earlier: Attestation | None
    earlier_findings: tuple[FindingRow, ...]
    history: Sequence[HistoryEntry]
    form: AttestationDecisionForm
    buttons: tuple[Button, ...]
    hindrance: str
    backings: tuple[AnswerEvidence, ...]
    look_form: EvidenceReviewForm
    can_look: bool

    def document_href(self, evidence_id: int) -> str:
        """Return the download URL of a document."""
        return url_for("console.document", attestation_id=self.attestation.id, evidence_id=evidence_id)
