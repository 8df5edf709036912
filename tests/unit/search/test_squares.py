"""A circle in squares holds all that lies in it, counts none that does not, and is the same as square by square."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from points_on_a_globe import at_a_pole, at_the_antimeridian, bearings, going, points, radii, shares

from directory.geography.point import Point, miles_between
from directory.search.cells import HALF_ROUND_MILES, ZOOM, Range, Square, code_of, merged, morton
from directory.search.squares import NO_SQUARES, Circle, Squares

SHARES = st.sampled_from([0.0, 0.5, 0.9999, 1.0, 1.0001, 1.5])


def holds(ranges: tuple[Range, ...], code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


def assert_covered(centre: Point, miles: float, point: Point) -> None:
    circle, away = Circle.of(centre, miles), miles_between(centre, point)
    if away <= miles:
        assert holds(circle.ranges, code_of(point))
    if holds(merged(codes for squares in circle.inner for codes in squares.codes), code_of(point)):
        assert away <= miles


@given(points, radii, points)
@example(Point(0, 100), HALF_ROUND_MILES * 170 / 180, Point(0, -85))
def test_a_circle_is_covered_wherever_a_point_lies(centre, miles, point):
    assert_covered(centre, miles, point)


@given(points, radii, bearings, SHARES)
def test_a_circle_is_covered_up_to_its_very_edge(centre, miles, bearing, share):
    assert_covered(centre, miles, going(centre, min(miles * share, HALF_ROUND_MILES), bearing))


@given(at_the_antimeridian, st.floats(0.001, 300), bearings, shares)
def test_a_circle_across_the_antimeridian_is_covered_on_both_sides(centre, miles, bearing, share):
    assert_covered(centre, miles, going(centre, miles * share, bearing))


@given(at_a_pole, st.floats(0.001, 3000), bearings, shares)
def test_a_circle_about_a_pole_is_covered_on_every_longitude(centre, miles, bearing, share):
    assert_covered(centre, miles, going(centre, miles * share, bearing))


@given(points)
def test_a_point_is_covered_by_a_circle_of_no_miles_about_it(point):
    assert_covered(point, 0.0, point)


@given(points, radii)
def test_no_code_is_in_two_squares_of_a_circle(centre, miles):
    circle = Circle.of(centre, miles)
    runs = sorted(codes for squares in (*circle.inner, circle.rim) for codes in squares.codes)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(runs))


@given(st.builds(Point, st.floats(-70, 70), st.floats(-180, 180)), st.floats(1, 250))
def test_a_cover_does_not_reach_much_farther_than_the_circle(centre, miles):
    """A cover of everything would pass the tests above: this one holds a far point outside."""
    assert not holds(Circle.of(centre, miles).ranges, code_of(going(centre, miles * 3.5, 1.0)))


@given(points)
def test_a_circle_round_the_globe_covers_all_and_lies_wholly_inside(centre):
    circle = Circle.of(centre, HALF_ROUND_MILES + 1)
    assert circle.ranges == ((0, 2 ** (2 * ZOOM) - 1),)
    assert circle.rim is NO_SQUARES


@given(points, radii, st.integers(0, ZOOM), st.data())
def test_many_squares_at_once_lie_as_each_of_them_does(centre, miles, zoom, data):
    side = st.integers(0, (1 << zoom) - 1)
    places = data.draw(st.lists(st.tuples(side, side), min_size=1, max_size=8, unique=True))
    squares = Squares(zoom, np.array([morton(x, y) for x, y in places], np.int64))
    inside, rim = (set(found.prefixes.tolist()) for found in squares.lying(centre, miles))
    for x, y in places:
        square, prefix = Square(zoom, x, y), morton(x, y)
        if square.farthest_miles(centre) <= miles - 0.01:
            assert prefix in inside
        if square.nearest_miles(centre) > miles + 0.01:
            assert prefix not in inside | rim
        elif square.farthest_miles(centre) > miles + 0.01:
            assert prefix not in inside


class TestAPlantedFault:
    """The properties can fail: each fault that was made on purpose is found."""

    def found_by(self, centres, most_miles: float) -> None:
        @settings(max_examples=2000, database=None, derandomize=True, phases=[Phase.generate])
        @given(centres, st.floats(1, most_miles), bearings, SHARES | shares)
        def check(centre, miles, bearing, share):
            assert_covered(centre, miles, going(centre, min(miles * share, HALF_ROUND_MILES), bearing))

        with pytest.raises(AssertionError):
            check()

    def test_rows_that_end_where_mercator_does_are_found(self, monkeypatch):
        def cut(squares: Squares, rows):
            return np.arctan(np.sinh(np.pi * (1 - 2 * rows / (1 << squares.zoom))))

        monkeypatch.setattr(Squares, "_edges", cut)
        self.found_by(at_a_pole, 300)

    def test_a_square_that_is_farther_than_it_is_is_found(self, monkeypatch):
        chords = Squares._chords

        def farther(squares: Squares, point: Point):
            nearest, beyond = chords(squares, point)
            return (np.sqrt(nearest) * 1.01 + 1.3e-6) ** 2, beyond  # one in a hundred, and 0.01 miles

        monkeypatch.setattr(Squares, "_chords", farther)
        self.found_by(points, 3000)

    def test_squares_that_are_taken_for_whole_by_their_near_side_are_found(self, monkeypatch):
        chords = Squares._chords

        def by_the_near_side(squares: Squares, point: Point):
            nearest, _ = chords(squares, point)
            return nearest, 1 - nearest  # chords to a place and to its antipode make up one

        monkeypatch.setattr(Squares, "_chords", by_the_near_side)
        self.found_by(points, 3000)


def test_the_greatest_circle_but_one_still_leaves_its_antipode_out():
    centre = Point(40.0, -105.0)
    circle = Circle.of(centre, HALF_ROUND_MILES - 500)
    assert not holds(circle.ranges, code_of(Point(-40.0, 75.0)))
    assert math.isclose(miles_between(centre, Point(-40.0, 75.0)), HALF_ROUND_MILES, abs_tol=0.001)
