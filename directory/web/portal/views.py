"""Views for a provider's own listings, answers and signatures."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action
from directory.attestations import commands as attestation_commands
from directory.listings.lifecycle import CHANGEABLE
from directory.review.answer_drafts import discard_draft
from directory.web.portal import (  # noqa: F401  importing a views module registers its routes
    autosave,
    badge,
    close_listing,
    confirm_listing,
    disputes,
    edit_conflict,
    evidence,
    listing_sections,
    messages,
    people,
    save_listing,
    tabs,
    technique,
    unfinished_listing,
    view_models,
)
from directory.web.portal.blueprint import blueprint
from directory.web.portal.form_fields import portal_fields
from directory.web.portal.forms import RetireForm
from directory.web.portal.home import home_page
from directory.web.portal.pages import EntryPage
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.guards import ATTESTATION_ID, LISTING_ID
from directory.web.support.kept_form import use_fields
from directory.web.support.listing_form import ListingForm
from directory.web.support.requests import actor, now, services
from directory.web.support.templating import render

__all__ = ["blueprint"]

ViewResponse = str | tuple[str, int] | Response

use_fields(blueprint, portal_fields)


@blueprint.get("/")
def home() -> ViewResponse:
    """Show what to do next, and the provider's listings."""
    return render("portal/home.html", home_page())


@blueprint.get("/listings/new")
def new_listing() -> ViewResponse:
    """Show an empty listing form, or the listing that this form has created."""
    return save_listing.show_new(ListingForm.new(request.args.get("form", "")))


@blueprint.post("/listings/new")
def create_listing() -> ViewResponse:
    """Create a draft listing, or show the form with errors."""
    form = ListingForm(request.form)
    if rearranged := form.rearranged():
        return render("portal/entry.html", EntryPage(rearranged))
    return save_listing.create(form)


@blueprint.get(f"/listings/{LISTING_ID}")
def listing(listing_id: int) -> ViewResponse:
    """Show a listing with its data, status and history."""
    return render("portal/listing.html", view_models.listing_page(view_models.own_listing(listing_id)))


@blueprint.get(f"/listings/{LISTING_ID}/edit")
def edit_listing(listing_id: int) -> ViewResponse:
    """Show the form to edit a draft; a published listing has a form for each section instead."""
    found = view_models.own_listing(listing_id, Action.EDIT_LISTING)
    if found.state in CHANGEABLE:
        return redirect(url_for(".edit_section", listing_id=listing_id, section="who"), 303)
    return render("portal/entry.html", EntryPage(ListingForm.of(found), found))


@blueprint.post(f"/listings/{LISTING_ID}/edit")
def change_listing(listing_id: int) -> ViewResponse:
    """Save the edited listing, or show the form with errors or an edit conflict."""
    found, form = view_models.own_listing(listing_id, Action.EDIT_LISTING), ListingForm(request.form)
    form.offer(found.specialty_code)
    if rearranged := form.rearranged():
        return render("portal/entry.html", EntryPage(rearranged, found))
    return save_listing.update(found, form)


@blueprint.post(f"/listings/{LISTING_ID}/submit")
def submit_listing(listing_id: int) -> ViewResponse:
    """Submit a listing for review."""
    return save_listing.submit(view_models.own_listing(listing_id), ListingForm(request.form))


@blueprint.get(f"/listings/{LISTING_ID}/attestation")
def questions(listing_id: int) -> ViewResponse:
    """Show the questions with the stored answers."""
    return render("portal/questions.html", view_models.questions_page(view_models.own_listing(listing_id)))


@blueprint.post(f"/listings/{LISTING_ID}/attestation")
def keep_answers(listing_id: int) -> ViewResponse:
    """Save the answers as a draft, or show the form with errors or an edit conflict."""
    return autosave.save_answers(view_models.own_listing(listing_id))


@blueprint.get(f"/attestations/{ATTESTATION_ID}/review")
def review(attestation_id: int) -> ViewResponse:
    """Show the graded answers and the signature form."""
    found = view_models.own_attestation(attestation_id)
    if not view_models.can_be_signed(found):
        return redirect(view_models.attestation_url(found), 303)
    return render("portal/review.html", view_models.review_page(found))


@blueprint.post(f"/attestations/{ATTESTATION_ID}/review")
def sign(attestation_id: int) -> ViewResponse:
    """Sign the answers, or show the page with errors or an edit conflict."""
    found, ruleset = view_models.own_attestation(attestation_id), services().rulesets.current
    page = view_models.review_page(found, request.form)
    form = page.form
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        attestation_commands.submit(
            writing,
            found,
            ruleset,
            form.signature(),
            form.explanations,
            version=submitted_version(form.version),
            by=actor(),
            now=now(),
        )
        return _redirect_with_message(
            "signed", "Signed. We write to you when it is decided.", attestation_id=attestation_id
        )
    return edit_conflict.sign_error_response(found, page, refused.status)


@blueprint.get(f"/attestations/{ATTESTATION_ID}")
def signed(attestation_id: int) -> ViewResponse:
    """Show a signed attestation and its status."""
    return render("portal/signed.html", view_models.signed_page(view_models.own_attestation(attestation_id)))


@blueprint.post(f"/attestations/{ATTESTATION_ID}/withdraw")
def withdraw(attestation_id: int) -> ViewResponse:
    """Withdraw signed answers that wait for review."""
    found = view_models.own_attestation(attestation_id)
    with transaction.atomic() as writing:
        attestation_commands.withdraw(writing, found, by=actor(), now=now())
    return _redirect_with_message("signed", "Taken back. Nobody reviews it any more.", attestation_id=attestation_id)


@blueprint.post(f"/attestations/{ATTESTATION_ID}/discard")
def discard(attestation_id: int) -> ViewResponse:
    """Discard answers that are not signed, such as a renewal that was begun."""
    found, form = view_models.own_attestation(attestation_id), RetireForm(request.form)
    listing_id = found.listing_id
    with transaction.atomic() as writing:
        discard_draft(writing, found, version=submitted_version(form.version), by=actor(), now=now())
    return _redirect_with_message("listing", "Dropped. What you signed stays as it is.", listing_id=listing_id)


def _redirect_with_message(endpoint: str, said: str, **parts: int) -> Response:
    """Redirect with a flash message."""
    flash(said, "success")
    return redirect(url_for(f".{endpoint}", **parts), 303)  # type: ignore[arg-type]  # the parts are URL values
