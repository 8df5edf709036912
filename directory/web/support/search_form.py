"""Search forms: parse and validate search parameters into a place and a query, or report what is invalid."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, SelectField, StringField
from wtforms.fields import SelectChoice

from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer, Unknown
from directory.geocoding.place import Place
from directory.geography.point import Point
from directory.search import filters
from directory.search.filter_types import parse_number
from directory.search.filters import Filters
from directory.search.query import MAX_MILES, MIN_MILES, Cursor, SearchQuery
from directory.web.support.filter_form import FacetCounts, FilterControls, filter_controls

ANY_DISTANCE = "any"
DEFAULT_WITHIN = "50"
DISTANCES = ("10", "25", "50", "100", "250")
"""Distances offered, in miles; a URL may use any other number within the limits of `SearchQuery`."""

MAX_SUGGEST_LENGTH = 100
"""In characters; arbitrary, but longer than the longest place name with its state."""

_PLACEHOLDER_ORIGIN = Point(0.0, 0.0)
_INTEGER = re.compile(r"[+-]?\d{1,12}", re.ASCII)
# The format of Python's float repr; very short distances have an exponent.
_CURSOR = re.compile(r"(\d{1,5}(?:\.\d{1,20})?(?:e-\d{1,3})?),(\d{1,10})", re.ASCII)

T = TypeVar("T")


class FilterForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Distance, filters and paging; shared by searches around a named place and around a position.

    The filters are not WTForms fields: they come from `search.filters` when the form is created.
    """

    within = SelectField("How far?", default=DEFAULT_WITHIN, validate_choice=False)
    page = StringField("Page")
    after = StringField("After")

    form_errors: Sequence[str]

    def __init__(self, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(sent)
        given: MultiDict[str, str] = sent if sent is not None else MultiDict()
        names = [each.name for each in filters.FILTERS]
        self.sent = {name: text for name in names if (text := given.get(name, "").strip())}
        self._repeated = {name: n for name in (*self._fields, *names) if (n := len(given.getlist(name))) > 1}
        self.filter_errors: dict[str, list[str]] = {}
        asked = submitted_value(self.within)
        is_distance = MIN_MILES <= parse_number(asked) <= MAX_MILES
        offered = sorted({*DISTANCES, *([asked] if is_distance else [])}, key=float)
        distances = [SelectChoice(miles, f"{miles} miles") for miles in offered]
        self.within.choices = [*distances, SelectChoice(ANY_DISTANCE, "Any distance")]
        if asked not in {*offered, ANY_DISTANCE}:
            self.within.data = DEFAULT_WITHIN

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all submitted values are valid; otherwise the fields have error messages."""
        super().validate(extra_validators)
        self.add_errors(
            FieldError(name, f"“{name}” was given {times} times. Give it once.")
            for name, times in self._repeated.items()
        )
        self.query(_PLACEHOLDER_ORIGIN)
        return not (self.errors or self.filter_errors)

    def query(self, origin: Point | None) -> SearchQuery | None:
        """Return the search around `origin`, or by name if it is None.

        Returns None if a value is invalid; its field then has an error message.
        """
        filters, after = self.filters(), self._taken(lambda: _parse_cursor(submitted_value(self.after)))
        within, page = submitted_value(self.within) or DEFAULT_WITHIN, submitted_value(self.page) or "1"
        miles = None if within == ANY_DISTANCE else parse_number(within)
        query = self._taken(
            lambda: SearchQuery(origin, miles, filters or Filters(), page=_parse_integer(page), after=after)
        )
        return query if filters and not self.after.errors else None

    def filters(self) -> Filters | None:
        """Return the filters, or None if one is invalid; it then has an error message."""
        values = {name: filters.declared(name).parse(text) for name, text in self.sent.items()}
        return self._taken(lambda: Filters(**values))

    def add_errors(self, faults: Iterable[FieldError]) -> None:
        """Attach error messages to the fields that they name, or to the form."""
        for fault in faults:
            if fault.field in self._fields:
                field = self._fields[fault.field]
                if fault.detail not in field.errors:
                    field.errors = [*field.errors, fault.detail]
            elif any(each.name == fault.field for each in filters.FILTERS):
                messages = self.filter_errors.setdefault(fault.field, [])
                if fault.detail not in messages:
                    messages.append(fault.detail)
            else:
                self.form_errors = [*self.form_errors, fault.detail]

    def faults(self) -> list[FieldError]:
        """Return all errors, each with the name of its parameter."""
        fields = [FieldError(field.name, message) for field in self for message in field.errors]
        return [*fields, *(FieldError(name, text) for name, texts in self.filter_errors.items() for text in texts)]

    def kept(self) -> dict[str, str]:
        """Return the distance and the submitted filters as URL parameters."""
        return {"within": str(self.within.data), **self.sent}

    def controls(self, counts: FacetCounts | None = None) -> FilterControls:
        """Return the filter controls, see `filter_form.filter_controls`."""
        return filter_controls(self.sent, self.filter_errors, counts)

    def _taken(self, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except Invalid as refusal:
            self.add_errors(refusal.faults)
            return None


class SearchForm(FilterForm):
    """A search around a named place."""

    near = StringField("Where?")

    def look_up(self, gazetteer: Gazetteer, *, coordinates: bool = False) -> Found | Ambiguous | Unknown | None:
        """Look up the named place; None if no place is named or the form has errors.

        Pages take no `coordinates`: a precise point would stand in the address of the page.
        """
        if not (self.validate() and submitted_value(self.near)):
            return None
        try:
            return gazetteer.look_up(self.near.data, coordinates=coordinates)
        except Invalid as refusal:
            self.add_errors(FieldError("near", fault.detail) for fault in refusal.faults)
            return None

    def kept(self) -> dict[str, str]:
        """Return the place, distance and filters as URL parameters."""
        return {"near": submitted_value(self.near), **super().kept()}


class SuggestForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The place name prefix for suggestions."""

    q = StringField("Where?")

    def places(self, gazetteer: Gazetteer) -> tuple[Place, ...]:
        """Return the best matching places; empty for no match and for empty, too long or unprintable text."""
        beginning = submitted_value(self.q)
        sensible = 0 < len(beginning) <= MAX_SUGGEST_LENGTH and beginning.isprintable()
        return gazetteer.suggest(beginning) if sensible else ()


def submitted_value(field: Field) -> str:
    """Return the first submitted value of a field, stripped."""
    return str(field.raw_data[0]).strip() if field.raw_data else ""


def _parse_integer(text: str) -> int:
    """Parse an integer; anything else becomes 0, which fails every range check."""
    return int(text) if _INTEGER.fullmatch(text) else 0


def _parse_cursor(text: str) -> Cursor | None:
    found = _CURSOR.fullmatch(text)
    if text and not found:
        return Cursor(math.nan, 0)
    return Cursor(float(found[1]), int(found[2])) if found else None
