"""Points for hypothesis where a map is at its worst, and the way to where one arrives from them."""

import math

from hypothesis import strategies as st

from directory.geography.point import Point
from directory.search.cells import HALF_ROUND_MILES

anywhere = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
at_the_antimeridian = st.builds(Point, st.floats(-80, 80), st.one_of(st.floats(179, 180), st.floats(-180, -179)))
at_a_pole = st.builds(Point, st.one_of(st.floats(84, 90), st.floats(-90, -84)), st.floats(-180, 180))
beyond_mercator = st.builds(
    Point, st.sampled_from([90.0, -90.0, 85.06, -85.06, 85.0511, -85.0511]), st.floats(-180, 180)
)
points = st.one_of(anywhere, at_the_antimeridian, at_a_pole, beyond_mercator)
radii = st.one_of(st.floats(0, 1), st.floats(1, 300), st.floats(300, HALF_ROUND_MILES), st.just(HALF_ROUND_MILES))
shares = st.floats(0, 1)


def going(start: Point, miles: float, bearing: float) -> Point:
    """Where one arrives: the direct problem on the sphere, so that points can be put at a circle's edge."""
    angle = miles / (HALF_ROUND_MILES / math.pi)
    phi, lam = math.radians(start.lat), math.radians(start.lon)
    sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing)
    lat = math.asin(max(-1.0, min(1.0, sine)))
    lon = lam + math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(lat)
    )
    return Point(math.degrees(lat), max(-180.0, min(180.0, (math.degrees(lon) + 540.0) % 360.0 - 180.0)))


bearings = st.floats(0, 2 * math.pi)
