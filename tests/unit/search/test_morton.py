"""Morton codes: a square of the map is a range of codes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.point_strategies import points

from directory.geography.box import WHOLE_GLOBE, box_around
from directory.search.morton import ZOOM, codes_of, columns_and_rows, edges_of, interleave, shared_zoom, squares_in

SLACK = 1e-9
"""Degrees that rounding may move an edge."""


@given(points, st.integers(0, ZOOM))
def test_a_point_lies_within_the_edges_of_its_square(point, zoom):
    x, y = (place >> ZOOM - zoom for place in columns_and_rows([point.lat], [point.lon]))
    south, west, north, east = (float(edge[0]) for edge in edges_of(zoom, x, y))
    assert south - SLACK <= point.lat <= north + SLACK
    assert west - SLACK <= point.lon <= east + SLACK


@given(points, points)
def test_the_shared_zoom_is_the_finest_at_which_two_points_lie_in_one_square(one, other):
    codes = codes_of([one.lat, other.lat], [one.lon, other.lon])
    zoom = int(shared_zoom(codes[:1], codes[1:])[0])
    first, second = (int(code) for code in codes)
    assert first >> 2 * (ZOOM - zoom) == second >> 2 * (ZOOM - zoom)
    if zoom < ZOOM:
        assert first >> 2 * (ZOOM - zoom - 1) != second >> 2 * (ZOOM - zoom - 1)


@given(points, st.floats(0.01, 6000), st.integers(0, ZOOM), points)
def test_every_point_in_a_box_lies_in_one_of_its_squares(center, miles, zoom, point):
    for box in (box_around(center, miles), WHOLE_GLOBE):
        found, x, y = squares_in(box, zoom, 600)
        squares = interleave(x, y)
        assert found <= zoom
        assert len(squares) == len(set(squares.tolist())) <= 600
        assert (np.diff(squares) > 0).all()
        inside = [each for each in (center, point) if box.holds(each)]
        for each in inside:
            prefix = int(codes_of([each.lat], [each.lon])[0]) >> 2 * (ZOOM - found)
            assert prefix in squares


@given(st.integers(0, 2**ZOOM - 1), st.integers(0, 2**ZOOM - 1))
def test_interleaving_alternates_the_bits_of_column_and_row(x, y):
    code = int(interleave(x, y))
    assert [code >> bit & 1 for bit in range(0, 2 * ZOOM, 2)] == [x >> bit & 1 for bit in range(ZOOM)]
    assert [code >> bit & 1 for bit in range(1, 2 * ZOOM, 2)] == [y >> bit & 1 for bit in range(ZOOM)]


def test_the_corners_of_the_map():
    columns, rows = columns_and_rows([90.0, -90.0], [-180.0, 180.0])
    assert columns.tolist() == [0, 2**ZOOM - 1]
    assert rows.tolist() == [0, 2**ZOOM - 1]
