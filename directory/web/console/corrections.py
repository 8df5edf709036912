"""The page on which a reviewer corrects any field of a listing."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, require
from directory.listings import queries
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing
from directory.review.commands import decide_listing
from directory.review.corrections import correct_listing
from directory.web.console.blueprint import blueprint
from directory.web.console.case_links import case_href
from directory.web.console.correction_form import CorrectionForm
from directory.web.support.form_errors import FieldDifference, FormErrorHandler, submitted_version
from directory.web.support.guards import LISTING_ID
from directory.web.support.history import describe_changes
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """`console/correct.html`; `differences` is set if the listing was changed meanwhile."""

    listing: Listing
    form: CorrectionForm
    differences: tuple[FieldDifference, ...] = ()


@blueprint.get(f"/listings/{LISTING_ID}/correct")
def correct(listing_id: int) -> ViewResponse:
    """Show the form of a listing."""
    found = _listing(listing_id)
    form = CorrectionForm.of(found)
    form.version.data = str(found.version)
    return render("console/correct.html", CorrectionPage(found, form))


@blueprint.post(f"/listings/{LISTING_ID}/correct")
def save_correction(listing_id: int) -> ViewResponse:
    """Correct the listing, and publish it if that was pressed; or show the form again, with errors or what changed."""
    found, form = _listing(listing_id), CorrectionForm(request.form)
    form.offer(found.specialty_code)
    if rearranged := form.rearranged():
        return render("console/correct.html", CorrectionPage(found, rearranged))
    if merged := form.merge_if_stale(found, request.form, submitted_version(form.version)):
        return render(
            "console/correct.html", _merged_page(found, CorrectionForm(merged.formdata), merged.differences)
        ), 409
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        values, locations = form.corrected(services().gazetteer, found)
        changes = correct_listing(
            writing, found, values, locations, version=found.version, reason=form.reason.data or "",
            by=actor(), now=now(),
        )  # fmt: skip  # two lines read better than eight
        if request.form.get("press") == "publish":
            decide_listing(writing, found, Move.PUBLISH, by=actor(), now=now(), rulesets=services().rulesets)
        flash(f"{found.name} is corrected. {describe_changes(changes)}", "success")
        waits = found.state is ListingState.SUBMITTED
        return redirect(case_href(listing_id) if waits else url_for("console.listing", listing_id=listing_id), 303)
    return render("console/correct.html", CorrectionPage(found, form)), refused.status


def _listing(listing_id: int) -> Listing:
    found = queries.listing(session(), listing_id)
    require(actor(), Action.DECIDE, right=found.right_of(actor().id))
    return found


def _merged_page(listing: Listing, form: CorrectionForm, differences: tuple[FieldDifference, ...]) -> CorrectionPage:
    form.offer(listing.specialty_code)
    form.renew(listing)
    return CorrectionPage(listing, form, differences)
