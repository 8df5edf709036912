"""The flat window: what it shows, and how long a mile is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from directory.basemap.viewport import HEIGHT, MARGIN, WIDTH, viewport_around
from directory.geography.box import box_around
from directory.geography.point import Point, miles_between

PLACES = st.builds(Point, st.floats(-65, 72), st.one_of(st.floats(-180, 180), st.floats(179, 180)))


@given(PLACES, st.floats(5, 500), st.floats(0, 0.98), st.sampled_from([(0, 1), (0, -1), (1, 0), (-1, 0)]))
@example(Point(51.88, 179.9), 300.0, 0.9, (0, 1))
def test_all_within_the_distance_is_inside_the_margin(middle, miles, part, way):
    box = box_around(middle, miles * part)
    down, right = way
    lat = middle.lat + down * (box.north - middle.lat)
    lon = middle.lon if not right else (box.east if right > 0 else box.west)
    if abs(lat) > 75:
        return
    window = viewport_around(middle, miles)
    # Along the parallel of the middle a box is a little wider than the circle it holds.
    if right == 0 or miles_between(middle, Point(lat, lon)) <= miles * 0.98:
        x, y = window.place(Point(lat, lon))
        assert -1 <= x <= WIDTH + 1
        assert MARGIN - 1 <= y <= HEIGHT - MARGIN + 1


def test_a_mile_is_as_long_to_the_east_as_to_the_north():
    middle = Point(60.0, -150.0)
    window = viewport_around(middle, 50.0)
    x, y = window.place(middle)
    east = window.place(Point(60.0, -149.9))[0] - x
    north = y - window.place(Point(60.1, -150.0))[1]
    assert north / east == pytest.approx(2.0, rel=1e-6)
