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
    """Return providers near a place, nearest first, or from a search by name."""
    asked = responses.parse_search(SearchForm(request.args), services().gazetteer)
    found = responses.providers(session(), services().index, asked, rulesets=services().rulesets, now=now())
    return jsonify(found)


@blueprint.get("/v1/providers.geojson")
def features() -> Response:
    """Return providers as GeoJSON."""
    asked = responses.parse_search(SearchForm(request.args), services().gazetteer)
    found = responses.features(session(), services().index, asked, rulesets=services().rulesets, now=now())
    answer = jsonify(found)
    answer.mimetype = "application/geo+json"
    return answer


@blueprint.get("/v1/providers/<slug>")
def provider(slug: str) -> Response:
    """Return one provider with all locations."""
    listing = published_listing(session(), slug)
    attestation = displayed_attestations(session(), [listing.id]).get(listing.id)
    backed = inspections(session(), attestation.id) if attestation else None
    standing = current_standing(attestation, services().rulesets, now(), backed)
    until = standing.technique.valid_until if standing.technique else None
    return cache_briefly(jsonify(provider_document(listing, standing)), until=until, now=now())


@blueprint.get("/v1/clusters")
def groups() -> Response:
    """Return named clusters of the providers in a map area."""
    asked = parse_viewport(request.args)
    scope = clusters.parse_scope(SearchForm(request.args), services().gazetteer)
    found = clusters.clusters_document(
        session(), services().index, asked, scope, gazetteer=services().gazetteer, now=now()
    )
    return jsonify(found)


@blueprint.get("/v1/clusters/providers")
def members() -> Response:
    """Return one page of the providers in a cluster."""
    box = parse_bbox(request.args)
    scope = clusters.parse_scope(SearchForm(request.args), services().gazetteer)
    found = clusters.members_document(session(), services().index, box, scope, rulesets=services().rulesets, now=now())
    return jsonify(found)


@blueprint.get("/v1/places")
def places() -> Response:
    """Return places that match or begin with `q`, best first; empty if nothing matches."""
    found = responses.places(request.args.get("q", ""), services().gazetteer)
    return jsonify(places=[place_document(place) for place in found])


@blueprint.get("/v1/rulesets/<ruleset_id>")
def ruleset(ruleset_id: str) -> Response:
    """Return a ruleset exactly as published."""
    return cache_publicly(jsonify(services().rulesets.load(ruleset_id).as_json()))


@blueprint.post("/v1/assess")
def assess() -> Response:
    """Grade the answers in the request body; stores and logs nothing."""
    return jsonify(responses.assessment(_json_body(), services().rulesets))


@blueprint.get("/v1/openapi.json")
def description() -> Response:
    """Return the OpenAPI document."""
    return cache_publicly(jsonify(openapi.document(services().rulesets)))


@blueprint.get("/docs")
def docs() -> Response:
    """Show the API documentation page."""
    return cache_publicly(make_response(render("api/docs.html", openapi.docs_page(services().rulesets))))


@blueprint.after_app_request
def allow_other_origins(response: Response) -> Response:
    """Allow cross-origin reads of the API; its data are public and do not depend on the signed-in user."""
    if request.method in {"GET", "HEAD"} and request.path.startswith(f"{blueprint.url_prefix}/v1/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.errorhandler(responses.UnresolvedPlace)
def unresolved_place(doubt: responses.UnresolvedPlace) -> Response:
    """Return status 422 with the candidate places."""
    candidates = [place_document(place) for place in doubt.candidates]
    return problem_response(422, TITLES[422], doubt.sentence, doubt.faults, candidates=candidates)


def _json_body() -> Any:
    """Parse the request body as JSON.

    Raises:
        Invalid: the body is not JSON or is nested too deeply.
    """
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError) as fault:
        raise Invalid([FieldError("/", "The body must be JSON.")]) from fault
