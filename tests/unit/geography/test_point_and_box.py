"""Distances and boxes, held against geopy and against circles walked point by point."""

import math

import pytest
from geopy.distance import great_circle
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from directory.geography.box import WHOLE_GLOBE, Box, box_around
from directory.geography.point import EARTH_RADIUS_MILES, Point, miles_between

HARD_LATITUDES = st.one_of(
    st.floats(-90, 90), st.floats(84, 90), st.floats(-90, -84), st.sampled_from([90.0, -90.0, 0.0])
)
HARD_LONGITUDES = st.one_of(
    st.floats(-180, 180), st.floats(178, 180), st.floats(-180, -178), st.sampled_from([180.0, -180.0])
)
POINTS = st.builds(Point, HARD_LATITUDES, HARD_LONGITUDES)
MILES = st.one_of(st.floats(0, 600), st.floats(0, 13_000))


def walked(centre: Point, miles: float, bearing: float) -> Point:
    """The point reached from the centre, by turning vectors: another way than the code under test."""
    lat, lon, angle = math.radians(centre.lat), math.radians(centre.lon), miles / EARTH_RADIUS_MILES
    up = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    north = (-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat))
    east = (-math.sin(lon), math.cos(lon), 0.0)
    x, y, z = (
        math.cos(angle) * u + math.sin(angle) * (math.cos(bearing) * n + math.sin(bearing) * e)
        for u, n, e in zip(up, north, east, strict=True)
    )
    return Point(math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x)))


def grown(box: Box, by: float) -> Box:
    """The box with a hair's breadth around it, for what floating point loses at its very edge."""
    return Box(box.south - by, box.west - by, box.north + by, box.east + by)


@pytest.mark.parametrize(
    ("lat", "lon"), [(90.1, 0), (-90.1, 0), (0, 180.1), (0, -180.1), (math.nan, 0), (0, math.nan), (math.inf, 0)]
)
def test_a_point_off_the_globe_is_refused(lat, lon):
    with pytest.raises(ValueError, match="is not between"):
        Point(lat, lon)


@given(POINTS, POINTS)
@example(Point(0, 180), Point(0, -180))
@example(Point(90, 0), Point(90, 180))
@example(Point(0, 0), Point(0, 180))
def test_miles_are_those_of_geopy(a, b):
    oracle = great_circle((a.lat, a.lon), (b.lat, b.lon)).miles
    # Haversine loses digits near the antipode, where a thousandth of a mile does not matter.
    assert miles_between(a, b) == pytest.approx(oracle, rel=1e-6, abs=2e-3)


@given(POINTS, POINTS)
def test_the_way_there_is_as_long_as_the_way_back(a, b):
    assert miles_between(a, b) == pytest.approx(miles_between(b, a), rel=1e-12, abs=1e-9)


@given(POINTS, st.floats(-180, 180))
def test_both_names_of_the_antimeridian_are_one_place(a, lat_seed):
    lat = lat_seed / 2
    assert miles_between(a, Point(lat, 180.0)) == pytest.approx(miles_between(a, Point(lat, -180.0)), abs=1e-6)


@given(POINTS, MILES, st.floats(0, 2 * math.pi))
@example(Point(65.0, 179.9), 500.0, math.pi / 2)
@example(Point(-17.0, -179.9), 50.0, 3 * math.pi / 2)
@example(Point(89.5, 10.0), 100.0, 0.0)
def test_a_box_around_a_circle_holds_all_of_it(centre, miles, bearing):
    on_the_circle = walked(centre, miles * 0.999999, bearing)
    assert grown(box_around(centre, miles), 1e-6).holds(on_the_circle)


@given(st.floats(-80, 80), HARD_LONGITUDES, st.floats(1, 500))
def test_a_box_is_no_larger_than_its_circle_needs(lat, lon, miles):
    centre, box = Point(lat, lon), box_around(Point(lat, lon), miles)
    if box.east - box.west == 360.0:
        return  # a pole lies inside
    assert miles_between(centre, Point(box.north, lon)) == pytest.approx(miles, rel=1e-6)
    assert miles_between(centre, Point(box.south, lon)) == pytest.approx(miles, rel=1e-6)
    touching = walked(centre, miles, math.acos(math.tan(math.radians(lat)) * math.tan(miles / EARTH_RADIUS_MILES)))
    turned = (touching.lon - box.east + 180.0) % 360.0 - 180.0
    assert turned == pytest.approx(0.0, abs=1e-6)


def as_at_the_equator(centre: Point, miles: float) -> Box:
    reach = miles / 69.0
    return Box(centre.lat - reach, centre.lon - reach, centre.lat + reach, centre.lon + reach)


def without_the_bulge(centre: Point, miles: float) -> Box:
    """Scales by the middle's parallel: too narrow, because a circle is widest nearer to the pole."""
    lat_reach = math.degrees(miles / EARTH_RADIUS_MILES)
    lon_reach = lat_reach / math.cos(math.radians(centre.lat))
    box = box_around(centre, miles)
    west, east = centre.lon - lon_reach, centre.lon + lon_reach
    return Box(box.south, west + 360.0 if west < -180.0 else west, box.north, east - 360.0 if east > 180.0 else east)


def without_the_antimeridian(centre: Point, miles: float) -> Box:
    box = box_around(centre, miles)
    return Box(box.south, max(-180.0, min(box.west, centre.lon)), box.north, min(180.0, max(box.east, centre.lon)))


@pytest.mark.parametrize("planted", [as_at_the_equator, without_the_bulge, without_the_antimeridian])
def test_the_property_above_catches_the_usual_mistakes(planted):
    """Planted faults: without them nobody knows that the strategies reach where a box goes wrong."""

    @settings(max_examples=3000, database=None, phases=[Phase.generate], derandomize=True, deadline=None)
    @given(POINTS, MILES, st.floats(0, 2 * math.pi))
    def all_of_the_circle_is_held(centre, miles, bearing):
        assert grown(planted(centre, miles), 1e-6).holds(walked(centre, miles * 0.999999, bearing))

    with pytest.raises((AssertionError, ExceptionGroup)):
        all_of_the_circle_is_held()


def test_a_box_across_the_antimeridian_has_two_spans_and_no_middle():
    box = box_around(Point(52.0, 179.5), 100.0)
    assert box.west > box.east
    assert len(box.spans) == 2
    assert box.holds(Point(52.0, -179.9))
    assert box.holds(Point(52.0, 179.0))
    assert not box.holds(Point(52.0, 0.0))


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_a_box_near_a_pole_takes_all_longitudes(pole):
    box = box_around(Point(pole * 0.999, -100.0), 60.0)
    assert box.spans == ((-180.0, 180.0),)
    assert box.holds(Point(pole, 77.0))


def test_a_circle_of_half_the_globe_is_the_whole_globe():
    assert box_around(Point(10, 10), 12_500.0) == WHOLE_GLOBE
