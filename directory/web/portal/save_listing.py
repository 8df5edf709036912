"""Saves a listing's form, which may be sent twice, again after “Back”, or after another window saved the listing."""

import uuid

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.errors import Conflict, Invalid
from directory.listings import commands, queries, unfinished
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.web.portal import autosave_response, unfinished_listing
from directory.web.portal.pages import EntryPage
from directory.web.support.declared_form import collect
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.listing_form import ListingForm
from directory.web.support.merge import Merge, merge_forms
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = tuple[str, int] | Response

FIRST_VERSION = "1"
"""The version of a listing that was not changed since it was created."""


def show_new(form: ListingForm) -> str | Response:
    """Show the form of a new listing.

    Its key is in the address, because browsers load an address again after “Back” and keep only what was typed.
    """
    if form.key is None:
        return redirect(url_for("portal.new_listing", form=uuid.uuid4().hex))
    if made := _created_by(form):
        return redirect(url_for("portal.edit_listing", listing_id=made.id))
    row = unfinished_listing.find_unfinished(form)
    return render("portal/entry.html", EntryPage(unfinished_listing.stored_form(row) if row else form, kept=row))


def create(form: ListingForm) -> ViewResponse:
    """Create a draft. If this form has created one already, save it there; if it is not complete, keep it as it is."""
    if made := _created_by(form):
        return _save_again(made, form)
    row = unfinished_listing.find_unfinished(form)
    if row is not None and (merged := unfinished_listing.merge_if_stale(form, row)):
        form = ListingForm(merged.formdata)
        unfinished_listing.renew(form, row)
        return _refused(EntryPage(form, differences=merged.differences, kept=row), 409)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        entry = form.entry(services().gazetteer)
        made = commands.create(writing, entry, by=actor(), now=now(), form_key=form.key)
        unfinished.discard_unfinished(writing, actor().id, form.key)
        return _saved(made, form, "Your listing is kept as a draft.")
    if refused.status == 409 and (made := _created_by(form)):
        # The same form was sent at the same moment.
        form.form_errors = []
        return _save_again(made, form)
    return _incomplete(form, EntryPage(form, claim_slug=_claimable_slug(refused), kept=row), refused.status)


def update(listing: Listing, form: ListingForm) -> ViewResponse:
    """Save a draft, or show the differences if another window stored some that the user has not seen."""
    version = listing.version
    if submitted_version(form.version) != version and _is_stored(listing, form):
        return _saved(listing, form, "Your changes are kept.")
    if merged := merge_if_stale(listing, ListingForm.of(listing), form):
        form = ListingForm(merged.formdata)
        form.offer(listing.specialty_code)
        form.renew(listing)
        return _refused(EntryPage(form, listing, merged.differences), 409)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        entry = form.entry(services().gazetteer)
        commands.update(writing, listing, entry, version=version, by=actor(), now=now())
        return _saved(listing, form, "Your changes are kept.")
    if refused.status == 409 and listing.version != version:
        form.form_errors = []
        return update(listing, form)
    return _refused(EntryPage(form, listing, claim_slug=_claimable_slug(refused)), refused.status)


def submit(listing: Listing, form: ListingForm) -> Response:
    """Submit a draft for review; a second press of the button changes nothing.

    A draft with a word that is forbidden since it was typed is opened to be changed.

    Raises:
        Conflict: it is not a draft, or was changed in the meantime.
    """
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        commands.submit(writing, listing, version=submitted_version(form.version), by=actor(), now=now())
    if isinstance(refused.refusal, Invalid):
        flash(refused.refusal.sentence, "error")
        return redirect(url_for("portal.edit_listing", listing_id=listing.id), 303)
    if form.form_errors and listing.state is not ListingState.SUBMITTED:
        raise Conflict(form.form_errors[0])
    return _redirect(listing, "Submitted. We write to you when it is decided.")


def merge_if_stale(listing: Listing, stored: ListingForm, form: ListingForm) -> Merge | None:
    """Return the merge of a form that was made from an older version, if there is something in it to look at."""
    version = submitted_version(form.version)
    if version == listing.version:
        return None
    merged = merge_forms(stored, form, request.form, form.base.data if version > 0 else None)
    return merged if merged.differences else None


def _is_stored(listing: Listing, form: ListingForm) -> bool:
    """Return whether what the form says is stored already, because it was sent twice."""
    entry = collect([], lambda: form.entry(services().gazetteer))
    return entry is not None and entry.is_stored_in(listing)


def _created_by(form: ListingForm) -> Listing | None:
    return queries.listing_of_form(session(), actor().id, form.key)


def _save_again(listing: Listing, form: ListingForm) -> ViewResponse:
    form.version.data = form.version.data or FIRST_VERSION
    return update(listing, form)


def _saved(listing: Listing, form: ListingForm, said: str) -> Response:
    if autosave_response.is_autosave():
        return autosave_response.saved(str(listing.version), form=form)
    return _redirect(listing, said)


def _incomplete(form: ListingForm, page: EntryPage, status: int) -> ViewResponse:
    """Keep a form that makes no listing yet if nothing is to be asked, else show what is missing."""
    if form.key is None or not unfinished_listing.keeps_incomplete():
        return _refused(page, status)
    with FormErrorHandler(form) as refused:
        return unfinished_listing.keep(form, form.key)
    return _refused(page, refused.status)


def _refused(page: EntryPage, status: int) -> ViewResponse:
    if not autosave_response.is_autosave():
        return render("portal/entry.html", page), status
    if page.differences:
        return autosave_response.not_saved("Another window changed this listing. Press Save to see both.", status)
    # An NPI that is listed already can be corrected, so the program goes on.
    return autosave_response.not_saved_form(page.form, 422 if page.claim_slug else status)


def _redirect(listing: Listing, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("portal.listing", listing_id=listing.id), 303)


def _claimable_slug(refused: FormErrorHandler) -> str:
    """Return the slug of the listing that holds the NPI, if that is why the form was refused, or an empty string."""
    return refused.refusal.slug if isinstance(refused.refusal, commands.AlreadyListed) else ""
