"""Reviewer pages for reports: the list, a single report with both sides, and the decision."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.disputes import queries
from directory.disputes.lifecycle import DECISIONS, MOVES, DisputeState, Move, is_overdue
from directory.disputes.tables import Dispute
from directory.listings.queries import HistoryEntry
from directory.review.disputes import decide_dispute
from directory.web.console.blueprint import blueprint
from directory.web.console.dispute_forms import DisputeForm
from directory.web.console.pages import Button
from directory.web.support import report_view
from directory.web.support.findings import FindingRow
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import ATTESTATION_LABELS, DISPUTE_LABELS
from directory.web.support.templating import render

OWN_DISPUTE_MESSAGE = "This report is about your own listing, so somebody else has to decide on it."

DISPUTE_ID = "<int(max=2147483647):dispute_id>"
"""URL converter for a dispute id, limited to the integer range of both databases."""

_BUTTONS = {
    Move.OPEN: ("Ask the provider", ""),
    Move.DISMISS: ("Dismiss", "danger"),
    Move.UPHOLD: ("Upheld", ""),
    Move.DECLINE: ("Not upheld", "quiet"),
    Move.WITHDRAW: ("Withdrawn", "quiet"),
}

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One report in a list."""

    dispute: Dispute
    about: str
    words: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class DisputePage:
    """`console/dispute.html`; if `buttons` is empty, no decision is possible, and `hindrance` may say why."""

    dispute: Dispute
    about: str
    words: str
    overdue: bool
    answer_words: str
    finding: FindingRow | None
    history: list[HistoryEntry]
    form: DisputeForm
    buttons: tuple[Button, ...]
    hindrance: str


@blueprint.get(f"/disputes/{DISPUTE_ID}")
def dispute(dispute_id: int) -> ViewResponse:
    """Show one report."""
    found = queries.dispute(session(), dispute_id)
    # The reporter's text is a first draft of the question to the provider, for the reviewer to edit.
    form = DisputeForm(asked=found.what_happened if found.state is DisputeState.REPORTED else "")
    return render("console/dispute.html", _page(found, form))


@blueprint.post(f"/disputes/{DISPUTE_ID}")
def decide_on_dispute(dispute_id: int) -> ViewResponse:
    """Decide on a report, or show the page with errors."""
    found, form = queries.dispute(session(), dispute_id), DisputeForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        move = form.decision()
        decide_dispute(
            writing, found, move, text=form.text(move), remedy=form.chosen(), version=submitted_version(form.version),
            by=actor(), now=now(), rulesets=services().rulesets,
        )  # fmt: skip  # two lines read better than eight
        flash(f"{found.listing.name}: {DISPUTE_LABELS[found.state].lower()}.", "success")
        return redirect(url_for("console.disputes"), 303)
    return render("console/dispute.html", _page(found, form)), refused.status


def _page(found: Dispute, form: DisputeForm) -> DisputePage:
    form.version.data = str(found.version)
    form.offer(found)
    open_to_me = may(actor(), Action.DECIDE_DISPUTE, right=found.listing.right_of(actor().id))
    possible = [move for move in _BUTTONS if move in DECISIONS and found.state in MOVES[move][0]]
    if found.state is DisputeState.REPORTED:
        # Until the provider is asked, only the reporter can withdraw the report.
        possible.remove(Move.WITHDRAW)
    row = _row(found)
    return DisputePage(
        dispute=found,
        about=row.about,
        words=row.words,
        overdue=row.overdue,
        answer_words=ATTESTATION_LABELS[found.attestation.state] if found.attestation else "",
        finding=report_view.reported_finding(found, services().rulesets),
        history=queries.history(session(), found.id),
        form=form,
        buttons=tuple(Button(move.value, *_BUTTONS[move]) for move in possible) if open_to_me else (),
        hindrance="" if open_to_me else OWN_DISPUTE_MESSAGE,
    )


def _row(found: Dispute) -> DisputeRow:
    about = report_view.report_subject(found, services().rulesets)
    return DisputeRow(found, about, DISPUTE_LABELS[found.state], is_overdue(found.state, found.updated_at, now()))
