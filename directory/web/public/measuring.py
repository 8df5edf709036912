"""From where miles are measured on a page that is passed on: a ZIP code or a town, and never a precise point."""

from dataclasses import dataclass

from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer, Unknown
from directory.geocoding.place import Place, Precision
from directory.web.support.search_form import SearchForm

NOT_A_POINT = "Type a ZIP code or a town. The address of this page can be passed on, so it should not hold a point."
WHICH = "Type the state with it."


@dataclass(frozen=True, slots=True)
class Measure:
    """What was typed, and the place that it names; `fault` says what to mend, and there is no place then."""

    typed: str = ""
    place: Place | None = None
    fault: str = ""


def measure_of(form: SearchForm, gazetteer: Gazetteer) -> Measure:
    """The place that a form names; neither place nor fault where it names none."""
    typed = str(form.near.data or "")
    match form.look_up(gazetteer):
        case Found(place) if place.precision is Precision.POINT:
            return Measure(fault=NOT_A_POINT)
        case Found(place):
            return Measure(typed, place)
        case Ambiguous(_, sentence):
            return Measure(typed, fault=f"{sentence} {WHICH}")
        case Unknown(_, _, sentence):
            return Measure(typed, fault=sentence)
        case None:
            return Measure(typed, fault=" ".join(form.near.errors))
