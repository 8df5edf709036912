"""The request parameters of searches as listed in the OpenAPI document, with their limits."""

from typing import Any

from directory.search import filters, query
from directory.web.api.schemas import TEXT, Schema
from directory.web.api.viewport import MAX_TILES, MAX_ZOOM
from directory.web.support.search_form import DEFAULT_WITHIN

_NEAR = "A ZIP code, “City, ST”, a city, a street address, or “lat,lon”."


def search_parameters() -> list[Schema]:
    """Return the parameters of `/api/v1/providers`, in form order; results must match every filter given."""
    return [
        parameter("near", f"{_NEAR} Without it, “q” is required, and the search is by name.", TEXT),
        _within(),
        *filter_parameters(),
        _page(),
        parameter(
            "after",
            "Miles and number of the last provider of the page before, as “next” has them: a deep page then costs what"
            " the first one costs. “page” only says which page it is.",
            {"type": "string", "pattern": r"^[0-9.e-]+,[0-9]+$"},
        ),
    ]


def cluster_parameters() -> list[Schema]:
    """Return the parameters of `/api/v1/clusters`."""
    zoom = {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}
    box = _bbox(f"It may cover at most {MAX_TILES} tiles of the web map at that zoom.")
    return [
        box,
        parameter("zoom", f"Of a web map, 0 to {MAX_ZOOM}.", zoom, required=True),
        *_near_and_within(),
        *filter_parameters(),
    ]


def member_parameters() -> list[Schema]:
    """Return the parameters of `/api/v1/clusters/providers`."""
    return [_bbox("The one that the group came with."), *_near_and_within(), *filter_parameters(), _page()]


def parameter(name: str, description: str, schema: Schema, *, where: str = "query", required: bool = False) -> Schema:
    """Return an OpenAPI parameter object."""
    return {
        "name": name,
        "in": where,
        "description": description,
        "schema": schema,
        "required": required or where == "path",
    }


def filter_parameters() -> list[Schema]:
    """Return the filter parameters, in form order."""
    return [parameter(each.name, each.described(), each.schema()) for each in filters.FILTERS]


def _near_and_within() -> list[Schema]:
    near = parameter("near", f"{_NEAR} With it, only locations within that distance of the place are counted.", TEXT)
    return [near, _within()]


def _within() -> Schema:
    return parameter("within", f"Miles from the place, {query.MIN_MILES} to {query.MAX_MILES}, or “any”.", _miles())


def _bbox(more: str) -> Schema:
    words = f"west,south,east,north in degrees; west is greater than east across the antimeridian. {more}"
    return parameter("bbox", words, TEXT, required=True)


def _page() -> Schema:
    return parameter("page", f"1 to {query.MAX_PAGE}.", _positive_integer(query.MAX_PAGE) | {"default": 1})


def _miles() -> dict[str, Any]:
    number = {"type": "number", "minimum": query.MIN_MILES, "maximum": query.MAX_MILES}
    return {"anyOf": [number, {"const": "any"}], "default": int(DEFAULT_WITHIN)}


def _positive_integer(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}
