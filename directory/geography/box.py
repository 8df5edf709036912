"""A bounding box of latitudes and longitudes."""

import math
from dataclasses import dataclass

from directory.geography.point import EARTH_RADIUS_MILES, Point


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees, WGS84. West is greater than east if it crosses the antimeridian (RFC 7946)."""

    south: float
    west: float
    north: float
    east: float

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """The longitudes covered, as one span, or as two across the antimeridian."""
        if self.west <= self.east:
            return ((self.west, self.east),)
        return ((self.west, 180.0), (-180.0, self.east))

    def holds(self, point: Point) -> bool:
        """Return whether the point lies inside or on the edge."""
        if not self.south <= point.lat <= self.north:
            return False
        return any(west <= point.lon <= east for west, east in self.spans)


WHOLE_GLOBE = Box(-90.0, -180.0, 90.0, 180.0)


def box_around(centre: Point, miles: float) -> Box:
    """Return the smallest box that contains the circle of that radius; near a pole it covers all longitudes."""
    angle = miles / EARTH_RADIUS_MILES
    if angle >= math.pi:
        return WHOLE_GLOBE
    lat_reach = math.degrees(angle)
    south, north = centre.lat - lat_reach, centre.lat + lat_reach
    if south <= -90.0 or north >= 90.0:
        return Box(max(south, -90.0), -180.0, min(north, 90.0), 180.0)
    lon_reach = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(centre.lat)))))
    if lon_reach >= 180.0:
        return Box(south, -180.0, north, 180.0)
    west, east = centre.lon - lon_reach, centre.lon + lon_reach
    return Box(south, west + 360.0 if west < -180.0 else west, north, east - 360.0 if east > 180.0 else east)
