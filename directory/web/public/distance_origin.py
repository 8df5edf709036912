"""The place from which the comparison page measures distances: a ZIP code or a town, never a precise point."""

from dataclasses import dataclass

from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer, Unknown
from directory.geocoding.place import Place, Precision
from directory.web.support.search_form import SearchForm

POINT_MESSAGE = "Type a ZIP code or a town. The address of this page can be passed on, so it should not hold a point."
ADD_STATE_MESSAGE = "Type the state with it."


@dataclass(frozen=True, slots=True)
class DistanceOrigin:
    """What was typed, and the place that it names; `fault` says what to mend, and there is no place then."""

    typed: str = ""
    place: Place | None = None
    fault: str = ""


def parse_distance_origin(form: SearchForm, gazetteer: Gazetteer) -> DistanceOrigin:
    """The place that a form names; neither place nor fault where it names none."""
    typed = str(form.near.data or "")
    match form.look_up(gazetteer):
        case Found(place) if place.precision is Precision.POINT:
            return DistanceOrigin(fault=POINT_MESSAGE)
        case Found(place):
            return DistanceOrigin(typed, place)
        case Ambiguous(_, sentence):
            return DistanceOrigin(typed, fault=f"{sentence} {ADD_STATE_MESSAGE}")
        case Unknown(_, _, sentence):
            return DistanceOrigin(typed, fault=sentence)
        case None:
            return DistanceOrigin(typed, fault=" ".join(form.near.errors))
