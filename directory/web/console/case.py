"""The case page, on which everything that waits for one listing is decided, and the undo of decisions."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.listings import queries
from directory.listings.tables import Listing
from directory.outbox.tables import Email
from directory.review.case_contents import case_contents
from directory.review.case_decision import decide_case
from directory.review.case_holds import take_case
from directory.review.decisions import decision, emails_of, undoable_decision
from directory.review.tables import Decision
from directory.review.undo import undo_decision
from directory.web.console.blueprint import blueprint
from directory.web.console.case_form import CaseForm, CasePart
from directory.web.console.case_links import case_href
from directory.web.console.case_page import case_page, sent_form
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.guards import ID_CONVERTER, LISTING_ID
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response


@blueprint.get(f"/cases/{LISTING_ID}")
def case(listing_id: int) -> ViewResponse:
    """Take the case, and show everything that waits for the listing."""
    with transaction.atomic() as writing:
        found = queries.listing(writing, listing_id)
        hold = take_case(writing, listing_id, by=actor(), now=now())
    return render("console/case.html", case_page(found, hold=hold))


@blueprint.post(f"/cases/{LISTING_ID}")
def decide_on_case(listing_id: int) -> ViewResponse:
    """Decide a case, show the email that a decision would send, or show the page with errors."""
    listing = queries.listing(session(), listing_id)
    parts, form = sent_form(listing, case_contents(session(), listing), request.form)
    if request.form.get("press") == "preview":
        return _preview(listing, parts, form)
    with FormErrorHandler(form) as refused, transaction.atomic():
        _decide(listing, parts, form)
        following = url_for(".next_in_queue") if form.open_next.data else url_for(".queue")
        return redirect(following, 303)
    session().rollback()
    return render("console/case.html", case_page(listing, form=form)), refused.status


@blueprint.post(f"/decisions/{ID_CONVERTER.format('decision_id')}/undo")
def undo(decision_id: int) -> Response:
    """Undo a decision, and show its case again."""
    with transaction.atomic() as writing:
        undone = decision(writing, decision_id)
        undo_decision(writing, undone, by=actor(), rulesets=services().rulesets, now=now())
        return redirect(case_href(undone.listing_id), 303)


@blueprint.app_template_global()
def last_decision() -> Decision | None:
    """The last decision of the reviewer, while it can be undone."""
    return undoable_decision(session(), actor(), now=now())


def _preview(listing: Listing, parts: tuple[CasePart, ...], form: CaseForm) -> ViewResponse:
    """Show the email of a decision, which is made and taken back to find it."""
    emails: list[Email] = []
    with FormErrorHandler(form) as refused, transaction.rehearsal() as trying:
        emails = [_copy(mail) for mail in emails_of(trying, _decide(listing, parts, form))]
    page = case_page(queries.listing(session(), listing.id), form=form, preview=emails)
    return render("console/case.html", page), refused.status if refused.refusal else 200


def _copy(mail: Email) -> Email:
    """The text of an email, which stays when the email is taken back."""
    return Email(to=mail.to, subject=mail.subject, body=mail.body)


def _decide(listing: Listing, parts: tuple[CasePart, ...], form: CaseForm) -> Decision:
    return decide_case(
        session(), listing, form.decisions(parts, request.form.get("press", ""), request.form),
        reason=form.told, comments=form.comments, by=actor(), now=now(), rulesets=services().rulesets,
    )  # fmt: skip  # two lines read better than nine
