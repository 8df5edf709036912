"""Provider pages for reports about their listings, including the provider's answer."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, HiddenField, TextAreaField

from directory import transaction
from directory.accounts.policy import Action, may
from directory.attestations import lifecycle as attestation_lifecycle
from directory.disputes import commands, queries
from directory.disputes.commands import MAX_ANSWER
from directory.disputes.lifecycle import CLOSED, DisputeState, Move
from directory.disputes.tables import Dispute
from directory.errors import NotFound
from directory.web.portal.blueprint import blueprint
from directory.web.support import report_view
from directory.web.support.findings import FindingRow
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import DISPUTE_LABELS
from directory.web.support.templating import render

DISPUTE_ID = "<int(max=2147483647):dispute_id>"
"""URL converter for a dispute id, limited to the integer range of both databases."""

PROVIDER_LABELS = DISPUTE_LABELS | {
    DisputeState.OPEN: "Waits for your answer",
    DisputeState.ANSWERED: "You have answered",
}
"""State labels for the provider."""

ViewResponse = str | tuple[str, int] | Response


class AnswerForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The provider's answer to a report."""

    answer = TextAreaField(
        "Your answer",
        description=f"Only reviewers read it. No names of patients, please. At most {MAX_ANSWER:,} letters.",
        render_kw={"rows": 7, "maxlength": MAX_ANSWER},
    )
    version = HiddenField()


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One report in the list."""

    dispute: Dispute
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class DisputesPage:
    """`portal/disputes.html`: the reports about the provider's listings, newest first."""

    rows: tuple[DisputeRow, ...]


@dataclass(frozen=True, slots=True)
class DisputePage:
    """`portal/dispute.html`: the question, the reported answer and the form.

    `corrects` is set if signing new answers can resolve the report.
    """

    dispute: Dispute
    about: str
    words: str
    asked: str
    answered: str
    outcome: str
    finding: FindingRow | None
    form: AnswerForm
    can_answer: bool
    corrects: bool


@blueprint.get("/disputes")
def disputes() -> ViewResponse:
    """List the reports that the provider was asked about."""
    rows = (_row(found) for found in queries.disputes_of_provider(session(), actor().id))
    return render("portal/disputes.html", DisputesPage(tuple(rows)))


@blueprint.get(f"/disputes/{DISPUTE_ID}")
def dispute(dispute_id: int) -> ViewResponse:
    """Show one report."""
    return render("portal/dispute.html", _page(_own_dispute(dispute_id), AnswerForm()))


@blueprint.post(f"/disputes/{DISPUTE_ID}")
def answer_dispute(dispute_id: int) -> ViewResponse:
    """Save the provider's answer, or show the form with errors."""
    found, form = _own_dispute(dispute_id), AnswerForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        text = form.answer.data or ""
        commands.answer(writing, found, text, version=submitted_version(form.version), by=actor(), now=now())
        flash("Your answer is sent. We write to you when it is decided.", "success")
        return redirect(url_for("portal.dispute", dispute_id=dispute_id), 303)
    return render("portal/dispute.html", _page(found, form)), refused.status


def _own_dispute(dispute_id: int) -> Dispute:
    """Return a report that the signed-in provider was asked about.

    Raises:
        NotFound: there is no such report, it is about another provider's listing, or the provider was not asked yet.
    """
    found = queries.dispute(session(), dispute_id)
    mine = may(actor(), Action.ANSWER_DISPUTE, right=found.listing.right_of(actor().id))
    if not mine or found.answer_by is None:
        raise NotFound("There is no such report.")
    return found


def _page(found: Dispute, form: AnswerForm) -> DisputePage:
    form.version.data = str(found.version)
    said = {step.move: step.reason for step in queries.history(session(), found.id)}
    row = _row(found)
    return DisputePage(
        dispute=found,
        about=row.about,
        words=row.words,
        asked=said[Move.OPEN.value],
        answered=said.get(Move.ANSWER.value, ""),
        outcome=next((said[move] for move in (Move.UPHOLD, Move.DECLINE, Move.WITHDRAW) if move in said), ""),
        finding=report_view.reported_finding(found, services().rulesets),
        form=form,
        can_answer=found.state is DisputeState.OPEN,
        corrects=found.state not in CLOSED and _is_accepted(found),
    )


def _is_accepted(found: Dispute) -> bool:
    """Return whether the reported attestation is still the accepted one."""
    return found.attestation is not None and found.attestation.state is attestation_lifecycle.AttestationState.ACCEPTED


def _row(found: Dispute) -> DisputeRow:
    return DisputeRow(found, report_view.report_subject(found, services().rulesets), PROVIDER_LABELS[found.state])
