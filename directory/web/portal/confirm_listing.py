"""Provider pages to confirm a published listing or update its facts."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action
from directory.listings.facts import ListingFacts
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review.confirmation import confirm_listing
from directory.web.portal import view_models
from directory.web.portal.blueprint import blueprint
from directory.web.portal.forms import FactsForm, ListingForm
from directory.web.portal.save_listing import merge_if_stale
from directory.web.support.form_errors import FieldDifference, FormErrorHandler, submitted_version
from directory.web.support.guards import LISTING_ID
from directory.web.support.requests import actor, now
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

CONFIRMED = "Thank you. Patients now see that you confirmed this listing today."


@dataclass(frozen=True, slots=True)
class FactsPage:
    """`portal/facts.html`: the editable facts; `differences` is set if they were changed meanwhile."""

    form: FactsForm
    listing: Listing
    differences: tuple[FieldDifference, ...] = ()


@blueprint.post(f"/listings/{LISTING_ID}/confirm")
def confirm(listing_id: int) -> ViewResponse:
    """Confirm that the listing is still correct."""
    found, sent = view_models.own_listing(listing_id), ListingForm(request.form)
    _confirm(found, ListingFacts.of(found), submitted_version(sent.version))
    return _redirect_to_listing(listing_id)


@blueprint.get(f"/listings/{LISTING_ID}/facts")
def facts(listing_id: int) -> ViewResponse:
    """Show the form for the facts, if the listing is published."""
    found = view_models.own_listing(listing_id, Action.EDIT_LISTING)
    if found.state is not ListingState.PUBLISHED:
        return redirect(url_for("portal.listing", listing_id=listing_id), 303)
    return render("portal/facts.html", FactsPage(FactsForm.of(found), found))


@blueprint.post(f"/listings/{LISTING_ID}/facts")
def state_facts(listing_id: int) -> ViewResponse:
    """Update and confirm the facts, or show the form with errors."""
    found, form = view_models.own_listing(listing_id, Action.EDIT_LISTING), FactsForm(request.form)
    if merged := merge_if_stale(found, FactsForm.of(found), form):
        form = FactsForm(merged.formdata)
        form.renew(found)
        return render("portal/facts.html", FactsPage(form, found, merged.differences)), 409
    with FormErrorHandler(form) as refused:
        _confirm(found, form.facts(), found.version)
        return _redirect_to_listing(listing_id)
    return render("portal/facts.html", FactsPage(form, found)), refused.status


def _confirm(listing: Listing, said: ListingFacts, version: int) -> None:
    with transaction.atomic() as writing:
        confirm_listing(writing, listing, said, version=version, by=actor(), now=now())


def _redirect_to_listing(listing_id: int) -> Response:
    flash(CONFIRMED, "success")
    return redirect(url_for("portal.listing", listing_id=listing_id), 303)
