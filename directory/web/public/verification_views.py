"""Views for verifying signed answers, listing histories, the self-check and the comparison of providers."""

from flask import Response, make_response, request

from directory.attestations.digest import signed_document
from directory.attestations.history import ever_accepted_attestation, public_history
from directory.audit.chain import canonicalize
from directory.errors import Conflict
from directory.evidence.queries import inspections
from directory.listings.queries import ever_public_listing
from directory.page_views.tables import CountedPage
from directory.web.public import self_check
from directory.web.public.as_of_date import AsOfDateForm
from directory.web.public.blueprint import blueprint
from directory.web.public.comparison import CompareRequest, compare_page
from directory.web.public.distance_origin import parse_distance_origin
from directory.web.public.timeline import history_page, load_listing_history
from directory.web.public.verification import verify_page
from directory.web.support.headers import cache_briefly, cache_publicly
from directory.web.support.page_views import count_view
from directory.web.support.requests import now, services, session
from directory.web.support.search_form import SearchForm
from directory.web.support.templating import render


@blueprint.get("/verify/<public_id>")
def verify(public_id: str) -> Response:
    """Show whether signed answers are valid now."""
    attestation = ever_accepted_attestation(session(), public_id)
    past = public_history(session(), attestation.listing_id)
    backed = inspections(session(), attestation.id)
    page = verify_page(attestation, past, rulesets=services().rulesets, now=now(), seen=backed)
    answer = make_response(render("public/verify.html", page))
    count_view(attestation.listing_id, CountedPage.VERIFY)
    return cache_briefly(answer, until=page.changes_at, now=now())


@blueprint.get("/verify/<public_id>.json")
def signed(public_id: str) -> Response:
    """Return the exact bytes whose SHA-256 is the attestation's hash, so that anyone can verify it.

    Raises:
        Conflict: the stored attestation no longer matches its hash.
    """
    attestation = ever_accepted_attestation(session(), public_id)
    past = public_history(session(), attestation.listing_id)
    page = verify_page(attestation, past, rulesets=services().rulesets, now=now())
    if not page.is_untouched:
        raise Conflict("What is stored here is not what was signed, so there is no file of it.")
    answer = Response(canonicalize(signed_document(attestation)), mimetype="application/json")
    return cache_briefly(answer, until=page.changes_at, now=now())


@blueprint.get("/providers/<slug>/history")
def history(slug: str) -> Response:
    """Show the history of a listing, and what patients saw on a requested day."""
    listing = ever_public_listing(session(), slug)
    record, form = load_listing_history(session(), listing), AsOfDateForm(request.args)
    page = history_page(listing, record, form, rulesets=services().rulesets, now=now())
    answer = make_response(render("public/history.html", page), page.status)
    return cache_briefly(answer, until=page.changes_at, now=now()) if page.status == 200 else answer


@blueprint.get("/check")
def check() -> Response:
    """Show the empty self-check form."""
    page = self_check.empty_check_page(services().rulesets.current)
    return cache_publicly(make_response(render("public/check.html", page)))


@blueprint.post("/check")
def grade() -> Response:
    """Grade the typed answers; they appear in no URL, log or cookie, and the page is not cached."""
    page = self_check.check_page(services().rulesets.current, request.form)
    return make_response(render("public/check.html", page), page.status)


@blueprint.get("/compare")
def compare() -> Response:
    """Compare up to four providers; not cached, because whom a patient compares is private."""
    asked = CompareRequest.of(request.args.getlist("p"), request.args.getlist("also"))
    measure = parse_distance_origin(SearchForm(request.args), services().gazetteer)
    page = compare_page(session(), services().index, asked, measure, rulesets=services().rulesets, now=now())
    return make_response(render("public/compare.html", page), page.status)
