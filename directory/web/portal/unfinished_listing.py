"""New listings that are not complete yet: their form comes back as it was left, and can be discarded."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from directory import transaction
from directory.listings import unfinished
from directory.listings.tables import UnfinishedListing
from directory.web.portal import autosave_response
from directory.web.portal.blueprint import blueprint
from directory.web.support.form_errors import iter_fields
from directory.web.support.guards import FORM_KEY
from directory.web.support.listing_form import ListingForm
from directory.web.support.merge import Merge, merge_forms, snapshot
from directory.web.support.requests import actor, now, session

FINISH_LATER = "later"
"""The value of the `then` field if the form is to be kept as it is."""

NOT_COMPLETE = "Not complete yet"

_NOT_TYPED = frozenset({"version", "base", "form_key", "add", "remove"})


@dataclass(frozen=True, slots=True)
class UnfinishedCard:
    """An unfinished listing on the provider's home page."""

    title: str
    form_key: str
    saved_at: datetime


def unfinished_cards() -> tuple[UnfinishedCard, ...]:
    """Return the unfinished listings of the signed-in provider."""
    rows = unfinished.unfinished_listings_of(session(), actor().id)
    return tuple(UnfinishedCard(_title(row), row.form_key, row.updated_at) for row in rows)


def find_unfinished(form: ListingForm) -> UnfinishedListing | None:
    """Return what is stored of a form for a new listing."""
    return unfinished.find_unfinished(session(), actor().id, form.key)


def stored_form(row: UnfinishedListing) -> ListingForm:
    """Return the form as it was left."""
    form = ListingForm(MultiDict(row.texts))
    form.form_key.data = row.form_key
    renew(form, row)
    return form


def renew(form: ListingForm, row: UnfinishedListing) -> None:
    """Make this the form of what is stored now, so that sending it again overwrites that."""
    form.version.data, form.base.data = _token(row), snapshot(ListingForm(MultiDict(row.texts)))


def merge_if_stale(form: ListingForm, row: UnfinishedListing) -> Merge | None:
    """Return the merge with what another window stored meanwhile, if there is something in it to look at."""
    if form.version.data == _token(row):
        return None
    merged = merge_forms(stored_form(row), form, request.form, form.base.data)
    return merged if merged.differences else None


def keeps_incomplete() -> bool:
    """Return whether the form is to be kept as it is, with nothing asked."""
    return autosave_response.is_autosave() or request.form.get("then") == FINISH_LATER


def keep(form: ListingForm, key: str) -> Response:
    """Keep a form that makes no listing yet."""
    with transaction.atomic() as writing:
        texts = {
            field.name: request.form.getlist(field.name) for field in iter_fields(form) if field.name not in _NOT_TYPED
        }
        row = unfinished.save_unfinished(writing, key, texts, by=actor(), now=now())
    if autosave_response.is_autosave():
        return autosave_response.saved(_token(row), _first_error(form) or NOT_COMPLETE, form=form)
    flash("Your draft is kept. Go on with it whenever you like.", "success")
    return redirect(url_for("portal.home"), 303)


@blueprint.post(f"/listings/new/{FORM_KEY}/discard")
def discard_unfinished(form_key: str) -> Response:
    """Discard an unfinished listing; what is gone already is no error."""
    with transaction.atomic() as writing:
        unfinished.discard_unfinished(writing, actor().id, form_key)
    flash("The draft is discarded.", "success")
    return redirect(url_for("portal.home"), 303)


def _token(row: UnfinishedListing) -> str:
    """Return the version of an unfinished listing for its form; never that of a listing."""
    return f"draft-{row.version}"


def _title(row: UnfinishedListing) -> str:
    return next((text.strip() for text in row.texts.get("name", ()) if text.strip()), "A listing without a name yet")


def _first_error(form: ListingForm) -> str:
    """Return the first error in a field where something was typed; what is still empty needs no words yet."""
    typed = (str(error) for field in iter_fields(form) if field.data for error in field.errors)
    return next(iter((*form.form_errors, *typed)), "")
