"""Provider actions that end something: take a submitted listing back, delete a draft, retire a published listing."""

from dataclasses import replace

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.listings import commands as listings
from directory.review import commands as review
from directory.web.portal import view_models
from directory.web.portal.blueprint import blueprint
from directory.web.portal.forms import RetireForm
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.guards import LISTING_ID
from directory.web.support.requests import actor, now
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response


@blueprint.post(f"/listings/{LISTING_ID}/withdraw")
def withdraw_listing(listing_id: int) -> ViewResponse:
    """Take a listing back that waits for review."""
    found, form = view_models.own_listing(listing_id), RetireForm(request.form)
    with transaction.atomic() as writing:
        listings.withdraw(writing, found, version=submitted_version(form.version), by=actor(), now=now())
    flash("Taken back. It is a draft again, and nobody reviews it.", "success")
    return redirect(url_for(".listing", listing_id=listing_id), 303)


@blueprint.post(f"/listings/{LISTING_ID}/delete")
def delete_listing(listing_id: int) -> ViewResponse:
    """Delete a draft that was never sent for review."""
    found, form = view_models.own_listing(listing_id), RetireForm(request.form)
    with transaction.atomic() as writing:
        review.delete_draft(writing, found, version=submitted_version(form.version), by=actor())
    flash("The draft is deleted.", "success")
    return redirect(url_for(".home"), 303)


@blueprint.post(f"/listings/{LISTING_ID}/retire")
def retire_listing(listing_id: int) -> ViewResponse:
    """Retire a published listing, or show the page with errors."""
    found, form = view_models.own_listing(listing_id), RetireForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        reason, version = form.reason.data or "", submitted_version(form.version)
        review.retire_listing(writing, found, reason=reason, version=version, by=actor(), now=now())
        flash("Taken down. Patients do not find this listing any more.", "success")
        return redirect(url_for(".listing", listing_id=listing_id), 303)
    return render("portal/listing.html", replace(view_models.listing_page(found), retire=form)), refused.status
