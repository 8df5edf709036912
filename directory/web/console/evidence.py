"""Reviewer views for evidence: record what was seen and download documents."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.attestations import queries as attestation_queries
from directory.evidence import commands, queries
from directory.evidence.commands import inspection_field
from directory.web.console import view_models
from directory.web.console.blueprint import blueprint
from directory.web.console.evidence_form import evidence_review_form
from directory.web.support.evidence_view import EVIDENCE_ID, send_document
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.guards import ATTESTATION_ID
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

HOME = f"/attestations/{ATTESTATION_ID}/evidence"

ViewResponse = str | tuple[str, int] | Response


@blueprint.post(HOME)
def look(attestation_id: int) -> ViewResponse:
    """Record an inspection, or show the page with errors."""
    found = view_models.require_signed(attestation_queries.attestation(session(), attestation_id))
    ruleset, key = services().rulesets.load(found.ruleset_id), request.form.get("criterion", "")
    form = evidence_review_form(ruleset)(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        what = request.form.get(inspection_field(key), "")
        commands.record_inspection(writing, found, ruleset, key, what, by=actor(), now=now())
        flash("Kept. Everybody can read what you saw.", "success")
        return redirect(url_for("console.attestation", attestation_id=attestation_id), 303)
    page = view_models.attestation_page(found, view_models.decision_form(found), form)
    return render("console/attestation.html", page), refused.status


@blueprint.get(f"{HOME}/{EVIDENCE_ID}")
def document(attestation_id: int, evidence_id: int) -> ViewResponse:
    """Download a document of a signed attestation."""
    view_models.require_signed(attestation_queries.attestation(session(), attestation_id))
    return send_document(queries.attachment(session(), attestation_id, evidence_id))
