"""A point on the globe, and great-circle distances in miles."""

import math
from dataclasses import dataclass

EARTH_RADIUS_MILES = 3958.7613
"""Mean radius (IUGG), as in geopy's great_circle, against which the tests compare."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point in degrees, WGS84.

    Raises:
        ValueError: latitude outside -90..90, longitude outside -180..180, or not a finite number.
    """

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (-90.0 <= self.lat <= 90.0):
            raise ValueError(f"latitude {self.lat} is not between -90 and 90")
        if not (-180.0 <= self.lon <= 180.0):
            raise ValueError(f"longitude {self.lon} is not between -180 and 180")


def miles_between(a: Point, b: Point) -> float:
    """Return the great-circle distance in statute miles, by the haversine formula.

    All code uses this function, so that the order of results and the distances shown agree.
    """
    lat1, lat2 = math.radians(a.lat), math.radians(b.lat)
    half_lat = math.sin((lat2 - lat1) / 2)
    half_lon = math.sin(math.radians(b.lon - a.lon) / 2)
    chord = half_lat * half_lat + math.cos(lat1) * math.cos(lat2) * half_lon * half_lon
    return 2 * EARTH_RADIUS_MILES * math.asin(math.sqrt(min(1.0, chord)))
