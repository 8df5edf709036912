"""The form for a search near the visitor's position, which is rounded so that it does not reveal a home."""

from wtforms import StringField

from directory.errors import FieldError
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.web.support.search_form import FilterForm, parse_number, submitted_value

GRID_DEGREES = 0.05
"""What the browser rounds a position to, and the server again: about 3 miles, too coarse to say where anybody lives."""

GRID_UNCERTAINTY_MILES = 2.5
"""From the middle of a square of the grid to its corners."""


class NearMeForm(FilterForm):
    """A search around a position that the browser gave, already rounded there."""

    lat = StringField("Latitude")
    lon = StringField("Longitude")

    def place(self) -> Place | None:
        """The nearest corner of the grid; None where something is to be mended, and the fields say what."""
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
        """The fields of a form that asks the same again."""
        return {"lat": f"{point.lat:.2f}", "lon": f"{point.lon:.2f}", **self.kept()}


def _snap_to_grid(degrees: float) -> float:
    return round(round(degrees / GRID_DEGREES) * GRID_DEGREES, 2)
