"""Reviewer pages of attestations with their decisions."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.attestations import queries as attestation_queries
from directory.attestations.lifecycle import DECISIONS as ON_ANSWERS
from directory.review.commands import decide_attestation
from directory.web.console import (  # noqa: F401  importing a views module registers its routes
    access,
    answer_tables,
    audit_draw,
    bulk,
    case,
    claims,
    corrections,
    disputes,
    duplicates,
    evidence,
    import_report,
    imports,
    keys,
    listing_admin,
    listings,
    log,
    messages,
    navigation,
    numbers,
    outbox,
    people,
    queue,
    removals,
    revisions,
    settings,
    texts,
    view_models,
)
from directory.web.console.blueprint import blueprint
from directory.web.console.form_fields import console_fields
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.guards import ATTESTATION_ID
from directory.web.support.kept_form import use_fields
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import ATTESTATION_LABELS
from directory.web.support.templating import render

__all__ = ["blueprint"]

ViewResponse = str | tuple[str, int] | Response

use_fields(blueprint, console_fields)


@blueprint.get(f"/attestations/{ATTESTATION_ID}")
def attestation(attestation_id: int) -> ViewResponse:
    """Show a signed attestation."""
    found = view_models.require_signed(attestation_queries.attestation(session(), attestation_id))
    return render("console/attestation.html", view_models.attestation_page(found, view_models.decision_form(found)))


@blueprint.post(f"/attestations/{ATTESTATION_ID}")
def decide_on_attestation(attestation_id: int) -> ViewResponse:
    """Decide on a signed attestation, or show the page with errors."""
    found = view_models.require_signed(attestation_queries.attestation(session(), attestation_id))
    form = view_models.decision_form(found, request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        decide_attestation(
            writing, found, form.decision(ON_ANSWERS), reason=form.reason.data or "", comments=form.comments,
            version=submitted_version(form.version), by=actor(), now=now(), rulesets=services().rulesets,
        )  # fmt: skip  # two lines read better than eight
        flash(f"{found.listing.name}: {ATTESTATION_LABELS[found.state].lower()}.", "success")
        return redirect(url_for(".queue"), 303)
    return render("console/attestation.html", view_models.attestation_page(found, form)), refused.status
