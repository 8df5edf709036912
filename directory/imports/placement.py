"""Places a practice on the map, never outside the area of its ZIP code."""

from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.place import Place
from directory.geography.point import miles_between


def place_in_zip(gazetteer: Gazetteer, city: str, state: str, zip_code: str) -> Place | None:
    """Return where a practice is, by its ZIP code and town; None if that would be a guess.

    The town's point is used only where it lies in the area of the ZIP code, and the ZIP code's own point otherwise.
    """
    place = gazetteer.place_address(None, city, state, zip_code)
    of_zip = gazetteer.place_address(None, None, state, zip_code)
    if place is None or of_zip is None or miles_between(place.point, of_zip.point) <= of_zip.uncertainty_miles:
        return place
    return of_zip
