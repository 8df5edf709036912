"""What a reviewer reads of the evidence for signed answers, and where they say what they saw."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.attestations import queries as attested
from directory.evidence import commands, queries
from directory.evidence.commands import field_of
from directory.web.console import assembling
from directory.web.console.blueprint import blueprint
from directory.web.console.looking import look_form
from directory.web.support.backing import EVIDENCE, download
from directory.web.support.guards import ATTESTATION
from directory.web.support.refusals import Refused
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

HOME = f"/attestations/{ATTESTATION}/evidence"

Answer = str | tuple[str, int] | Response


@blueprint.post(HOME)
def look(attestation_id: int) -> Answer:
    """What was seen is kept, or the page again."""
    found = assembling.signed(attested.attestation(session(), attestation_id))
    ruleset, key = services().rulesets.load(found.ruleset_id), request.form.get("criterion", "")
    form = look_form(ruleset)(request.form)
    with Refused(form) as refused, transaction.writing() as writing:
        what = request.form.get(field_of(key), "")
        commands.look(writing, found, ruleset, key, what, by=actor(), now=now())
        flash("Kept. Everybody can read what you saw.", "success")
        return redirect(url_for("console.attestation", attestation_id=attestation_id), 303)
    page = assembling.attestation_page(found, assembling.answers_form(found), form)
    return render("console/attestation.html", page), refused.status


@blueprint.get(f"{HOME}/{EVIDENCE}")
def document(attestation_id: int, evidence_id: int) -> Answer:
    """A document, for whoever reviews."""
    assembling.signed(attested.attestation(session(), attestation_id))
    return download(queries.piece(session(), attestation_id, evidence_id))
