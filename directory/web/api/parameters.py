"""The parameters of a search as the description of the machine interface lists them, with their limits."""

from collections.abc import Mapping
from typing import Any

from directory.search import query
from directory.search.words import BEGINNING, MAX_WORDS
from directory.web.api.schemas import TEXT, Schema
from directory.web.api.viewing import MAX_ZOOM, MOST_TILES
from directory.web.support.filtering import BY_NAME

_ONCE: Schema = {"type": "string", "enum": ["1"]}


def search_parameters() -> list[Schema]:
    """All that `/api/v1/providers` takes, in the order of the form; every filter that is sent must hold."""
    return [
        parameter("near", "A ZIP code, “City, ST”, a city, a street address, or “lat,lon”.", TEXT, required=True),
        parameter("within", f"Miles, {query.MIN_MILES} to {query.MAX_MILES}, or “any”.", _miles()),
        *filter_parameters(),
        _page(),
        parameter(
            "after",
            "Miles and number of the last provider of the page before, as “next” has them: a deep page then costs what"
            " the first one costs. “page” only says which page it is.",
            {"type": "string", "pattern": r"^[0-9.e-]+,[0-9]+$"},
        ),
    ]


def view_parameters() -> list[Schema]:
    """All that `/api/v1/clusters` takes."""
    zoom = {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}
    box = _box(f"It may cover at most {MOST_TILES} tiles of the web map at that zoom.")
    return [box, parameter("zoom", f"Of a web map, 0 to {MAX_ZOOM}.", zoom, required=True), *filter_parameters()]


def member_parameters() -> list[Schema]:
    """All that `/api/v1/clusters/providers` takes."""
    return [_box("The one that the group came with."), *filter_parameters(), _page()]


def parameter(name: str, description: str, schema: Schema, *, where: str = "query", required: bool = False) -> Schema:
    """One parameter, as OpenAPI has it."""
    return {
        "name": name,
        "in": where,
        "description": description,
        "schema": schema,
        "required": required or where == "path",
    }


def filter_parameters() -> list[Schema]:
    """What else must be true of a listing, in the order of the form."""
    volume = {"type": "number", "minimum": query.MIN_VOLUME_ML, "maximum": query.MAX_VOLUME_ML}
    text = (
        f"At most {query.MAX_TEXT} characters and {MAX_WORDS} words; from {BEGINNING} letters on also what begins so."
    )
    return [
        parameter("badge", "1 for those whose self-certified badge shows today.", _ONCE),
        _one_of("imaging", "Those who state this way to guide the needle, always or sometimes.", query.IMAGING),
        parameter("q", f"Words of the name, the practice or the city. {text}", TEXT | {"maxLength": query.MAX_TEXT}),
        parameter(
            "volume",
            f"Those who state at most so many mL from one spot, {query.MIN_VOLUME_ML:g} to {query.MAX_VOLUME_ML:g}.",
            volume,
        ),
        parameter("sites", f"Those who state at least so many spots, 1 to {query.MAX_SITES}.", _whole(query.MAX_SITES)),
        _one_of("bone", "Those who state this bone.", query.BONES),
        _one_of("specialty", "By the code of the NUCC taxonomy.", BY_NAME["specialty"].options),
        _one_of("language", "Those who state that it is spoken there, by ISO 639 code.", query.LANGUAGES),
        _one_of("kind", "Who is listed.", query.KINDS),
        parameter("accepting", "1 for those who state that they take new patients.", _ONCE),
        parameter("confirmed", "1 for entries that their owner confirmed within a year.", _ONCE),
    ]


def _box(more: str) -> Schema:
    words = f"west,south,east,north in degrees; west is greater than east across the antimeridian. {more}"
    return parameter("bbox", words, TEXT, required=True)


def _page() -> Schema:
    return parameter("page", f"1 to {query.MAX_PAGE}.", _whole(query.MAX_PAGE) | {"default": 1})


def _one_of(name: str, description: str, values: tuple[str, ...] | Mapping[str, str]) -> Schema:
    labels = BY_NAME[name].options
    listed = ", ".join(f"{value} ({labels[value]})" for value in values)
    return parameter(name, f"{description} One of {listed}.", {"type": "string", "enum": [*values]})


def _miles() -> dict[str, Any]:
    number = {"type": "number", "minimum": query.MIN_MILES, "maximum": query.MAX_MILES}
    return {"anyOf": [number, {"const": "any"}], "default": 50}


def _whole(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}
