"""Responses to a signature that failed, including a comparison if the answers changed in the meantime."""

from dataclasses import dataclass, replace

from flask import request

from directory.attestations.diff import AnswerSet, Difference, diff_answers
from directory.attestations.draft_input import stored_answers
from directory.attestations.tables import Attestation
from directory.certification.answers import Answers
from directory.certification.ruleset import Ruleset
from directory.listings.tables import Listing
from directory.web.portal import drafts, view_models
from directory.web.portal.pages import ReviewPage
from directory.web.portal.signing import SignForm
from directory.web.support.questions import questions_form
from directory.web.support.requests import services
from directory.web.support.templating import render


@dataclass(frozen=True, slots=True)
class SignConflictPage:
    """`portal/overtaken.html`: nothing was signed by this request; `home` is the URL of the current answers."""

    listing: Listing
    attestation: Attestation
    form: SignForm
    differences: tuple[Difference, ...]
    home: str


def sign_error_response(attestation: Attestation, page: ReviewPage, status: int) -> tuple[str, int]:
    """Return the review page with errors, or with both versions if the answers changed meanwhile (409)."""
    if status != 409:
        return render("portal/review.html", page), status
    ruleset = services().rulesets.load(attestation.ruleset_id)
    differing = diff_answers(
        AnswerSet(ruleset, _reviewed_answers(ruleset)), AnswerSet(ruleset, stored_answers(attestation, ruleset))
    )
    if not view_models.can_be_signed(attestation):
        home = view_models.attestation_url(attestation)
        return render(
            "portal/overtaken.html", SignConflictPage(page.listing, attestation, page.form, differing, home)
        ), 409
    newer = view_models.review_page(attestation, request.form)
    newer.form.version.data = str(attestation.version)
    if not differing:
        newer.form.form_errors = page.form.form_errors
    return render("portal/review.html", replace(newer, differences=differing)), 409


def _reviewed_answers(ruleset: Ruleset) -> Answers:
    """Return the answers that the signer saw, from the hidden fields of the page."""
    reading = drafts.parse_answers(ruleset, drafts.submitted_texts(questions_form(ruleset)(request.form)))
    return {**reading.answers, **reading.details}
