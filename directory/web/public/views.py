"""Views for searching, provider pages, the rules and question card, the basemap and the health checks."""

from dataclasses import replace

from flask import Response, make_response, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from directory import resources
from directory.attestations.queries import displayed_attestations
from directory.duplicates.queries import merged_into
from directory.errors import NotFound
from directory.evidence.queries import inspections
from directory.geocoding.gazetteer import Ambiguous, Found, Unknown
from directory.listings.lifecycle import ListingState
from directory.listings.queries import published_or_retired_listing
from directory.listings.tables import Listing
from directory.page_views.tables import CountedPage
from directory.web.public import (  # noqa: F401  importing a module of views registers them
    audit_draw,
    badges,
    for_providers,
    place_prompt,
    readiness,
    removal,
    reports,
    site_texts,
    sitemap,
    statistics,
    town_directory,
    transparency,
    unsubscribe,
    verification_views,
)
from directory.web.public.blueprint import blueprint
from directory.web.public.forms import NearMeForm
from directory.web.public.pages import HomePage, RetiredPage
from directory.web.public.provider import provider_page
from directory.web.public.results import (
    LEFT_OUT,
    address_without_street,
    page_address,
    place_search,
    position_search,
    results_page,
)
from directory.web.public.rules import questions_page, rules_page
from directory.web.support.headers import cache_briefly, cache_publicly
from directory.web.support.page_views import count_view
from directory.web.support.requests import now, services, session
from directory.web.support.search_form import SearchForm, SuggestForm
from directory.web.support.templating import Page, render

__all__ = ["blueprint"]

MAP_SECONDS = 86_400
"""How long browsers may cache the basemap and favicon, in seconds; arbitrary, they change only with a release."""


@blueprint.get("/")
def home() -> Response:
    """Show the home page: the search box, an introduction and the questions to ask."""
    return cache_publicly(_render_page("public/home.html", HomePage(SearchForm(), services().rulesets.current)))


@blueprint.get("/providers")
def search() -> AnyResponse:
    """Show the providers near a place, nearest first, or ask for the place if it is unclear.

    A street address in the URL is replaced by the ZIP code or town that was used, or left out.
    """
    form = SearchForm(request.args)
    answer = form.look_up(services().gazetteer)
    if address := address_without_street(form, answer):
        return redirect(address, 303)
    asked = place_search(form, answer)
    if asked is None:
        return _ask_for_place(form, answer)
    return _render_page(
        "public/results.html", results_page(session(), services().index, asked, rulesets=services().rulesets, now=now())
    )


@blueprint.post("/providers")
def posted_search() -> AnyResponse:
    """Redirect a posted search to its results; a street address is posted so that it appears in no URL and no log."""
    form = SearchForm(request.form)
    answer = form.look_up(services().gazetteer)
    address = page_address(form, answer)
    if address and not form.faults():
        return redirect(address, 303)
    return _ask_for_place(form, answer)


def _ask_for_place(form: SearchForm, answer: Found | Ambiguous | Unknown | None) -> Response:
    question = place_prompt.place_prompt_page(form, answer, left_out=LEFT_OUT in request.args)
    return make_response(render("public/ask.html", question), question.status)


@blueprint.post("/providers/near-me")
def near_me() -> Response:
    """Show the providers near a position, which is posted so that it appears in no URL and no log."""
    position = NearMeForm(request.form)
    form = SearchForm(request.form)
    asked = position_search(form, position)
    if asked is None:
        refusal = place_prompt.invalid_position_page(form, position)
        return make_response(render("public/ask.html", refusal), refusal.status)
    page = results_page(session(), services().index, asked, rulesets=services().rulesets, now=now())
    return _render_page("public/results.html", page)


@blueprint.get("/providers/near-me")
def near_me_again() -> AnyResponse:
    """Redirect a GET of the posted search, such as a reload, to an empty search; the position is not kept."""
    return redirect(url_for("public.search"))


@blueprint.get("/providers/<slug>")
def provider(slug: str) -> Response:
    """Show one listing and its answers, redirect to the one it was merged into, or say that it is retired."""
    listing = published_or_retired_listing(session(), slug)
    if listing.state is ListingState.RETIRED and (kept := merged_into(session(), listing.id)):
        moved = make_response(redirect(url_for(".provider", slug=kept.slug), 301))
        return cache_briefly(moved, until=None, now=now())
    if listing.state is ListingState.RETIRED:
        return make_response(render("public/retired.html", RetiredPage(listing.slug, listing.name)), 410)
    attestation = displayed_attestations(session(), [listing.id]).get(listing.id)
    backed = inspections(session(), attestation.id) if attestation else None
    page = provider_page(listing, attestation, rulesets=services().rulesets, now=now(), seen=backed)
    count_view(listing.id, CountedPage.LISTING)
    return cache_briefly(_render_page("public/provider.html", page), until=page.changes_at, now=now())


def preview_listing(listing: Listing) -> str:
    """Return the provider page of a listing as patients would see it; only its owner sees this."""
    attestation = displayed_attestations(session(), [listing.id]).get(listing.id)
    backed = inspections(session(), attestation.id) if attestation else None
    page = provider_page(listing, attestation, rulesets=services().rulesets, now=now(), seen=backed)
    return render("public/provider.html", replace(page, is_preview=True))


@blueprint.get("/rules", defaults={"ruleset_id": None})
@blueprint.get("/rules/<ruleset_id>")
def rules(ruleset_id: str | None) -> Response:
    """Show one version of the rules, with the evidence for and against them."""
    return cache_publicly(_render_page("public/rules.html", rules_page(services().rulesets, ruleset_id)))


@blueprint.get("/questions")
def questions() -> Response:
    """Show the printable card of questions."""
    return cache_publicly(_render_page("public/questions.html", questions_page(services().rulesets.current)))


@blueprint.get("/suggest")
def suggest() -> Response:
    """Return the places that begin with the typed text, as options of a list."""
    places = SuggestForm(request.args).places(services().gazetteer)
    return _render_page("public/suggest.html", place_prompt.SuggestPage(places))


@blueprint.get("/map/basemap.pmtiles")
def basemap() -> Response:
    """Return the map tiles, the operator's own file or else the bundled one; browsers use range requests.

    Raises:
        NotFound: neither file exists.
    """
    for path in (services().settings.basemap, resources.folder("data") / "basemap.pmtiles"):
        if path.exists():
            kind = "application/vnd.pmtiles"
            return send_file(path, mimetype=kind, conditional=True, max_age=MAP_SECONDS)
    raise NotFound("This installation has no map of its own yet: `bma-directory basemap build` makes one.")


@blueprint.get("/healthz")
def health() -> Response:
    """Return 200 if this worker process responds at all."""
    return _text_response("ok\n")


@blueprint.get("/readyz")
def ready() -> Response:
    """Return 200 if this worker can answer searches, otherwise 503."""
    if readiness.is_ready(session(), services().gazetteer, services().index, now=now()):
        return _text_response("ready\n")
    return _text_response("not ready\n", 503)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Return the site icon for clients that request the traditional path."""
    return send_file(resources.folder("static") / "img" / "favicon.svg", max_age=MAP_SECONDS)


def _render_page(template: str, page: Page) -> Response:
    return make_response(render(template, page))


def _text_response(body: str, status: int = 200) -> Response:
    return Response(body, status, mimetype="text/plain")
