"""The place from which the comparison page measures distances: a ZIP code or a town, never a precise point."""

from dataclasses import dataclass

from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer, Unknown
from directory.geocoding.place import Place, Precision
from directory.web.support.search_form import SearchForm

POINT_MESSAGE = "Type a ZIP code or a town. The address of this page can be passed on, so it should not hold a point."
ADD_STATE_MESSAGE = "Type the state with it."


@dataclass(frozen=True, slots=True)
class DistanceOrigin:
    """The typed text and the place it names; if it cannot be used, `fault` is the error and `place` is None."""

    typed: str = ""
    place: Place | None = None
    fault: str = ""


def parse_distance_origin(form: SearchForm, gazetteer: Gazetteer) -> DistanceOrigin:
    """Return the place that the form names; without one, both `place` and `fault` are empty."""
    typed = str(form.near.data or "")
    match form.look_up(gazetteer, coordinates=True):
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
