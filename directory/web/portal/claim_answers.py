"""The page on which a claimant prepares the graded answers while the claim waits."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from directory import transaction
from directory.attestations import claim_answers, draft_input
from directory.certification.ruleset import Ruleset
from directory.claims.tables import Claim, ClaimAnswers
from directory.web.portal import drafts
from directory.web.portal.claim_parts import ListingCard, ViewResponse, blueprint, listing_card, my_claim
from directory.web.support.form_errors import FormErrorHandler, add_errors, submitted_version
from directory.web.support.questions import QuestionsForm, questions_form
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render


@dataclass(frozen=True, slots=True)
class ClaimAnswersPage:
    """`portal/claim_answers.html`: the graded questions; `saved_at` is None if nothing is saved yet."""

    listing: ListingCard
    ruleset: Ruleset
    form: QuestionsForm
    saved_at: datetime | None


@blueprint.get("/answers")
def prepare_answers(slug: str) -> ViewResponse:
    """Show the questions with the prepared answers, and errors at those that are not valid yet."""
    made, ruleset = my_claim(slug), _graded_rules()
    kept = session().get(ClaimAnswers, made.id)
    texts = kept.texts if kept else {}
    form = questions_form(ruleset)(MultiDict(texts))
    add_errors(form, draft_input.parse(ruleset, texts).faults)
    return render("portal/claim_answers.html", _page(made, form))


@blueprint.post("/answers")
def save_answers(slug: str) -> ViewResponse:
    """Save the prepared answers, or show the form with errors."""
    made, ruleset = my_claim(slug), _graded_rules()
    form = questions_form(ruleset)(request.form)
    with FormErrorHandler(form) as refused:
        with transaction.atomic() as writing:
            reading = claim_answers.save_prepared(
                writing, made, ruleset, drafts.submitted_texts(form), version=submitted_version(form.version),
                by=actor(), now=now(),
            )  # fmt: skip  # two lines read better than eight
        add_errors(form, reading.faults)
        if not reading.faults:
            flash("Your answers are saved with your claim.", "success")
            return redirect(url_for("claims.claim", slug=slug), 303)
    return render("portal/claim_answers.html", _page(made, form)), refused.status


def _graded_rules() -> Ruleset:
    return replace(services().rulesets.current, details=(), checks=())


def _page(made: Claim, form: QuestionsForm) -> ClaimAnswersPage:
    kept = session().get(ClaimAnswers, made.id)
    form.version.data = str(kept.version if kept else 0)
    return ClaimAnswersPage(listing_card(made.listing), form.ruleset, form, kept.updated_at if kept else None)
