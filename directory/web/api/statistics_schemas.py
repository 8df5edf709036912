"""The JSON Schemas of the public statistics."""

from typing import Any

from directory.certification.scoring import Grade
from directory.statistics.accuracy import COUNTED
from directory.statistics.badge_periods import Loss

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SHARE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_MONTH: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}


def statistics_schemas() -> dict[str, Schema]:
    """Return the schema of the statistics and of its parts, by name."""
    grades = {grade.word: _COUNT for grade in Grade}
    accuracy = {
        "drawn": _COUNT,
        "checked": {**_COUNT, "description": "confirmed or not confirmed"},
        **dict.fromkeys(COUNTED, _COUNT),
        "share": {**_SHARE, "description": "confirmed, of those checked; null if none was checked"},
        "low": {**_SHARE, "description": "the lower end of the 95 % interval (Wilson)"},
        "high": {**_SHARE, "description": "the upper end of the 95 % interval (Wilson)"},
    }
    histogram_bin = _object(numbers=_TEXT, grade={"enum": [grade.word for grade in Grade]}, count=_COUNT)
    statistics = _object(
        counted_at={"type": "string", "format": "date-time"},
        ruleset=_TEXT,
        listings=_object(published=_COUNT, with_answers=_COUNT, badges=_COUNT),
        grades=_array(_object(criterion=_TEXT, label=_TEXT, **grades)),
        histograms=_array(_object(criterion=_TEXT, label=_TEXT, unit=_TEXT, bins=_array(histogram_bin))),
        badges=_array(
            _object(month=_MONTH, gained=_COUNT, **{loss.value: _COUNT for loss in Loss}, shown=_COUNT),
        ),
        badges_ending=_array(_object(month=_MONTH, count=_COUNT)),
        states=_array(_object(state=_TEXT, listings=_COUNT, badges=_COUNT)),
        accuracy=_object(all=_object(**accuracy), states=_array(_object(state=_TEXT, **accuracy))),
    )
    return {"Statistics": statistics}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}
