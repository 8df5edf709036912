"""Reviewer pages for reports: the list, a single report with both sides, and the decision."""

from collections.abc import Collection
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
from directory.web.support.state_labels import ATTESTATION_LABELS, DISPUTE_LABELS, REMEDY_LABELS
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
    """What a report is about, its state in words, and whether it waits too long."""

    dispute: Dispute
    about: str
    words: str
    overdue: bool
    can_be_asked: bool


@dataclass(frozen=True, slots=True)
class DisputePage:
    """`console/dispute.html`; if `buttons` is empty, no decision is possible, and `hindrance` may say why.

    `buttons` close the report; `asks` and `dismisses` are the buttons of a new one, each if it is possible.
    """

    dispute: Dispute
    about: str
    words: str
    overdue: bool
    can_be_asked: bool
    answer_words: str
    finding: FindingRow | None
    history: list[HistoryEntry]
    form: DisputeForm
    buttons: tuple[Button, ...]
    asks: Button | None
    dismisses: Button | None
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
    askable = queries.askable_listings(session(), [found.listing_id])
    form.version.data = str(found.version)
    form.offer(found, can_be_asked=bool(askable))
    open_to_me = may(actor(), Action.DECIDE_DISPUTE, right=found.listing.right_of(actor().id))
    buttons = _buttons(found, can_be_asked=bool(askable)) if open_to_me else {}
    row = _row(found, askable)
    return DisputePage(
        dispute=found,
        about=row.about,
        words=row.words,
        overdue=row.overdue,
        can_be_asked=row.can_be_asked,
        answer_words=ATTESTATION_LABELS[found.attestation.state] if found.attestation else "",
        finding=report_view.reported_finding(found, services().rulesets),
        history=queries.history(session(), found.id),
        form=form,
        buttons=tuple(button for move, button in buttons.items() if move not in {Move.OPEN, Move.DISMISS}),
        asks=buttons.get(Move.OPEN),
        dismisses=buttons.get(Move.DISMISS),
        hindrance="" if open_to_me else OWN_DISPUTE_MESSAGE,
    )


def _buttons(found: Dispute, *, can_be_asked: bool) -> dict[Move, Button]:
    """Return the buttons of the decisions that are possible now."""
    possible = [move for move in _BUTTONS if move in DECISIONS and found.state in MOVES[move][0]]
    if found.state is DisputeState.REPORTED:
        # Until the provider is asked, only the reporter can withdraw the report.
        unwanted = {Move.WITHDRAW, *((Move.UPHOLD, Move.DECLINE) if can_be_asked else (Move.OPEN,))}
        possible = [move for move in possible if move not in unwanted]
    return {move: Button(move.value, *_BUTTONS[move]) for move in possible}


def _row(found: Dispute, askable: Collection[int]) -> DisputeRow:
    about = report_view.report_subject(found, services().rulesets)
    words = REMEDY_LABELS[found.remedy] if found.remedy else DISPUTE_LABELS[found.state]
    overdue = is_overdue(found.state, found.updated_at, now())
    return DisputeRow(found, about, words, overdue, found.listing_id in askable)
