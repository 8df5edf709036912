"""Builds the data for console pages."""

from werkzeug.datastructures import MultiDict

from directory.accounts.policy import Action, may
from directory.attestations import lifecycle as attestation_lifecycle
from directory.attestations import queries as attestation_queries
from directory.attestations.replies import returned_round
from directory.attestations.tables import Attestation
from directory.certification.answers import details_from_json
from directory.certification.cross_checks import find_contradictions
from directory.certification.standing import grade_stored
from directory.certification.wording import summarize_grades
from directory.errors import NotFound
from directory.evidence.commands import INSPECTABLE
from directory.web.console.buttons import OWN_LISTING_MESSAGE, decision_buttons
from directory.web.console.evidence_form import EvidenceReviewForm, evidence_review_form
from directory.web.console.forms import AttestationDecisionForm, attestation_decision_form
from directory.web.console.pages import AttestationPage
from directory.web.support.evidence_view import answer_evidence
from directory.web.support.findings import FindingRow, detail_rows, finding_rows
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import ATTESTATION_LABELS, LISTING_LABELS


def require_signed(attestation: Attestation) -> Attestation:
    """Return the attestation if it is signed.

    Raises:
        NotFound: it is a draft, which only its owner may see.
    """
    if attestation.signed_at is None:
        raise NotFound("There is no such attestation.")
    return attestation


def decision_form(attestation: Attestation, sent: "MultiDict[str, str] | None" = None) -> AttestationDecisionForm:
    """Return the decision form for an attestation."""
    return attestation_decision_form(services().rulesets.load(attestation.ruleset_id))(sent)


def attestation_page(
    attestation: Attestation, form: AttestationDecisionForm, looks: EvidenceReviewForm | None = None
) -> AttestationPage:
    """Return the page data for deciding on an attestation, graded by the ruleset it was signed under."""
    graded = grade_stored(services().rulesets, attestation.ruleset_id, attestation.answers)
    ruleset, assessment = graded.ruleset, graded.assessment
    details = details_from_json(ruleset, attestation.details, stored=True)
    form.version.data = str(attestation.version)
    earlier = attestation_queries.accepted_attestations(session(), [attestation.listing_id]).get(attestation.listing_id)
    earlier = None if earlier is attestation else earlier
    open_to_me = may(actor(), Action.DECIDE, right=attestation.listing.right_of(actor().id))
    moves, decisions = attestation_lifecycle.MOVES, attestation_lifecycle.DECISIONS
    return AttestationPage(
        attestation=attestation,
        ruleset=ruleset,
        words=ATTESTATION_LABELS[attestation.state],
        entry_words=LISTING_LABELS[attestation.listing.state],
        findings=finding_rows(ruleset, assessment),
        details=detail_rows(ruleset, details),
        contradictions=find_contradictions(ruleset, assessment.answers, details),
        returned=returned_round(session(), attestation, services().rulesets),
        badge_earned=assessment.badge_earned,
        reason=summarize_grades(assessment.grades),
        expired=attestation_queries.is_expired(attestation, services().rulesets, now()),
        earlier=earlier,
        earlier_findings=_graded_answers(earlier) if earlier else (),
        history=attestation_queries.history(session(), attestation.id),
        form=form,
        buttons=decision_buttons(moves, decisions, attestation.state) if open_to_me else (),
        hindrance="" if open_to_me else OWN_LISTING_MESSAGE,
        backings=answer_evidence(session(), attestation, ruleset),
        look_form=looks or evidence_review_form(ruleset)(),
        can_look=open_to_me and attestation.state in INSPECTABLE,
    )


def _graded_answers(attestation: Attestation) -> tuple[FindingRow, ...]:
    graded = grade_stored(services().rulesets, attestation.ruleset_id, attestation.answers)
    return finding_rows(graded.ruleset, graded.assessment)
