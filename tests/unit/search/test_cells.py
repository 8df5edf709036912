"""The squares of the map hold what they should: held against brute force where the map is at its worst."""

import dataclasses
import itertools
import math

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from directory.geography.point import Point, miles_between
from directory.search import cells
from directory.search.cells import HALF_ROUND_MILES, ZOOM, Square, block, code_of, cover, merged, morton

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


def holds(ranges: tuple[cells.Range, ...], code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


def assert_covered(centre: Point, miles: float, squares: int, point: Point) -> None:
    found, away = cover(centre, miles, squares=squares), miles_between(centre, point)
    if away <= miles:
        assert holds(found.ranges, code_of(point))
    if holds(found.inner, code_of(point)):
        assert away <= miles


def test_a_code_weaves_the_bits_of_column_and_row():
    assert [morton(x, y) for y in range(4) for x in range(4)] == [
        0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15,
    ]  # fmt: skip
    assert morton(2**ZOOM - 1, 2**ZOOM - 1) == 2 ** (2 * ZOOM) - 1


@given(st.integers(0, 2**ZOOM - 1), st.integers(0, 2**ZOOM - 1))
def test_a_code_keeps_every_bit_of_both(x, y):
    woven = format(morton(x, y), f"0{2 * ZOOM}b")
    assert (int(woven[1::2], 2), int(woven[0::2], 2)) == (x, y)


@given(points)
def test_a_point_lies_in_the_square_of_its_code_at_every_zoom(point):
    finest = cells.square_of(point)
    for zoom in range(ZOOM + 1):
        square = Square(zoom, finest.x >> (ZOOM - zoom), finest.y >> (ZOOM - zoom))
        first, last = square.codes
        assert first <= code_of(point) <= last
        assert square.nearest_miles(point) <= cells.SLACK_MILES / 10


def test_the_quarters_of_a_square_are_exactly_its_codes():
    square = Square(9, 105, 194)
    assert merged(quarter.codes for quarter in square.quarters) == (square.codes,)


@given(points, st.integers(0, ZOOM), shares, shares, shares)
def test_no_place_in_a_square_is_nearer_or_farther_than_it_says(point, zoom, across, down, aside):
    """The square is one near the point, because far ones would rarely test anything."""
    column, row = cells.square_of(point).x >> (ZOOM - zoom), cells.square_of(point).y >> (ZOOM - zoom)
    rows = 1 << zoom
    square = Square(zoom, (column + round(4 * aside) - 2) % rows, min(max(row + round(4 * aside) - 2, 0), rows - 1))
    width = 360.0 / rows
    south, north = cells._edge_lat(zoom, square.y + 1), cells._edge_lat(zoom, square.y)
    inside = Point(
        min(max(south + (north - south) * down, -90.0), 90.0),
        min(max(-180.0 + (square.x + across) * width, -180.0), 180.0),
    )
    away = miles_between(point, inside)
    assert square.nearest_miles(point) <= away + cells.SLACK_MILES
    assert square.farthest_miles(point) >= away - cells.SLACK_MILES


@given(points, st.integers(0, 12), st.integers(0, 2**12), st.integers(0, 2**12))
def test_the_nearest_place_is_really_that_near(point, zoom, x, y):
    """Not only a lower bound: walking the square's edge finds a place about as near, and one as far."""
    square = Square(zoom, x % (1 << zoom), y % (1 << zoom))
    width, steps = 360.0 / (1 << zoom), 64
    south, north = cells._edge_lat(zoom, square.y + 1), cells._edge_lat(zoom, square.y)
    west = -180.0 + square.x * width
    edge = [Point(south + (north - south) * i / steps, west + width * j) for i in range(steps + 1) for j in (0, 1)]
    edge += [Point(end, west + width * i / steps) for i in range(steps + 1) for end in (south, north)]
    pace = (HALF_ROUND_MILES / 180.0) * max(width, north - south) / steps
    aways = [miles_between(point, place) for place in edge]
    nearest = square.nearest_miles(point)
    assert nearest <= cells.SLACK_MILES or min(aways) <= nearest + pace
    antipode_inside = square.farthest_miles(point) >= HALF_ROUND_MILES - cells.SLACK_MILES
    assert antipode_inside or max(aways) >= square.farthest_miles(point) - pace


@given(points, radii, st.integers(4, 200), points)
@example(Point(0, 100), HALF_ROUND_MILES * 170 / 180, 16, Point(0, -85))
def test_a_circle_is_covered_wherever_a_point_lies(centre, miles, squares, point):
    assert_covered(centre, miles, squares, point)


@given(points, radii, st.integers(4, 200), bearings, st.sampled_from([0.0, 0.5, 0.9999, 1.0, 1.0001, 1.5]))
def test_a_circle_is_covered_up_to_its_very_edge(centre, miles, squares, bearing, share):
    assert_covered(centre, miles, squares, going(centre, min(miles * share, HALF_ROUND_MILES), bearing))


@given(at_the_antimeridian, st.floats(0.001, 300), st.integers(4, 64), bearings, shares)
def test_a_circle_across_the_antimeridian_is_covered_on_both_sides(centre, miles, squares, bearing, share):
    assert_covered(centre, miles, squares, going(centre, miles * share, bearing))


@given(at_a_pole, st.floats(0.001, 3000), st.integers(4, 64), bearings, shares)
def test_a_circle_about_a_pole_is_covered_on_every_longitude(centre, miles, squares, bearing, share):
    assert_covered(centre, miles, squares, going(centre, miles * share, bearing))


@given(points, st.integers(4, 64))
def test_a_point_is_covered_by_a_circle_of_no_miles_about_it(point, squares):
    assert_covered(point, 0.0, squares, point)


@given(points, radii, st.integers(4, 200))
def test_a_cover_keeps_to_its_squares_and_counts_no_code_twice(centre, miles, squares):
    found = cover(centre, miles, squares=squares)
    runs = sorted((*found.inner, *found.rim))
    assert len(runs) <= squares
    assert all(before[1] < after[0] for before, after in itertools.pairwise(runs))


@given(st.builds(Point, st.floats(-70, 70), st.floats(-180, 180)), st.floats(1, 250))
def test_a_cover_does_not_reach_much_farther_than_the_circle(centre, miles):
    """A cover of everything would pass the tests above: this one holds a far point outside."""
    far = going(centre, miles * 3.5, 1.0)
    assert not holds(cover(centre, miles, squares=16).ranges, code_of(far))


@given(points)
def test_a_circle_round_the_globe_covers_all_and_lies_wholly_inside(centre):
    found = cover(centre, HALF_ROUND_MILES + 1, squares=16)
    assert found.inner == ((0, 2 ** (2 * ZOOM) - 1),)
    assert found.rim == ()


@given(points, st.integers(1, ZOOM))
def test_blocks_of_finer_zooms_lie_within_coarser_ones_and_hold_their_point(point, zoom):
    inner, outer = block(point, zoom), block(point, zoom - 1)
    assert cells.lie_within(inner, outer)
    assert holds(inner, code_of(point))


@given(points, st.sampled_from([0, 1]))
def test_the_coarsest_blocks_are_the_whole_map(point, zoom):
    assert block(point, zoom) == ((0, 2 ** (2 * ZOOM) - 1),)


@given(st.builds(Point, st.floats(-80, 80), st.floats(-180, 180)), st.integers(2, 20), bearings)
def test_a_block_holds_all_that_lies_nearer_than_half_a_square(point, zoom, bearing):
    half_square = 2 * HALF_ROUND_MILES / (1 << zoom) * math.cos(math.radians(abs(point.lat))) / 2
    # Towards the pole squares shrink, so a little less than half the square at the point's own latitude.
    near = going(point, half_square * 0.2, bearing)
    if abs(near.lat) < 85:
        assert holds(block(point, zoom), code_of(near))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)).map(lambda pair: (pair[0], sum(pair)))))
