"""The squares of the map hold what they should: held against brute force where the map is at its worst."""

import dataclasses
import itertools
import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from points_on_a_globe import bearings, going, points, shares

from directory.geography.point import Point, miles_between
from directory.search import cells
from directory.search.cells import HALF_ROUND_MILES, ZOOM, Square, blocks, code_of, merged, morton, without


def holds(ranges: Iterable[cells.Range], code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


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
    south, north = cells.edge_lat(zoom, square.y + 1), cells.edge_lat(zoom, square.y)
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
    south, north = cells.edge_lat(zoom, square.y + 1), cells.edge_lat(zoom, square.y)
    west = -180.0 + square.x * width
    edge = [Point(south + (north - south) * i / steps, west + width * j) for i in range(steps + 1) for j in (0, 1)]
    edge += [Point(end, west + width * i / steps) for i in range(steps + 1) for end in (south, north)]
    pace = (HALF_ROUND_MILES / 180.0) * max(width, north - south) / steps
    aways = [miles_between(point, place) for place in edge]
    nearest = square.nearest_miles(point)
    assert nearest <= cells.SLACK_MILES or min(aways) <= nearest + pace
    antipode_inside = square.farthest_miles(point) >= HALF_ROUND_MILES - cells.SLACK_MILES
    assert antipode_inside or max(aways) >= square.farthest_miles(point) - pace


def block(point: Point, zoom: int) -> list[int]:
    return blocks(point, [zoom])[zoom]


def codes_of(prefixes: list[int], zoom: int) -> list[cells.Range]:
    shift = 2 * (ZOOM - zoom)
    return [(prefix << shift, ((prefix + 1) << shift) - 1) for prefix in prefixes]


@given(points, st.integers(1, ZOOM))
def test_blocks_of_finer_zooms_lie_within_coarser_ones_and_hold_their_point(point, zoom):
    assert {prefix >> 2 for prefix in block(point, zoom)} <= set(block(point, zoom - 1))
    assert holds(codes_of(block(point, zoom), zoom), code_of(point))


@given(points, st.sampled_from([0, 1]))
def test_the_coarsest_blocks_are_the_whole_map(point, zoom):
    assert merged(codes_of(block(point, zoom), zoom)) == ((0, 2 ** (2 * ZOOM) - 1),)


@given(st.builds(Point, st.floats(-80, 80), st.floats(-180, 180)), st.integers(2, 20), bearings)
def test_a_block_holds_all_that_lies_nearer_than_half_a_square(point, zoom, bearing):
    half_square = 2 * HALF_ROUND_MILES / (1 << zoom) * math.cos(math.radians(abs(point.lat))) / 2
    # Towards the pole squares shrink, so a little less than half the square at the point's own latitude.
    near = going(point, half_square * 0.2, bearing)
    if abs(near.lat) < 85:
        assert holds(codes_of(block(point, zoom), zoom), code_of(near))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)).map(lambda pair: (pair[0], sum(pair)))))
def test_merged_ranges_hold_the_same_codes_apart_and_in_order(ranges):
    found = merged(ranges)
    assert {code for low, high in found for code in range(low, high + 1)} == {
        code for low, high in ranges for code in range(low, high + 1)
    }
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(found))


@given(*[st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)).map(lambda pair: (pair[0], sum(pair))))] * 2)
def test_what_is_left_without_holes_is_what_lies_in_none(ranges, holes):
    left = without(merged(ranges), merged(holes))
    inside, gone = ({code for low, high in some for code in range(low, high + 1)} for some in (ranges, holes))
    assert [code for low, high in left for code in range(low, high + 1)] == sorted(inside - gone)


def test_a_square_is_a_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Square(0, 0, 0).zoom = 1
