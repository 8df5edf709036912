"""The flat window: what it shows, what it cuts away, and the far side of the globe."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from directory.basemap.outline import Layer, Line
from directory.basemap.window import HEIGHT, MARGIN, WIDTH, window_around
from directory.geography.box import box_around
from directory.geography.point import Point, miles_between

PLACES = st.builds(Point, st.floats(-65, 72), st.one_of(st.floats(-180, 180), st.floats(179, 180)))


def square(south, west, north, east):
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return Line(np.array(ring), (south, west, north, east))


def touches(window, ring):
    return bool(window.touching(Layer.of([ring])))


@given(PLACES, st.floats(5, 500), st.floats(0, 0.98), st.sampled_from([(0, 1), (0, -1), (1, 0), (-1, 0)]))
@example(Point(51.88, 179.9), 300.0, 0.9, (0, 1))
def test_all_within_the_distance_is_inside_the_margin(middle, miles, part, way):
    box = box_around(middle, miles * part)
    down, right = way
    lat = middle.lat + down * (box.north - middle.lat)
    lon = middle.lon if not right else (box.east if right > 0 else box.west)
    if abs(lat) > 75:
        return
    window = window_around(middle, miles)
    # Along the parallel of the middle a box is a little wider than the circle it holds.
    if right == 0 or miles_between(middle, Point(lat, lon)) <= miles * 0.98:
        x, y = window.place(Point(lat, lon))
        assert -1 <= x <= WIDTH + 1
        assert MARGIN - 1 <= y <= HEIGHT - MARGIN + 1


def test_a_mile_is_as_long_to_the_east_as_to_the_north():
    middle = Point(60.0, -150.0)
    window = window_around(middle, 50.0)
    x, y = window.place(middle)
    east = window.place(Point(60.0, -149.9))[0] - x
    north = y - window.place(Point(60.1, -150.0))[1]
    assert north / east == pytest.approx(2.0, rel=1e-6)


def test_what_surrounds_the_window_fills_it():
    window = window_around(Point(39.0, -98.0), 30.0)
    cut = window.clip(square(30.0, -110.0, 45.0, -90.0))
    assert {(round(x), round(y)) for x, y in cut} == {
        (-MARGIN, -MARGIN),
        (WIDTH + MARGIN, -MARGIN),
        (-MARGIN, HEIGHT + MARGIN),
        (WIDTH + MARGIN, HEIGHT + MARGIN),
    }


def test_what_is_elsewhere_is_cut_away_whole():
    window = window_around(Point(39.0, -98.0), 30.0)
    elsewhere = square(30.0, -120.0, 31.0, -119.0)
    assert len(window.clip(elsewhere)) == 0
    assert not touches(window, elsewhere)


@pytest.mark.parametrize("lon", [179.95, -179.95])
def test_land_on_both_sides_of_the_antimeridian_is_in_one_window(lon):
    window = window_around(Point(52.0, lon), 60.0)
    east, west = square(51.9, -179.9, 52.1, -179.5), square(51.9, 179.5, 52.1, 179.9)
    assert touches(window, east)
    assert touches(window, west)
    assert max(x for x, _ in window.clip(west)) < min(x for x, _ in window.clip(east))


@given(PLACES, st.floats(5, 400), st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 8), st.floats(0.1, 8))
def test_nothing_reaches_beyond_the_cut_and_nothing_that_touches_is_missed(middle, miles, up, right, tall, wide):
    window = window_around(middle, miles)
    lat = max(-70.0, min(75.0, middle.lat + up))
    ring = square(lat, middle.lon + right, lat + tall, middle.lon + right + wide)
    cut = window.clip(ring)
    assert all(-MARGIN - 1e-6 <= x <= WIDTH + MARGIN + 1e-6 for x, _ in cut)
    assert all(-MARGIN - 1e-6 <= y <= HEIGHT + MARGIN + 1e-6 for _, y in cut)
    if any(0 < x < WIDTH and 0 < y < HEIGHT for x, y in cut):
        assert touches(window, ring)
