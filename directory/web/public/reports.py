"""Views for reporting a problem with a listing without an account, and for withdrawing the report."""

from flask import Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from directory import transaction
from directory.attestations.queries import accepted_attestations
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Ruleset
from directory.disputes import commands, queries
from directory.disputes.lifecycle import DisputeState
from directory.disputes.tables import Dispute
from directory.listings.queries import published_listing
from directory.listings.tables import Listing
from directory.web.public.blueprint import blueprint
from directory.web.public.report_form import ReportForm, report_page, report_status_page
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.limits import limiter
from directory.web.support.requests import now, services, session
from directory.web.support.same_origin import require_same_origin
from directory.web.support.templating import render

LIMIT_PER_ADDRESS = "5 per hour; 20 per day"
"""Reports from one IP address; arbitrary: many for a patient, few for a bot. Reports do not store the address."""

LIMIT_FOR_ALL = "300 per day"
"""Reports from all addresses together; arbitrary, more than the staff can read in a day."""

TOO_MANY_REPORTS = (
    "We took as many reports as we can for now. Keep this page open, or copy your text, and send it again in an hour."
)


FORM, ONE = "/providers/<slug>/report", "/providers/<slug>/report/<number>"


def _was_accepted(response: Response) -> bool:
    return response.status_code == 303


def _limit_exceeded(_limit: object) -> Response:
    """Return the form with everything that was typed, and a message that says when to send it again."""
    listing, attestation, ruleset = _published(str((request.view_args or {}).get("slug", "")))
    form = ReportForm.asking(attestation, ruleset, request.form)
    form.form_errors = [TOO_MANY_REPORTS]
    return _render_form(listing, form, 429)


@blueprint.get(FORM)
def report(slug: str) -> Response:
    """Show an empty report form for a listing."""
    listing, attestation, ruleset = _published(slug)
    return _render_form(listing, ReportForm.asking(attestation, ruleset))


@blueprint.post(FORM)
@limiter.limit(LIMIT_PER_ADDRESS, deduct_when=_was_accepted, on_breach=_limit_exceeded)
@limiter.limit(LIMIT_FOR_ALL, key_func=lambda: "reports", deduct_when=_was_accepted, on_breach=_limit_exceeded)
def send_report(slug: str) -> AnyResponse:
    """Store a report and redirect to its status page, or show the form again with errors."""
    require_same_origin()
    listing, attestation, ruleset = _published(slug)
    form = ReportForm.asking(attestation, ruleset, request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        said = form.report(attestation)
        number = form.number.data or ""
        kept = commands.create_dispute(writing, listing, attestation, ruleset, said, number=number, now=now())
        return redirect(url_for("public.reported", slug=slug, number=kept.public_id), 303)
    return _render_form(listing, form, refused.status)


@blueprint.get(ONE)
def reported(slug: str, number: str) -> Response:
    """Show the status of a report to anyone who knows its number."""
    dispute = queries.dispute_by_number(session(), number, slug)
    can_be_asked = bool(queries.askable_listings(session(), [dispute.listing_id]))
    page = report_status_page(dispute, _public_outcome(dispute), can_be_asked=can_be_asked)
    return make_response(render("public/dispute_sent.html", page))


@blueprint.post(ONE)
def take_back_report(slug: str, number: str) -> AnyResponse:
    """Withdraw a report on behalf of its sender."""
    require_same_origin()
    dispute = queries.dispute_by_number(session(), number, slug)
    with transaction.atomic() as writing:
        commands.withdraw(writing, dispute, _ruleset(dispute.attestation), now=now())
    return redirect(url_for("public.reported", slug=slug, number=number), 303)


def _render_form(listing: Listing, form: ReportForm, status: int = 200) -> Response:
    can_be_asked = bool(queries.askable_listings(session(), [listing.id]))
    page = report_page(listing, form, can_be_asked=can_be_asked, now=now())
    return make_response(render("public/dispute.html", page), status)


def _published(slug: str) -> tuple[Listing, Attestation | None, Ruleset | None]:
    listing = published_listing(session(), slug)
    attestation = accepted_attestations(session(), [listing.id]).get(listing.id)
    return listing, attestation, _ruleset(attestation)


def _ruleset(attestation: Attestation | None) -> Ruleset | None:
    return services().rulesets.load(attestation.ruleset_id) if attestation else None


def _public_outcome(dispute: Dispute) -> str:
    """Return the public outcome of a decided report, else empty: the reason for a dismissal is not public."""
    if dispute.state not in {DisputeState.UPHELD, DisputeState.NOT_UPHELD}:
        return ""
    return queries.history(session(), dispute.id)[0].reason
