"""A provider's pages for an entry that is public: say that it is still right, or state anew what has changed."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.listings.facts import Facts
from directory.listings.lifecycle import State
from directory.listings.tables import Listing
from directory.review.confirming import confirm_listing
from directory.web.portal import assembling
from directory.web.portal.blueprint import blueprint
from directory.web.portal.forms import FactsForm, ListingForm
from directory.web.support.guards import LISTING
from directory.web.support.refusals import Difference, Refused, differences, seen
from directory.web.support.requests import actor, now
from directory.web.support.templating import render

Answer = str | tuple[str, int] | Response

CONFIRMED = "Thank you. Patients now see that you confirmed this listing today."


@dataclass(frozen=True, slots=True)
class FactsPage:
    """`portal/facts.html`: what can be stated anew; `differences` when it was changed meanwhile."""

    form: FactsForm
    listing: Listing
    differences: tuple[Difference, ...] = ()


@blueprint.post(f"/listings/{LISTING}/confirm")
def confirm(listing_id: int) -> Answer:
    """All of it is still right."""
    found, sent = assembling.own_listing(listing_id), ListingForm(request.form)
    _confirm(found, Facts.of(found), seen(sent.version))
    return _back(listing_id)


@blueprint.get(f"/listings/{LISTING}/facts")
def facts(listing_id: int) -> Answer:
    """What can be stated anew, while the entry is public."""
    found = assembling.own_listing(listing_id)
    if found.state is not State.PUBLISHED:
        return redirect(url_for("portal.listing", listing_id=listing_id), 303)
    return render("portal/facts.html", FactsPage(FactsForm.of(found), found))


@blueprint.post(f"/listings/{LISTING}/facts")
def state_facts(listing_id: int) -> Answer:
    """It is stated, or the form comes back."""
    found, form = assembling.own_listing(listing_id), FactsForm(request.form)
    differing = differences(FactsForm.of(found), form) if seen(form.version) != found.version else ()
    form.version.data = str(found.version)
    if differing:
        return render("portal/facts.html", FactsPage(form, found, differing)), 409
    with Refused(form) as refused:
        _confirm(found, form.facts(), found.version)
        return _back(listing_id)
    return render("portal/facts.html", FactsPage(form, found)), refused.status


def _confirm(listing: Listing, said: Facts, version: int) -> None:
    with transaction.writing() as writing:
        confirm_listing(writing, listing, said, version=version, by=actor(), now=now())


def _back(listing_id: int) -> Response:
    flash(CONFIRMED, "success")
    return redirect(url_for("portal.listing", listing_id=listing_id), 303)
