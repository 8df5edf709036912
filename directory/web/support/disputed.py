"""What a report is about, in the words and the row that the provider and the reviewers see."""

from directory.certification.answers import from_json
from directory.certification.ruleset import Ruleset, Rulesets
from directory.disputes.report import subject_words
from directory.disputes.tables import Dispute
from directory.web.support.findings import FindingRow, finding_rows


def about(dispute: Dispute, rulesets: Rulesets) -> str:
    """What is disputed, in a few words."""
    return subject_words(_ruleset(dispute, rulesets), dispute.about)


def finding(dispute: Dispute, rulesets: Rulesets) -> FindingRow | None:
    """What the provider had stated, with its grade; None where the report is about no answer."""
    ruleset = _ruleset(dispute, rulesets)
    if ruleset is None or dispute.attestation is None:
        return None
    rows = finding_rows(ruleset, from_json(ruleset, dispute.attestation.answers))
    return next((row for row in rows if row.key == dispute.about), None)


def _ruleset(dispute: Dispute, rulesets: Rulesets) -> Ruleset | None:
    return rulesets.load(dispute.attestation.ruleset_id) if dispute.attestation else None
