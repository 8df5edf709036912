"""Opening hours of a location: for each weekday, a list of [opens, closes] in 24-hour local time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, TypeAlias

from directory.errors import FieldError, Invalid
from directory.listings.text_limits import check_text

Spans: TypeAlias = Sequence[Sequence[str]]
Hours: TypeAlias = Mapping[str, Spans]
"""`{"monday": [["08:00", "12:00"], ["13:00", "17:00"]], "saturday": []}` is open twice on Monday, closed on Saturday.

For a weekday that is left out, nothing is stated.
"""

NAME = "opening_hours"

WEEKDAYS = {day.lower(): day for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}

MAX_SPANS = 3
"""The most spans of one day; arbitrary, one more than a practice with a lunch break needs."""

MAX_TEXT = 100
"""The most characters typed for one day; arbitrary, twice the longest text for three spans."""

CLOSED = "closed"

TIME_PATTERN = r"([01]\d|2[0-3]):[0-5]\d"

_NBSP = "\N{NO-BREAK SPACE}"

_FORMAT_ERROR = "must be times from 0:00 to 23:59, such as 8:00-12:00, 13:00-17:00, or the word closed."

_TIME = re.compile(TIME_PATTERN, re.ASCII)
_TYPED_TIME = r"(\d{1,2})(?:[:.](\d\d))? *(?:([ap])\.?m\.?)?"
_TYPED_SPAN = re.compile(rf"{_TYPED_TIME} *(?:-|–|—|to) *{_TYPED_TIME}", re.ASCII | re.IGNORECASE)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        day: {
            "type": "array",
            "maxItems": MAX_SPANS,
            "items": {
                "type": "array",
                "items": {"type": "string", "pattern": f"^{TIME_PATTERN}$"},
                "minItems": 2,
                "maxItems": 2,
            },
        }
        for day in WEEKDAYS
    },
    "additionalProperties": False,
}
"""The JSON Schema of opening hours."""


def parse(texts: Mapping[str, str]) -> Hours:
    """Parse the text typed for each weekday, such as “8:00-12:00, 1 pm - 5 pm” or “closed”.

    Raises:
        Invalid: has an error for each weekday that cannot be read.
    """
    hours: dict[str, Spans] = {}
    faults: list[FieldError] = []
    for day in WEEKDAYS:
        text = " ".join(texts.get(day, "").split())
        if not text:
            continue
        broken = list(check_text(f"{NAME}-{day}", _noun(day), text, most=MAX_TEXT))
        if not broken:
            hours[day] = [] if text.lower() == CLOSED else sorted(map(_parse_span, re.split(r"[,;]", text)))
        faults += broken
    if faults := [*faults, *check(hours)]:
        raise Invalid(faults)
    return hours


def to_texts(hours: Mapping[str, Any]) -> dict[str, str]:
    """Format opening hours as text for the form; values that are already text stay unchanged."""
    return {day: spans if isinstance(spans, str) else _format_spans(spans) for day, spans in hours.items()}


def check(hours: Hours) -> Iterator[FieldError]:
    """Validate opening hours and yield an error for each broken limit, with the weekday in the field name."""
    for day in sorted(hours.keys() - WEEKDAYS.keys()):
        yield FieldError(NAME, f"Opening hours are of weekdays, and {day[:20]!r} is none.")
    for day in WEEKDAYS:
        if sentence := _day_error(hours.get(day, ())):
            yield FieldError(f"{NAME}-{day}", f"{_noun(day)} {sentence}")


def display(hours: Hours) -> str:
    """Format opening hours: “Mon–Fri 8 am to 5 pm, Sat closed”; empty if nothing is stated. A span never wraps."""
    texts = []
    for spans, run in groupby(WEEKDAYS, key=hours.get):
        if spans is None:
            continue
        days = [WEEKDAYS[day][:3] for day in run]
        name = "–".join(dict.fromkeys((days[0], days[-1])))
        words = " and ".join(f"{_format_time(opens)}{_NBSP}to{_NBSP}{_format_time(closes)}" for opens, closes in spans)
        texts.append(f"{name} {words or CLOSED}")
    return ", ".join(texts)


def _noun(day: str) -> str:
    return f"Opening hours on {WEEKDAYS[day]}"


def _parse_span(text: str) -> list[str]:
    """Parse two typed times; the list is empty if they cannot be read, which `check` rejects."""
    found = _TYPED_SPAN.fullmatch(text.strip())
    return [_parse_time(*found.groups()[:3]), _parse_time(*found.groups()[3:])] if found else []


def _parse_time(hour: str, minute: str | None, half: str | None) -> str:
    """Convert a typed time to the form “08:00”; empty if there is no such time of day."""
    number = int(hour)
    if half:
        number = number % 12 + (12 if half.lower() == "p" else 0) if 1 <= number <= 12 else -1
    text = f"{number:02}:{minute or '00'}"
    return text if _TIME.fullmatch(text) else ""


def _day_error(spans: Spans) -> str:
    """The end of the error message for one day; empty if there is no error."""
    if len(spans) > MAX_SPANS:
        return f"may have at most {MAX_SPANS} spans; these are {len(spans)}."
    if not all(len(span) == 2 and all(_TIME.fullmatch(time) for time in span) for span in spans):
        return _FORMAT_ERROR
    for opens, closes in spans:
        if opens >= closes:
            return f"must close after they open; {opens}-{closes} does not. Write the afternoon as 5 pm or 17:00."
    for one, next_one in pairwise(sorted(map(list, spans))):
        if next_one[0] < one[1]:
            return f"may not overlap; {'-'.join(one)} and {'-'.join(next_one)} do."
    return ""


def _format_spans(spans: Spans) -> str:
    return ", ".join("-".join(span) for span in spans) or CLOSED


def _format_time(time: str) -> str:
    """Format a time as “8 am”, “12:30 pm” or “noon”."""
    if time == "12:00":
        return "noon"
    hour, minute = int(time[:2]), time[3:]
    return f"{hour % 12 or 12}{'' if minute == '00' else f':{minute}'}{_NBSP}{'am' if hour < 12 else 'pm'}"
