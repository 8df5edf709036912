"""The machine interface, version 1: JSON and GeoJSON, and problem+json for everything that goes wrong."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from directory.attestations.queries import shown
from directory.badges.standings import today
from directory.errors import Fault, Invalid
from directory.evidence.queries import seen
from directory.listings.queries import published_listing
from directory.web.api import answering, clusters, openapi
from directory.web.api.documents import place_document, provider_document
from directory.web.api.viewing import box_of, view
from directory.web.support.errors import TITLES, problem
from directory.web.support.headers import keep_briefly, keep_public
from directory.web.support.requests import now, services, session
from directory.web.support.search_form import SearchForm
from directory.web.support.templating import render

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/v1/providers")
def providers() -> Response:
    """Providers near a place, nearest first, or by name."""
    asked = answering.question(SearchForm(request.args), services().gazetteer)
    found = answering.providers(session(), services().index, asked, rulesets=services().rulesets, now=now())
    return jsonify(found)


@blueprint.get("/v1/providers.geojson")
def features() -> Response:
    """The same as GeoJSON."""
    asked = answering.question(SearchForm(request.args), services().gazetteer)
    found = answering.features(session(), services().index, asked, rulesets=services().rulesets, now=now())
    answer = jsonify(found)
    answer.mimetype = "application/geo+json"
    return answer


@blueprint.get("/v1/providers/<slug>")
def provider(slug: str) -> Response:
    """One provider with all locations."""
    listing = published_listing(session(), slug)
    attestation = shown(session(), [listing.id]).get(listing.id)
    backed = seen(session(), attestation.id) if attestation else None
    standing = today(attestation, services().rulesets, now(), backed)
    until = standing.technique.valid_until if standing.technique else None
    return keep_briefly(jsonify(provider_document(listing, standing)), until=until, now=now())


@blueprint.get("/v1/clusters")
def groups() -> Response:
    """What lies in a part of the map, in groups that have a name."""
    asked = view(request.args)
    scope = clusters.scope_of(SearchForm(request.args), services().gazetteer)
    found = clusters.groups(session(), services().index, asked, scope, gazetteer=services().gazetteer, now=now())
    return jsonify(found)


@blueprint.get("/v1/clusters/providers")
def members() -> Response:
    """Who is in a group, one page."""
    box = box_of(request.args)
    scope = clusters.scope_of(SearchForm(request.args), services().gazetteer)
    found = clusters.members(session(), services().index, box, scope, rulesets=services().rulesets, now=now())
    return jsonify(found)


@blueprint.get("/v1/places")
def places() -> Response:
    """Places that `q` may mean or begin, best first; none for what is unknown."""
    found = answering.places(request.args.get("q", ""), services().gazetteer)
    return jsonify(places=[place_document(place) for place in found])


@blueprint.get("/v1/rulesets/<ruleset_id>")
def ruleset(ruleset_id: str) -> Response:
    """A published ruleset, as it was published."""
    return keep_public(jsonify(services().rulesets.load(ruleset_id).as_json()))


@blueprint.post("/v1/assess")
def assess() -> Response:
    """What the rules say of some answers; stores and logs nothing of them."""
    return jsonify(answering.assessment(_body(), services().rulesets))


@blueprint.get("/v1/openapi.json")
def description() -> Response:
    """This interface, described for machines."""
    return keep_public(jsonify(openapi.document(services().rulesets)))


@blueprint.get("/docs")
def docs() -> Response:
    """This interface, described for people."""
    return keep_public(make_response(render("api/docs.html", openapi.docs_page(services().rulesets))))


@blueprint.after_app_request
def allow_other_origins(response: Response) -> Response:
    """Let scripts of any site read what is public anyway; nothing here depends on who is signed in."""
    if request.method in {"GET", "HEAD"} and request.path.startswith(f"{blueprint.url_prefix}/v1/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.errorhandler(answering.PlaceInDoubt)
def ask_back(doubt: answering.PlaceInDoubt) -> Response:
    """422 with the places that may be meant."""
    candidates = [place_document(place) for place in doubt.candidates]
    return problem(422, TITLES[422], doubt.sentence, doubt.faults, candidates=candidates)


def _body() -> Any:
    """The request's JSON.

    Raises:
        Invalid: it is no JSON, or is nested beyond reason.
    """
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError) as fault:
        raise Invalid([Fault("/", "The body must be JSON.")]) from fault
