"""Search forms: parse and validate search parameters into a place and a query, or report what is invalid."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, SelectField, StringField
from wtforms.fields import SelectChoice

from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer, Unknown
from directory.geocoding.place import Place
from directory.geography.point import Point
from directory.search import filters
from directory.search.filters import Filters
from directory.search.query import Cursor, SearchQuery
from directory.web.support.filter_form import FacetCounts, FilterControls, filter_controls

ANY_DISTANCE = "any"
DEFAULT_WITHIN = "50"
DISTANCES = ("10", "25", "50", "100", "250")
"""Miles to choose from; an address may ask for any other number within the limits of a query."""

MAX_SUGGEST_LENGTH = 100
"""Characters; arbitrary, longer than the longest name of a place with its state."""

_PLACEHOLDER_ORIGIN = Point(0.0, 0.0)
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,12}", re.ASCII)
# As Python writes a float; the shortest distances have an exponent.
_CURSOR = re.compile(r"(\d{1,5}(?:\.\d{1,20})?(?:e-\d{1,3})?),(\d{1,10})", re.ASCII)

T = TypeVar("T")


class FilterForm(Form):  # type: ignore[misc]  # WTForms has no types
    """How far, and what else; shared by a search around a place and one around a position.

    The filters are no fields of the class: they are those that `search.filters` declares when the form is made.
    """

    within = SelectField("How far?", default=DEFAULT_WITHIN, validate_choice=False)
    page = StringField("Page")
    after = StringField("After")

    form_errors: Sequence[str]

    def __init__(self, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(sent)
        given: MultiDict[str, str] = sent if sent is not None else MultiDict()
        texts = {each.name: given.getlist(each.name) for each in filters.FILTERS}
        self._sent = {name: text for name, found in texts.items() if found and (text := found[0].strip())}
        self._repeated = {name: len(found) for name, found in texts.items() if len(found) > 1}
        self.filter_errors: dict[str, list[str]] = {}
        asked = submitted_value(self.within)
        offered = sorted({*DISTANCES, *([asked] if _is_distance(asked) else [])}, key=float)
        distances = [SelectChoice(miles, f"{miles} miles") for miles in offered]
        self.within.choices = [*distances, SelectChoice(ANY_DISTANCE, "Any distance")]
        if asked not in {*offered, ANY_DISTANCE}:
            self.within.data = DEFAULT_WITHIN

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all that was sent can be used; if not, the fields' errors say what to mend."""
        super().validate(extra_validators)
        self.add_errors(_repeated_field_errors(self))
        self.add_errors(_repeated_error(name, number) for name, number in self._repeated.items())
        self.query(_PLACEHOLDER_ORIGIN)
        return not (self.errors or self.filter_errors)

    def query(self, origin: Point | None) -> SearchQuery | None:
        """The search around `origin`, or by name; None where a limit is broken, and the fields say which."""
        filters, after = self.filters(), self._taken(lambda: _parse_cursor(submitted_value(self.after)))
        within, page = submitted_value(self.within) or DEFAULT_WITHIN, submitted_value(self.page) or "1"
        miles = None if within == ANY_DISTANCE else parse_number(within)
        query = self._taken(
            lambda: SearchQuery(origin, miles, filters or Filters(), page=_parse_integer(page), after=after)
        )
        return query if filters and not self.after.errors else None

    def filters(self) -> Filters | None:
        """What must be true of a listing; None where a limit is broken, and the fields say which."""
        values = {name: filters.declared(name).parse(text) for name, text in self._sent.items()}
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
        """Everything that is to be mended, by the name of its parameter."""
        fields = [FieldError(field.name, message) for field in self for message in field.errors]
        return [*fields, *(FieldError(name, text) for name, texts in self.filter_errors.items() for text in texts)]

    def sent(self) -> dict[str, str]:
        """The filters that were sent, by the name of their parameter."""
        return dict(self._sent)

    def kept(self) -> dict[str, str]:
        """The distance and the filters as parameters of an address, as far as they were set."""
        return {"within": str(self.within.data), **self.sent()}

    def controls(self, counts: FacetCounts | None = None) -> FilterControls:
        """The filters as the page shows them, see `filter_form.filter_controls`."""
        return filter_controls(self._sent, self.filter_errors, counts)

    def _taken(self, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except Invalid as refusal:
            self.add_errors(refusal.faults)
            return None


class SearchForm(FilterForm):
    """A search around a place that somebody named."""

    near = StringField("Where?")

    def look_up(self, gazetteer: Gazetteer) -> Found | Ambiguous | Unknown | None:
        """What the named place may be; None where nothing was named, or something is to be mended first."""
        if not (self.validate() and submitted_value(self.near)):
            return None
        try:
            return gazetteer.look_up(self.near.data)
        except Invalid as refusal:
            self.add_errors(FieldError("near", fault.detail) for fault in refusal.faults)
            return None

    def kept(self) -> dict[str, str]:
        """The place and the filters as parameters of an address."""
        return {"near": submitted_value(self.near), **super().kept()}


class SuggestForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The beginning of a place's name, typed so far."""

    q = StringField("Where?")

    def places(self, gazetteer: Gazetteer) -> tuple[Place, ...]:
        """The best few places; none for what no place begins with."""
        beginning = submitted_value(self.q)
        sensible = 0 < len(beginning) <= MAX_SUGGEST_LENGTH and beginning.isprintable()
        return gazetteer.suggest(beginning) if sensible else ()


def submitted_value(field: Field) -> str:
    """What was sent for a field; of several the first."""
    return str(field.raw_data[0]).strip() if field.raw_data else ""


def parse_number(text: str) -> float:
    """The number that a person would read, and “not a number” for all else; never an overflow."""
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def _parse_integer(text: str) -> int:
    """The number, and 0, which every limit refuses, for what is none."""
    return int(text) if _INTEGER.fullmatch(text) else 0


def _parse_cursor(text: str) -> Cursor | None:
    found = _CURSOR.fullmatch(text)
    if text and not found:
        return Cursor(math.nan, 0)
    return Cursor(float(found[1]), int(found[2])) if found else None


def _is_distance(text: str) -> bool:
    try:
        SearchQuery(_PLACEHOLDER_ORIGIN, parse_number(text))
    except Invalid:
        return False
    return True


def _repeated_field_errors(form: Form) -> Iterator[FieldError]:
    for field in form:
        if field.raw_data and len(field.raw_data) > 1:
            yield _repeated_error(field.name, len(field.raw_data))


def _repeated_error(name: str, times: int) -> FieldError:
    return FieldError(name, f"“{name}” was given {times} times. Give it once.")
