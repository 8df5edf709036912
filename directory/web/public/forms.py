"""The form for a search near the visitor's position, which is rounded so that it does not reveal a home."""

from wtforms import StringField

from directory.errors import FieldError
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.search.filter_types import parse_number
from directory.web.support.search_form import FilterForm, submitted_value

GRID_DEGREES = 0.05
"""Grid to which the browser, and again the server, rounds a position: about 3 miles, too coarse to show a home."""

GRID_UNCERTAINTY_MILES = 2.5
"""Distance from the center of a grid square to its corners."""


class NearMeForm(FilterForm):
    """A search around a position that the browser sent, already rounded."""

    lat = StringField("Latitude")
    lon = StringField("Longitude")

    def place(self) -> Place | None:
        """Return the nearest grid point; None if the input is invalid, and the fields then have errors."""
        self.validate()
        lat, lon = parse_number(submitted_value(self.lat)), parse_number(submitted_value(self.lon))
        for name, label, degrees, most in (("lat", "Latitude", lat, 90), ("lon", "Longitude", lon, 180)):
            if not abs(degrees) <= most:
                self.add_errors([FieldError(name, f"{label} must be a number from −{most} to {most}.")])
        if self.errors or self.filter_errors:
            return None
        point = Point(_snap_to_grid(lat), _snap_to_grid(lon))
        return Place("where you are", None, None, None, point, Precision.POINT, GRID_UNCERTAINTY_MILES)

    def posted(self, point: Point) -> dict[str, str]:
        """Return the form fields that repeat this search around `point`."""
        return {"lat": f"{point.lat:.2f}", "lon": f"{point.lon:.2f}", **self.kept()}


def _snap_to_grid(degrees: float) -> float:
    return round(round(degrees / GRID_DEGREES) * GRID_DEGREES, 2)
