"""JSON Schemas for the API; those for answers are generated from the ruleset."""

from collections.abc import Iterable
from typing import Any

from directory.certification.criteria import AnswerKind, Question
from directory.certification.ruleset import Ruleset
from directory.certification.scoring import Grade
from directory.evidence.labels import Label
from directory.geocoding.place import Precision
from directory.listings.field import Field
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.web.api.statistics_schemas import statistics_schemas

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_NULLABLE_NUMBER: Schema = {"type": ["number", "null"]}
_NULLABLE_TEXT: Schema = {"type": ["string", "null"]}
_BOOLEAN: Schema = {"type": "boolean"}
_COMPLETE: Schema = {"const": True, "description": "always true: every number is exact"}
_GRADE: Schema = {"type": "string", "enum": [grade.word for grade in Grade]}
_FINDING: dict[str, Schema] = {"criterion": TEXT, "answer": {}, "grade": _GRADE, "sentence": TEXT}
_PROOF: Schema = {"type": ["string", "null"], "enum": [*(label.value for label in Label), None]}


def schemas(ruleset: Ruleset) -> dict[str, Schema]:
    """Return all schemas by name; those for answers are generated from the ruleset."""
    return {
        **_place_schemas(),
        **_cluster_schemas(),
        **_provider_schemas(),
        **_ruleset_schemas(ruleset),
        **statistics_schemas(),
        "Problem": _problem(),
    }


def _place_schemas() -> dict[str, Schema]:
    precision = {"type": "string", "enum": [precision.value for precision in Precision]}
    place = _object(
        label=TEXT, state=_NULLABLE_TEXT, lat=_NUMBER, lon=_NUMBER, precision=precision, uncertainty_miles=_NUMBER
    )
    return {"Place": place, "Places": _object(places=_array("Place"))}


def _cluster_schemas() -> dict[str, Schema]:
    """Return the cluster schemas.

    A cluster of one listing has its `slug` and `badge`; a larger one has the `place` it is near.
    """
    corners = {"type": "array", "items": _NUMBER, "minItems": 4, "maxItems": 4}
    cluster = _object(
        lat=_NUMBER,
        lon=_NUMBER,
        count={"type": "integer", "minimum": 1, "description": "listings, each once"},
        badge_count={"type": "integer", "minimum": 0, "description": "of these, those whose badge shows today"},
        complete=_COMPLETE,
        name=TEXT,
        place=_NULLABLE_TEXT,
        bbox={**corners, "description": "west, south, east, north of a square that holds all of the group"},
        slug=_NULLABLE_TEXT,
        badge={"type": ["boolean", "null"]},
    )
    return {
        "Cluster": cluster,
        "Clusters": _object(clusters=_array("Cluster")),
        "Member": _object(slug=TEXT, name=TEXT, badge=_BOOLEAN, lat=_NUMBER, lon=_NUMBER),
        "Members": _object(providers=_array("Member"), next=_NULLABLE_TEXT),
    }


def _provider_schemas() -> dict[str, Schema]:
    provider, location = _provider(), _object(**_declared(LOCATION_FIELDS))
    with_all = {**provider, "properties": {**provider["properties"], "locations": _array("Location")}}
    feature = _object(
        type={"const": "Feature"}, id=TEXT, geometry={"type": ["object", "null"]}, properties=ref("Provider")
    )
    return {
        "Location": location,
        "Technique": _technique(),
        "Provider": with_all,
        "Providers": _object(
            place={"anyOf": [ref("Place"), {"type": "null"}], "description": "null in a search by name"},
            within_miles=_NULLABLE_NUMBER,
            total={"type": "integer"},
            complete=_COMPLETE,
            next=_NULLABLE_TEXT,
            facets=_facets(),
            providers=_array("Provider"),
        ),
        "Features": _object(
            type={"const": "FeatureCollection"}, next=_NULLABLE_TEXT, features={"type": "array", "items": feature}
        ),
    }


def _ruleset_schemas(ruleset: Ruleset) -> dict[str, Schema]:
    answers = {criterion.key: _answer(criterion) for criterion in ruleset.criteria}
    return {
        "Ruleset": {"type": "object"},
        "Finding": _object(**_FINDING),
        "StatedFinding": _object(**_FINDING, proof=_PROOF),
        "Question": _object(ruleset=TEXT, answers={"type": "object", "properties": answers}),
        "Assessment": _object(ruleset=TEXT, grade=_GRADE, badge_earned=_BOOLEAN, findings=_array("Finding")),
    }


def _provider() -> Schema:
    return _object(
        **_declared(LISTING_FIELDS),
        miles={**_NULLABLE_NUMBER, "description": "null where the request names no place"},
        outside_radius={"type": ["boolean", "null"]},
        location=ref("Location"),
        standing=TEXT,
        badge=_BOOLEAN,
        technique={"anyOf": [ref("Technique"), {"type": "null"}]},
        related_to_operator={
            **_BOOLEAN,
            "description": "Whether the operator of this directory said that the provider is related to it",
        },
    )


def _facets() -> Schema:
    count = {"type": "integer", "minimum": 1}
    return {
        "type": "object",
        "description": "Parameter, value, and how many of all listings found have that value.",
        "additionalProperties": {"type": "object", "additionalProperties": count},
    }


def _declared(fields: Iterable[Field]) -> dict[str, Schema]:
    return {each.api_name: each.schema for each in fields if each.api_name}


def _technique() -> Schema:
    return _object(
        grade=_GRADE,
        badge=_BOOLEAN,
        self_attested={"const": True},
        words=TEXT,
        ruleset=TEXT,
        signed_on={"type": "string", "format": "date"},
        valid_until={"type": "string", "format": "date-time"},
        findings=_array("StatedFinding"),
    )


def _problem() -> Schema:
    error = {
        "type": "object",
        "properties": {"parameter": TEXT, "pointer": TEXT, "detail": TEXT},
        "required": ["detail"],
    }
    return _object(
        type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT, errors={"type": "array", "items": error}
    )


def _answer(question: Question) -> Schema:
    """Return the schema of an answer; null or a missing key means unanswered."""
    options = [option.value for option in question.options]
    if question.kind is AnswerKind.CHOICE:
        return {"type": ["string", "null"], "enum": [*options, None], "description": question.question}
    if question.kind is AnswerKind.CHOICES:
        methods = {"type": "array", "items": {"type": "string", "enum": options}}
        often = {"type": "string", "enum": [option.value for option in question.how_often]}
        none = {**_object(methods={**methods, "maxItems": 0}), "additionalProperties": False}
        some = _object(methods=methods | {"minItems": 1}, **({"how_often": often} if question.how_often else {}))
        return {"anyOf": [some, none, {"type": "null"}], "description": question.question}
    one = {"type": "integer" if question.kind is AnswerKind.COUNT else "number", **_limits(question)}
    both = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
    return {"anyOf": [one, both, {"type": "null"}], "description": question.question}


def _limits(question: Question) -> Schema:
    limits = question.limits
    return {"minimum": float(limits.at_least), "maximum": float(limits.at_most)} if limits else {}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(schema: str) -> Schema:
    return {"type": "array", "items": ref(schema)}


def ref(schema: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{schema}"}
