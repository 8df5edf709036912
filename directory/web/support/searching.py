"""A search as it is asked in an address: the place and the query that it stands for, or what to mend in it."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, SelectField, StringField
from wtforms.fields import SelectChoice

from directory.errors import Fault, Invalid
from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer, Unknown
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.listings.specialties import SPECIALTIES
from directory.search.query import After, Filters, SearchQuery
from directory.web.support.filtering import BY_NAME, FILTERS, Counts, Filtering, filtering

ANY_DISTANCE = "any"
DEFAULT_WITHIN = "50"
DISTANCES = ("10", "25", "50", "100", "250")
"""Miles to choose from; an address may ask for any other number within the limits of a query."""

MAX_SUGGEST_LENGTH = 100
"""Characters; arbitrary, longer than the longest name of a place with its state."""

_OF_MANY = frozenset({Precision.POSTAL, Precision.PREFIX, Precision.CITY})
_NOWHERE = Point(0.0, 0.0)
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,12}", re.ASCII)
# As Python writes a float; the shortest distances have an exponent.
_AFTER = re.compile(r"(\d{1,5}(?:\.\d{1,20})?(?:e-\d{1,3})?),(\d{1,10})", re.ASCII)

T = TypeVar("T")


class FilterForm(Form):  # type: ignore[misc]  # WTForms has no types
    """How far, and what else; shared by a search around a place and one around a position."""

    within = SelectField("How far?", default=DEFAULT_WITHIN, validate_choice=False)
    badge = StringField(BY_NAME["badge"].label)
    imaging = StringField(BY_NAME["imaging"].label)
    q = StringField(BY_NAME["q"].label)
    volume = StringField(BY_NAME["volume"].label)
    sites = StringField(BY_NAME["sites"].label)
    bone = StringField(BY_NAME["bone"].label)
    specialty = StringField(BY_NAME["specialty"].label)
    language = StringField(BY_NAME["language"].label)
    kind = StringField(BY_NAME["kind"].label)
    accepting = StringField(BY_NAME["accepting"].label)
    confirmed = StringField(BY_NAME["confirmed"].label)
    page = StringField("Page")
    after = StringField("After")

    form_errors: Sequence[str]

    def __init__(self, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(sent)
        texts = {each.name: typed(self[each.name]) for each in FILTERS}
        self._sent = {name: text for name, text in texts.items() if text}
        asked = typed(self.within)
        offered = sorted({*DISTANCES, *([asked] if _is_distance(asked) else [])}, key=float)
        distances = [SelectChoice(miles, f"{miles} miles") for miles in offered]
        self.within.choices = [*distances, SelectChoice(ANY_DISTANCE, "Any distance")]
        if asked not in {*offered, ANY_DISTANCE}:
            self.within.data = DEFAULT_WITHIN

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all that was sent can be used; if not, the fields' errors say what to mend."""
        super().validate(extra_validators)
        self.blame(_doubled(self))
        self.query(_NOWHERE)
        return not self.errors

    def query(self, origin: Point) -> SearchQuery | None:
        """The search around `origin`; None where a limit is broken, and the fields say which."""
        filters, after = self.filters(), self._taken(lambda: _after(typed(self.after)))
        within, page = typed(self.within) or DEFAULT_WITHIN, typed(self.page) or "1"
        miles = None if within == ANY_DISTANCE else number(within)
        query = self._taken(lambda: SearchQuery(origin, miles, filters or Filters(), page=_whole(page), after=after))
        return query if filters and not self.after.errors else None

    def filters(self) -> Filters | None:
        """What must be true of a listing; None where a limit is broken, and the fields say which."""
        sent = self.sent()
        filters = self._taken(lambda: _filters(sent))
        if filters and filters.specialty and filters.specialty not in SPECIALTIES:
            self.blame([Fault("specialty", f"No specialty of this directory has the code {filters.specialty}.")])
            return None
        return filters

    def blame(self, faults: Iterable[Fault]) -> None:
        """Put each sentence at its field."""
        for fault in faults:
            field = self._fields.get(fault.field)
            if field is None:
                self.form_errors = [*self.form_errors, fault.detail]
            elif fault.detail not in field.errors:
                field.errors = [*field.errors, fault.detail]

    def faults(self) -> list[Fault]:
        """Everything that is to be mended, by the name of its parameter."""
        return [Fault(field.name, sentence) for field in self for sentence in field.errors]

    def sent(self) -> dict[str, str]:
        """The filters that were sent, by the name of their parameter."""
        return dict(self._sent)

    def kept(self) -> dict[str, str]:
        """The distance and the filters as parameters of an address, as far as they were set."""
        return {"within": str(self.within.data), **self.sent()}

    def filtering(self, counts: Counts | None = None, *, most: int = 0) -> Filtering:
        """The filters as the page shows them, see `filtering.filtering`."""
        return filtering(self.sent(), self.errors, counts, most=most)

    def _taken(self, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except Invalid as refusal:
            self.blame(refusal.faults)
            return None


class SearchForm(FilterForm):
    """A search around a place that somebody named."""

    near = StringField("Where?")

    def look_up(self, gazetteer: Gazetteer) -> Found | Ambiguous | Unknown | None:
        """What the named place may be; None where nothing was named, or something is to be mended first."""
        if not (self.validate() and typed(self.near)):
            return None
        try:
            return gazetteer.look_up(self.near.data)
        except Invalid as refusal:
            self.blame(Fault("near", fault.detail) for fault in refusal.faults)
            return None

    def names(self, place: Place) -> bool:
        """Whether it says no more of where somebody is than the ZIP or the town that was understood."""
        says = typed(self.near).casefold()
        return place.precision in _OF_MANY and says in {place.postal_code, place.label.casefold()}

    def kept(self) -> dict[str, str]:
        """The place and the filters as parameters of an address."""
        return {"near": typed(self.near), **super().kept()}


class SuggestForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The beginning of a place's name, typed so far."""

    q = StringField("Where?")

    def places(self, gazetteer: Gazetteer) -> tuple[Place, ...]:
        """The best few places; none for what no place begins with."""
        beginning = typed(self.q)
        sensible = 0 < len(beginning) <= MAX_SUGGEST_LENGTH and beginning.isprintable()
        return gazetteer.suggest(beginning) if sensible else ()


def typed(field: Field) -> str:
    """What was sent for a field; of several the first."""
    return str(field.raw_data[0]).strip() if field.raw_data else ""


def number(text: str) -> float:
    """The number that a person would read, and “not a number” for all else; never an overflow."""
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def _whole(text: str) -> int:
    """The number, and 0, which every limit refuses, for what is none."""
    return int(text) if _WHOLE.fullmatch(text) else 0


def _filters(sent: Mapping[str, str]) -> Filters:
    """The texts as values; what is no number becomes one that every limit refuses."""
    values: dict[str, Any] = {**sent}
    for name in ("badge", "accepting", "confirmed"):
        values[name] = {"": False, "1": True}.get(sent.get(name, ""), sent.get(name))
    if "volume" in sent:
        values["volume"] = number(sent["volume"])
    if "sites" in sent:
        values["sites"] = _whole(sent["sites"])
    return Filters(**values)


def _after(text: str) -> After | None:
    found = _AFTER.fullmatch(text)
    if text and not found:
        return After(math.nan, 0)
    return After(float(found[1]), int(found[2])) if found else None


def _is_distance(text: str) -> bool:
    try:
        SearchQuery(_NOWHERE, number(text))
    except Invalid:
        return False
    return True


def _doubled(form: Form) -> Iterator[Fault]:
    for field in form:
        if field.raw_data and len(field.raw_data) > 1:
            yield Fault(field.name, f"“{field.name}” was given {len(field.raw_data)} times. Give it once.")
