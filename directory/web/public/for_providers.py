"""The start page for providers: what a listing is, and the search for one's own listing."""

from dataclasses import dataclass

from flask import Response, make_response, request

from directory.certification.ruleset import Ruleset
from directory.web.public.blueprint import blueprint
from directory.web.public.find_listing import FindListingForm, FoundListings, find_listings
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.headers import cache_publicly
from directory.web.support.requests import services
from directory.web.support.templating import render


@dataclass(frozen=True, slots=True)
class ForProvidersPage:
    """`public/for_providers.html`: `found` is None before a search."""

    ruleset: Ruleset
    form: FindListingForm
    found: FoundListings | None = None


@blueprint.get("/for-providers")
def for_providers() -> Response:
    """Show providers what a listing is, what it costs and asks, and how to find or add theirs."""
    page = ForProvidersPage(services().rulesets.current, FindListingForm())
    return cache_publicly(make_response(render("public/for_providers.html", page)))


@blueprint.get("/for-providers/find")
def find_listing() -> Response:
    """Show the listings that match a name, an NPI or a place, or the form with errors."""
    form, found = FindListingForm(request.args), None
    with FormErrorHandler(form):
        found = find_listings(form)
    page = ForProvidersPage(services().rulesets.current, form, found)
    return make_response(render("public/for_providers.html", page), 200 if found else 422)