def test_merged_ranges_hold_the_same_codes_apart_and_in_order(ranges):
    found = merged(ranges)
    assert {code for low, high in found for code in range(low, high + 1)} == {
        code for low, high in ranges for code in range(low, high + 1)
    }
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(found))


def test_a_range_between_two_others_does_not_lie_within_them():
    assert cells.lie_within([(2, 3)], [(0, 4), (6, 9)])
    assert not cells.lie_within([(3, 6)], [(0, 4), (6, 9)])


class TestAPlantedFault:
    """The properties can fail: each fault that was made on purpose is found."""

    def found_by(self, check) -> None:
        only_find = settings(max_examples=2000, database=None, derandomize=True, phases=[Phase.generate])
        with pytest.raises(AssertionError):
            only_find(check)()

    def test_a_map_that_ends_at_the_antimeridian_is_found(self, monkeypatch):
        def flat(square: Square, point: Point) -> float:
            width = 360.0 / (1 << square.zoom)
            west = square.x * width - 180.0
            beside = max(west - point.lon, point.lon - west - width, 0.0)
            south, north = cells._edge_lat(square.zoom, square.y + 1), cells._edge_lat(square.zoom, square.y)
            return cells._miles_to_meridian(point.lat, beside, south, north)

        monkeypatch.setattr(Square, "nearest_miles", flat)

        @given(at_the_antimeridian, st.floats(1, 300), bearings, shares)
        def check(centre, miles, bearing, share):
            assert_covered(centre, miles, 16, going(centre, miles * share, bearing))

        self.found_by(check)

    def test_rows_that_end_where_mercator_does_are_found(self, monkeypatch):
        def cut(zoom: int, y: int) -> float:
            return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / (1 << zoom)))))

        monkeypatch.setattr(cells, "_edge_lat", cut)

        @given(at_a_pole, st.floats(1, 300), bearings, shares)
        def check(centre, miles, bearing, share):
            assert_covered(centre, miles, 16, going(centre, miles * share, bearing))

        self.found_by(check)

    def test_a_nearest_place_taken_from_the_corners_is_found(self, monkeypatch):
        def corners(lat: float, beside: float, south: float, north: float) -> float:
            start = Point(lat, 0.0)
            return min(miles_between(start, Point(end, min(beside, 180.0))) for end in (south, north))

        monkeypatch.setattr(cells, "_miles_to_meridian", corners)

        @given(anywhere, st.floats(1, 3000), bearings, shares)
        def check(centre, miles, bearing, share):
            assert_covered(centre, miles, 16, going(centre, miles * share, bearing))

        self.found_by(check)


def test_a_square_is_a_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Square(0, 0, 0).zoom = 1
