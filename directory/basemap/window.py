"""A flat window on the surroundings of a point: places degrees on a drawing and cuts shapes to its edges."""

import math
from dataclasses import dataclass, field

from directory.basemap.outline import Extent, Line
from directory.geography.point import EARTH_RADIUS_MILES, Point

WIDTH, HEIGHT = 480.0, 400.0
MARGIN = 26.0
"""Units kept free around what must be seen, so that no pin is cut off."""
LEAST_REACH_MILES = 4.0
"""A single address is shown with its surroundings, no nearer than its precision deserves."""
MILES_A_DEGREE = math.radians(1) * EARTH_RADIUS_MILES

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Window:
    """An equirectangular window, true to scale along its middle; units run right and down from its north-west."""

    middle: Point
    units_a_mile: float
    width: float = WIDTH
    height: float = HEIGHT
    _shrink: float = field(init=False, repr=False, compare=False)
    """How much shorter a degree of longitude is than one of latitude; never quite nothing at a pole."""

    def __post_init__(self) -> None:
        # Worked out once: it is asked for every corner of every county.
        object.__setattr__(self, "_shrink", max(0.01, math.cos(math.radians(self.middle.lat))))

    @property
    def half_height_miles(self) -> float:
        """Miles from the middle to the upper edge."""
        return self.height / 2 / self.units_a_mile

    def place_degrees(self, lon: float, lat: float) -> Spot:
        """Where on the drawing; the shorter way round the globe."""
        east = (lon - self.middle.lon + 180.0) % 360.0 - 180.0
        a_degree = self.units_a_mile * MILES_A_DEGREE
        return (
            self.width / 2 + east * self._shrink * a_degree,
            self.height / 2 - (lat - self.middle.lat) * a_degree,
        )

    def place(self, point: Point) -> Spot:
        """Where on the drawing."""
        return self.place_degrees(point.lon, point.lat)

    def holds(self, point: Point) -> bool:
        """Whether the point is inside the margin."""
        x, y = self.place(point)
        return MARGIN <= x <= self.width - MARGIN and MARGIN <= y <= self.height - MARGIN

    def touches(self, extent: Extent) -> bool:
        """Whether something that extends so far can reach into the window."""
        south, west, north, east = extent
        up = self.half_height_miles / MILES_A_DEGREE
        if north < self.middle.lat - up or south > self.middle.lat + up:
            return False
        across = self.width / 2 / self.units_a_mile / MILES_A_DEGREE / self._shrink
        half = (east - west) / 2
        apart = abs((west + half - self.middle.lon + 180.0) % 360.0 - 180.0)
        return apart <= across + half

    def clip(self, ring: Line) -> list[Spot]:
        """The ring on the drawing, cut to a little beyond its edges (Sutherland and Hodgman)."""
        spots = self._unrolled(ring)
        beyond = MARGIN
        for axis, limit, sign in (
            (0, -beyond, 1.0),
            (0, self.width + beyond, -1.0),
            (1, -beyond, 1.0),
            (1, self.height + beyond, -1.0),
        ):
            spots = _cut(spots, axis, limit, sign)
        return spots

    def _unrolled(self, ring: Line) -> list[Spot]:
        """The ring's spots as one connected ring, however it lies to the far side of the globe."""
        west, east = ring.extent[1], ring.extent[3]
        a_degree = self.units_a_mile * MILES_A_DEGREE
        centre = (west + east) / 2
        moved = (centre - self.middle.lon + 180.0) % 360.0 - 180.0 - centre
        return [
            (
                self.width / 2 + (lon + moved) * self._shrink * a_degree,
                self.height / 2 - (lat - self.middle.lat) * a_degree,
            )
            for lon, lat in ring.points
        ]


def window_around(middle: Point, reach_miles: float) -> Window:
    """The window that holds all within `reach_miles`, inside the margin."""
    reach = max(reach_miles, LEAST_REACH_MILES)
    return Window(middle, (min(WIDTH, HEIGHT) / 2 - MARGIN) / reach)


def _cut(spots: list[Spot], axis: int, limit: float, sign: float) -> list[Spot]:
    """What of a ring lies above a limit on one axis (sign 1) or below it (sign -1)."""
    kept: list[Spot] = []
    for before, spot in zip(spots[-1:] + spots[:-1], spots, strict=True):
        was, is_now = sign * (before[axis] - limit), sign * (spot[axis] - limit)
        if (was < 0) != (is_now < 0):
            part = was / (was - is_now)
            kept.append((before[0] + part * (spot[0] - before[0]), before[1] + part * (spot[1] - before[1])))
        if is_now >= 0:
            kept.append(spot)
    return kept
