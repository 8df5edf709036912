"""How a report is shown to the provider and to reviewers: its subject and the reported answer."""

from directory.certification.ruleset import Rulesets
from directory.certification.standing import grade_stored
from directory.disputes.report import subject_label
from directory.disputes.tables import Dispute
from directory.web.support.findings import FindingRow, finding_rows


def report_subject(dispute: Dispute, rulesets: Rulesets) -> str:
    """Return a short label for what the report is about."""
    ruleset = rulesets.load(dispute.attestation.ruleset_id) if dispute.attestation else None
    return subject_label(ruleset, dispute.about)


def reported_finding(dispute: Dispute, rulesets: Rulesets) -> FindingRow | None:
    """Return the reported answer with its grade, or None if the report is not about an answer."""
    if dispute.attestation is None:
        return None
    graded = grade_stored(rulesets, dispute.attestation.ruleset_id, dispute.attestation.answers)
    rows = finding_rows(graded.ruleset, graded.assessment)
    return next((row for row in rows if row.key == dispute.about), None)
