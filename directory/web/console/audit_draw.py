"""Reviewer pages for random audits: hold the draw, see what is to do, and record attempts and the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.attestations.lifecycle import AttestationState
from directory.review import audit_findings, random_audit
from directory.review.audit_findings import EARLIER, TO_DO
from directory.review.audit_outcome import AuditOutcome
from directory.review.sample import Quarter
from directory.review.tables import AuditDraw, DrawnAttestation
from directory.web.console.audit_forms import CHANNELS, AuditContactForm, AuditOutcomeForm
from directory.web.console.blueprint import blueprint
from directory.web.console.tables import PAGE_SIZE, TableLink, TablePage, table_href
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import ATTESTATION_LABELS, OUTCOME_LABELS
from directory.web.support.templating import render

DRAWN_ID = "<int(max=2147483647):drawn_id>"
"""URL converter for the id of a drawn attestation, limited to the integer range of both databases."""

FILTER_LABELS: Mapping[str, str] = {
    TO_DO: "To do",
    **{outcome.value: label for outcome, label in OUTCOME_LABELS.items()},
    EARLIER: "Before outcomes were recorded",
}

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class DrawRow:
    """The draw of one quarter, with the number of attestations drawn and of those still to do."""

    draw: AuditDraw
    drawn: int
    to_do: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One drawn attestation in the list."""

    drawn: DrawnAttestation
    answers: str
    words: str
    due_at: datetime
    is_late: bool
    needs_decision: bool


@dataclass(frozen=True, slots=True)
class DrawsPage:
    """`console/draws.html`: all draws, and a page of what was drawn; `quarter_to_draw` is empty if it was drawn."""

    draws: tuple[DrawRow, ...]
    filters: tuple[TableLink, ...]
    rows: tuple[DrawnRow, ...]
    total: int
    paging: TablePage
    quarter_to_draw: str


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """`console/drawn.html`: a drawn attestation.

    `can_write` is set if no outcome is recorded yet and the reviewer may decide; `is_own` if they may not, because the
    listing is their own.
    """

    row: DrawnRow
    contact_form: AuditContactForm
    form: AuditOutcomeForm
    channels: dict[str, str]
    can_write: bool
    is_own: bool
    min_attempts: int


@blueprint.get("/draws")
def draws() -> ViewResponse:
    """List all draws, and what was drawn: what is to do first, unless the URL asks for something else."""
    return render("console/draws.html", _draws_page())


@blueprint.post("/draws")
def hold_draw() -> ViewResponse:
    """Hold the draw of this quarter."""
    with transaction.atomic() as writing:
        quarter = Quarter.of(now())
        random_audit.run_draw(writing, quarter, seed=None, rulesets=services().rulesets, now=now(), by=actor())
        flash(f"The draw of {quarter} is held.", "success")
    return redirect(url_for("console.draws"), 303)


@blueprint.get(f"/draws/{DRAWN_ID}")
def drawn(drawn_id: int) -> ViewResponse:
    """Show one drawn attestation."""
    found = random_audit.drawn_attestation(session(), drawn_id)
    return render("console/drawn.html", _page(found, AuditContactForm(), AuditOutcomeForm()))


@blueprint.post(f"/draws/{DRAWN_ID}/contacts")
def add_contact(drawn_id: int) -> ViewResponse:
    """Record an attempt to contact the provider, or show the page with errors."""
    found, form = random_audit.drawn_attestation(session(), drawn_id), AuditContactForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        note = form.contact_note.data or ""
        audit_findings.record_contact(writing, found, form.chosen(), note, by=actor(), now=now())
        flash("The attempt is written down.", "success")
        return redirect(url_for("console.drawn", drawn_id=drawn_id), 303)
    return render("console/drawn.html", _page(found, form, AuditOutcomeForm())), refused.status


@blueprint.post(f"/draws/{DRAWN_ID}")
def look_at_drawn(drawn_id: int) -> ViewResponse:
    """Record the outcome, or show the page with errors. What was not confirmed leads to the answers' page."""
    found, form = random_audit.drawn_attestation(session(), drawn_id), AuditOutcomeForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        outcome = form.chosen()
        audit_findings.record_outcome(writing, found, outcome, form.finding.data or "", by=actor(), now=now())
        flash(f"{found.attestation.listing.name}: looked at.", "success")
        if outcome is AuditOutcome.NOT_CONFIRMED:
            return redirect(url_for("console.attestation", attestation_id=found.attestation_id), 303)
        return redirect(url_for("console.draws"), 303)
    return render("console/drawn.html", _page(found, AuditContactForm(), form)), refused.status


def _draws_page() -> DrawsPage:
    held, counts = random_audit.draws(session()), audit_findings.count_drawn_by_quarter(session())
    quarter = next((row.quarter for row in held if row.quarter == request.args.get("quarter")), None)
    of_state = audit_findings.count_drawn(session(), quarter)
    asked = request.args.get("outcome", TO_DO)
    wanted = asked if asked in audit_findings.FILTERS else ""
    total = of_state[wanted] if wanted else sum(of_state.values())
    paging = TablePage.requested(total)
    rows = audit_findings.drawn_page(session(), wanted=wanted, quarter=quarter, offset=paging.offset, limit=PAGE_SIZE)
    this = str(Quarter.of(now()))
    return DrawsPage(
        draws=tuple(DrawRow(row, *counts.get(row.quarter, (0, 0)), random_audit.due_at(row)) for row in held),
        filters=_filters(of_state, wanted),
        rows=tuple(map(_row, rows)),
        total=total,
        paging=paging,
        quarter_to_draw="" if any(row.quarter == this for row in held) else this,
    )


def _filters(counts: dict[str, int], wanted: str) -> tuple[TableLink, ...]:
    chosen = [
        TableLink(label, table_href(outcome=name), counts[name], name == wanted)
        for name, label in FILTER_LABELS.items()
        if counts[name] or name in {TO_DO, wanted}
    ]
    return (*chosen, TableLink("All", table_href(outcome="all"), sum(counts.values()), not wanted))


def _row(found: DrawnAttestation) -> DrawnRow:
    due = random_audit.due_at(found.draw)
    state = found.attestation.state
    return DrawnRow(
        drawn=found,
        answers=ATTESTATION_LABELS[state],
        words=_outcome_words(found),
        due_at=due,
        is_late=found.looked_at is None and due < now(),
        needs_decision=found.outcome is AuditOutcome.NOT_CONFIRMED and state is AttestationState.ACCEPTED,
    )


def _outcome_words(found: DrawnAttestation) -> str:
    if found.looked_at is None:
        return FILTER_LABELS[TO_DO]
    return OUTCOME_LABELS[found.outcome] if found.outcome else FILTER_LABELS[EARLIER]


def _page(found: DrawnAttestation, contact_form: AuditContactForm, form: AuditOutcomeForm) -> DrawnPage:
    open_to_me = may(actor(), Action.DECIDE, right=found.attestation.listing.right_of(actor().id))
    return DrawnPage(
        row=_row(found),
        contact_form=contact_form,
        form=form,
        channels={each.value: words for each, words in CHANNELS.items()},
        can_write=open_to_me and found.looked_at is None,
        is_own=not open_to_me,
        min_attempts=audit_findings.MIN_ATTEMPTS,
    )
