"""The OpenAPI document of the API, with answer schemas derived from the current ruleset."""

from dataclasses import dataclass
from typing import Any

from directory import __version__
from directory.certification.ruleset import Rulesets
from directory.certification.wording import SELF_CERTIFIED
from directory.web.api.parameters import cluster_parameters, member_parameters, parameter, search_parameters
from directory.web.api.schemas import TEXT, Schema, ref, schemas

_OVERVIEW = (
    "Providers who state, over their signature, how they take bone marrow; near a place, nearest first. "
    f"Every technique is {SELF_CERTIFIED.lower()}: the provider stated it, published rules were applied, nobody "
    "watched. Places are looked up on this server, and searches are not logged."
)

TERMS = (
    "Terms: you may read and reuse these data, from other sites too, if you name the operator of this directory, say "
    f"that the answers are {SELF_CERTIFIED.lower()}, and do not call them verified. Places are from the U.S. Census "
    "Bureau and GeoNames (CC BY 4.0)."
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint on the documentation page."""

    method: str
    path: str
    summary: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DocsPage:
    """Data for `api/docs.html`."""

    overview: str
    terms: str
    version: str
    ruleset: str
    endpoints: tuple[Endpoint, ...]


def document(rulesets: Rulesets) -> dict[str, Any]:
    """Return the complete OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "bma-directory",
            "version": __version__,
            "description": f"{_OVERVIEW} {TERMS}",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(rulesets),
        "components": {"schemas": schemas(rulesets.current)},
    }


def docs_page(rulesets: Rulesets) -> DocsPage:
    """Return the data of the documentation page, from the same paths."""
    endpoints = tuple(
        Endpoint(
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            parameters=tuple((p["name"], p["description"]) for p in operation.get("parameters", ())),
        )
        for path, operations in _paths(rulesets).items()
        for method, operation in operations.items()
    )
    return DocsPage(_OVERVIEW, TERMS, __version__, rulesets.current.id, endpoints)


def _paths(rulesets: Rulesets) -> dict[str, Any]:
    slug = parameter("slug", "The last part of the address of a listing.", TEXT, where="path")
    prefix = parameter("q", "A ZIP code, a city, an address, or the beginning of a name.", TEXT)
    ids = {"type": "string", "enum": [ruleset.id for ruleset in rulesets.newest_first]}
    ruleset = parameter("ruleset", "The id of published rules.", ids, where="path")
    return {
        "/api/v1/providers": {
            "get": _operation("Providers near a place, nearest first, or by name.", "Providers", search_parameters())
        },
        "/api/v1/providers.geojson": {
            "get": _operation("The same as GeoJSON.", "Features", search_parameters(), mimetype="application/geo+json")
        },
        "/api/v1/providers/{slug}": {"get": _operation("One provider with all locations.", "Provider", [slug])},
        "/api/v1/clusters": {
            "get": _operation("Groups of providers in a part of the map.", "Clusters", cluster_parameters())
        },
        "/api/v1/clusters/providers": {
            "get": _operation("Who is in a group, from its middle outwards.", "Members", member_parameters())
        },
        "/api/v1/places": {"get": _operation("Places that a text may mean, best first.", "Places", [prefix])},
        "/api/v1/rulesets/{ruleset}": {"get": _operation("Published rules.", "Ruleset", [ruleset])},
        "/api/v1/assess": {"post": _assess()},
        "/statistics.json": {"get": _operation("The numbers of all listings, as on /statistics.", "Statistics", [])},
    }


def _operation(
    summary: str, schema: str, parameters: list[Schema], *, mimetype: str = "application/json"
) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": summary, "content": {mimetype: {"schema": ref(schema)}}},
            **_error_responses("422" if any(p["in"] == "query" for p in parameters) else "404"),
        },
    }


def _assess() -> dict[str, Any]:
    summary = "What the rules say of some answers; nothing is stored or logged."
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("Question")}}},
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": ref("Assessment")}}},
            **_error_responses("404", "422"),
        },
    }


def _error_responses(*codes: str) -> dict[str, Any]:
    words = {"404": "There is none.", "422": "Something breaks a limit; each error names it."}
    content = {"application/problem+json": {"schema": ref("Problem")}}
    return {code: {"description": words[code], "content": content} for code in codes}
