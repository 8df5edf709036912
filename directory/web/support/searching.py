"""A search as it is asked in an address: the place and the query that it stands for, or what to mend in it."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, SelectField, StringField
from wtforms.fields import SelectChoice

from directory.errors import Fault, Invalid
from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer, Unknown
from directory.geocoding.place import Place
from directory.geography.point import Point
from directory.search.query import ANY_IMAGING, Filters, SearchQuery

ANY_DISTANCE = "any"
DEFAULT_WITHIN = "50"
DISTANCES = ("10", "25", "50", "100", "250")
"""Miles to choose from; an address may ask for any other number within the limits of a query."""

IMAGING_LABELS = {
    "": "Does not matter",
    ANY_IMAGING: "Any pictures",
    "fluoroscopy": "Live x-ray (fluoroscopy)",
    "ultrasound": "Ultrasound",
    "ct": "CT",
}
MAX_SUGGEST_LENGTH = 100
"""Characters; arbitrary, longer than the longest name of a place with its state."""

_NOWHERE = Point(0.0, 0.0)
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,12}", re.ASCII)


class FilterForm(Form):  # type: ignore[misc]  # WTForms has no types
    """How far, and what else; shared by a search around a place and one around a position."""

    within = SelectField("How far?", default=DEFAULT_WITHIN, validate_choice=False)
    badge = BooleanField("Only with the self-certified tag", render_kw={"value": "1"})
    imaging = SelectField(
        "Pictures to guide the needle",
        choices=[SelectChoice(*pair) for pair in IMAGING_LABELS.items()],
        validate_choice=False,
    )
    page = StringField("Page")

    form_errors: Sequence[str]

    def __init__(self, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(sent)
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
        asked, faults = self._asked(), []
        try:
            filters = Filters(badge=asked.pop("badge"), imaging=asked.pop("imaging"))
        except Invalid as refusal:
            filters, faults = Filters(), list(refusal.faults)
        try:
            query = SearchQuery(origin, filters=filters, **asked)
        except Invalid as refusal:
            faults = [*refusal.faults, *faults]
        self.blame(faults)
        return None if faults else query

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

    def kept(self) -> dict[str, str]:
        """The filters as parameters of an address, as far as they were set."""
        badge = "1" if self.badge.data else ""
        chosen = {"within": str(self.within.data), "badge": badge, "imaging": str(self.imaging.data or "")}
        return {name: value for name, value in chosen.items() if value}

    def _asked(self) -> dict[str, Any]:
        """The texts as values; what is no number becomes one that every limit refuses."""
        within, badge, page = typed(self.within) or DEFAULT_WITHIN, typed(self.badge), typed(self.page) or "1"
        return {
            "within_miles": None if within == ANY_DISTANCE else number(within),
            "badge": badge == "1" if badge in {"", "1"} else badge,
            "imaging": typed(self.imaging) or None,
            "page": int(page) if _WHOLE.fullmatch(page) else 0,
        }


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

    def kept(self) -> dict[str, str]:
        """The place and the filters as parameters of an address."""
        return {"near": self.near.data or "", **super().kept()}


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
