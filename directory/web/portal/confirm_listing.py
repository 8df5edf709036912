"""The provider's confirmation that a published listing is still right."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.listings.facts import ListingFacts
from directory.review.confirmation import confirm_listing
from directory.web.portal import view_models
from directory.web.portal.blueprint import blueprint
from directory.web.support.form_errors import submitted_version
from directory.web.support.guards import LISTING_ID
from directory.web.support.listing_form import ListingForm
from directory.web.support.requests import actor, now

CONFIRMED = "Thank you. Patients now see that you confirmed this listing today."


@blueprint.post(f"/listings/{LISTING_ID}/confirm")
def confirm(listing_id: int) -> Response:
    """Confirm that the listing is still correct."""
    found, sent = view_models.own_listing(listing_id), ListingForm(request.form)
    version = submitted_version(sent.version)
    with transaction.atomic() as writing:
        confirm_listing(writing, found, ListingFacts.of(found), version=version, by=actor(), now=now())
    flash(CONFIRMED, "success")
    return redirect(url_for("portal.listing", listing_id=listing_id), 303)


@blueprint.get(f"/listings/{LISTING_ID}/facts")
def facts(listing_id: int) -> Response:
    """Redirect the former page of the facts to the section that has them now."""
    return redirect(url_for("portal.edit_section", listing_id=listing_id, section="patients"), 301)
