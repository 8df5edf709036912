"""Reviewer pages for random audits: the attestations drawn and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.review import random_audit
from directory.review.tables import AuditDraw, DrawnAttestation
from directory.web.console.blueprint import blueprint
from directory.web.console.dispute_forms import AuditFindingForm
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.requests import actor, now, session
from directory.web.support.templating import render

DRAWN_ID = "<int(max=2147483647):drawn_id>"
"""URL converter for the id of a drawn attestation, limited to the integer range of both databases."""

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class DrawsPage:
    """`console/draws.html`: all draws with the attestations drawn, latest first."""

    draws: tuple[tuple[AuditDraw, Sequence[DrawnAttestation]], ...]


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """`console/drawn.html`: a drawn attestation.

    `can_write` is set if no finding is recorded yet and the reviewer may decide; `is_own` if they may not, because the
    listing is their own.
    """

    drawn: DrawnAttestation
    form: AuditFindingForm
    can_write: bool
    is_own: bool


@blueprint.get("/draws")
def draws() -> ViewResponse:
    """List all draws."""
    held = random_audit.draws(session())
    return render(
        "console/draws.html", DrawsPage(tuple((row, random_audit.drawn_attestations(session(), row)) for row in held))
    )


@blueprint.get(f"/draws/{DRAWN_ID}")
def drawn(drawn_id: int) -> ViewResponse:
    """Show one drawn attestation."""
    return render("console/drawn.html", _page(random_audit.drawn_attestation(session(), drawn_id), AuditFindingForm()))


@blueprint.post(f"/draws/{DRAWN_ID}")
def look_at_drawn(drawn_id: int) -> ViewResponse:
    """Record the finding, or show the page with errors."""
    found, form = random_audit.drawn_attestation(session(), drawn_id), AuditFindingForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        random_audit.record_finding(writing, found, form.finding.data or "", by=actor(), now=now())
        flash(f"{found.attestation.listing.name}: looked at.", "success")
        return redirect(url_for("console.draws"), 303)
    return render("console/drawn.html", _page(found, form)), refused.status


def _page(found: DrawnAttestation, form: AuditFindingForm) -> DrawnPage:
    open_to_me = may(actor(), Action.DECIDE, right=found.attestation.listing.right_of(actor().id))
    return DrawnPage(found, form, can_write=open_to_me and found.looked_at is None, is_own=not open_to_me)
