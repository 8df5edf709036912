"""Views of the public API, version 1: JSON, GeoJSON, and problem+json for errors."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from directory.attestations.queries import displayed_attestations
from directory.badges.listing_standing import current_standing
from directory.errors import FieldError, Invalid
from directory.evidence.queries import inspections
from directory.listings.queries import published_listing
from directory.web.api import clusters, openapi, responses
from directory.web.api.documents import place_document, provider_document
from directory.web.api.viewport import parse_bbox, parse_viewport
from directory.web.support.errors import TITLES, problem_response
from directory.web.support.headers import cache_briefly, cache_publicly
from directory.web.support.requests import now, services, session
from directory.web.support.search_form import SearchForm
from directory.web.support.templating import render

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/v1/providers")
def providers() -> Response:
    """Providers near a place, nearest first, or by name."""
    asked = responses.parse_search(SearchForm(request.args), services().gazetteer)
    found = responses.providers(session(), services().index, asked, rulesets=services().rulesets, now=now())
    return jsonify(found)


@blueprint.get("/v1/providers.geojson")
def features() -> Response:
    """The same as GeoJSON."""
    asked = responses.parse_search(SearchForm(request.args), services().gazetteer)
    found = responses.features(session(), services().index, asked, rulesets=services().rulesets, now=now())
    answer = jsonify(found)
    answer.mimetype = "application/geo+json"
    return answer


@blueprint.get("/v1/providers/<slug>")
def provider(slug: str) -> Response:
    """One provider with all locations."""
    listing = published_listing(session(), slug)
    attestation = displayed_attestations(session(), [listing.id]).get(listing.id)
    backed = inspections(session(), attestation.id) if attestation else None
    standing = current_standing(attestation, services().rulesets, now(), backed)
    until = standing.technique.valid_until if standing.technique else None
    return cache_briefly(jsonify(provider_document(listing, standing)), until=until, now=now())


@blueprint.get("/v1/clusters")
def groups() -> Response:
    """What lies in a part of the map, in groups that have a name."""
    asked = parse_viewport(request.args)
    scope = clusters.parse_scope(SearchForm(request.args), services().gazetteer)
    found = clusters.clusters_document(
        session(), services().index, asked, scope, gazetteer=services().gazetteer, now=now()
    )
    return jsonify(found)


@blueprint.get("/v1/clusters/providers")
def members() -> Response:
    """Who is in a group, one page."""
    box = parse_bbox(request.args)
    scope = clusters.parse_scope(SearchForm(request.args), services().gazetteer)
    found = clusters.members_document(session(), services().index, box, scope, rulesets=services().rulesets, now=now())
    return jsonify(found)


@blueprint.get("/v1/places")
def places() -> Response:
    """Places that `q` may mean or begin, best first; none for what is unknown."""
    found = responses.places(request.args.get("q", ""), services().gazetteer)
    return jsonify(places=[place_document(place) for place in found])


@blueprint.get("/v1/rulesets/<ruleset_id>")
def ruleset(ruleset_id: str) -> Response:
    """A published ruleset, as it was published."""
    return cache_publicly(jsonify(services().rulesets.load(ruleset_id).as_json()))


@blueprint.post("/v1/assess")
def assess() -> Response:
    """What the rules say of some answers; stores and logs nothing of them."""
    return jsonify(responses.assessment(_json_body(), services().rulesets))


@blueprint.get("/v1/openapi.json")
def description() -> Response:
    """This interface, described for machines."""
    return cache_publicly(jsonify(openapi.document(services().rulesets)))


@blueprint.get("/docs")
def docs() -> Response:
    """This interface, described for people."""
    return cache_publicly(make_response(render("api/docs.html", openapi.docs_page(services().rulesets))))


@blueprint.after_app_request
def allow_other_origins(response: Response) -> Response:
    """Let scripts of any site read what is public anyway; nothing here depends on who is signed in."""
    if request.method in {"GET", "HEAD"} and request.path.startswith(f"{blueprint.url_prefix}/v1/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.errorhandler(responses.UnresolvedPlace)
def unresolved_place(doubt: responses.UnresolvedPlace) -> Response:
    """422 with the places that may be meant."""
    candidates = [place_document(place) for place in doubt.candidates]
    return problem_response(422, TITLES[422], doubt.sentence, doubt.faults, candidates=candidates)


def _json_body() -> Any:
    """The request's JSON.

    Raises:
        Invalid: it is no JSON, or is nested beyond reason.
    """
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError) as fault:
        raise Invalid([FieldError("/", "The body must be JSON.")]) from fault
