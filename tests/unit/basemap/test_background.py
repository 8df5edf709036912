"""The tiles of the server's map: they cover the window, fit together, and are drawn once."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.basemap import background as module
from directory.basemap.background import TILE_UNITS, GridTile, build_background, tile_path, viewport_tiles
from directory.basemap.outline import Layer, Line, Outline, PlaceNames
from directory.basemap.viewport import HEIGHT, WIDTH, viewport_around
from directory.geography.point import Point

PLACES = st.builds(Point, st.floats(-89.9, 89.9), st.floats(-180, 180))


def line(*points):
    array = np.array(points, float)
    (west, south), (east, north) = array.min(axis=0).tolist(), array.max(axis=0).tolist()
    return Line(array, (south, west, north, east))


def square(south, west, north, east):
    return line((west, south), (east, south), (east, north), (west, north), (west, south))


def outline(*, land=(), county_lines=()):
    nothing = Layer.of(())
    return Outline(
        sheet_land="",
        sheet_lines="",
        sheet_cities=(),
        credits_line="",
        abroad=nothing,
        land=Layer.of(land),
        built_up=nothing,
        dense=nothing,
        lakes=nothing,
        county_lines=Layer.of(county_lines),
        roads=nothing,
        state_lines=nothing,
        towns=PlaceNames((), np.empty((2, 0))),
        airports=PlaceNames((), np.empty((2, 0))),
    )


def spots(path, transform):
    """Each part of some path data as spots on the drawing."""
    right, _, _, down, x, y = (float(part) for part in re.findall(r"-?[\d.]+(?:e-?\d+)?", transform))
    parts = []
    for part in re.findall(r"M([^Mz]*)", path):
        start, _, rest = part.partition("l")
        steps = np.array([*start.split(), *rest.split()], float).reshape(-1, 2)
        parts.append(np.cumsum(steps, axis=0) * (right, down) + (x, y))
    return parts


def area(ring):
    x, y = ring.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


@given(PLACES, st.floats(1, 550))
def test_the_tiles_cover_the_window_and_are_few(middle, miles):
    window = viewport_around(middle, miles)
    tiles = list(viewport_tiles(window))
    assert len({tile.zoom for tile in tiles}) == 1
    assert 0 < len(tiles) <= 16 * 8
    side = 360 / 2 ** tiles[0].zoom
    columns = {tile.column for tile in tiles}
    half = WIDTH / 2 / window.units_a_mile / module.MILES_PER_DEGREE / window.shrink
    assert min(columns) * side - 180 <= middle.lon - min(half, 180)
    assert (max(columns) + 1) * side - 180 >= middle.lon + min(half, 180)


@given(st.floats(25, 49), st.floats(-125, -67), st.floats(4, 500))
def test_land_all_around_fills_the_window_without_gaps_between_its_tiles(lat, lon, miles):
    window = viewport_around(Point(lat, lon), miles)
    drawn = build_background(outline(land=[square(-10, -179, 85, 0)]), window, has_counties=False)
    rings = spots(drawn.land, drawn.transform)
    every = np.concatenate(rings)
    assert every.min(axis=0)[0] <= 0.01
    assert every.min(axis=0)[1] <= 0.01
    assert every.max(axis=0)[0] >= WIDTH - 0.01
    assert every.max(axis=0)[1] >= HEIGHT - 0.01
    width, height = every.max(axis=0) - every.min(axis=0)
    assert sum(map(area, rings)) == pytest.approx(width * height, rel=1e-6)


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(20, 200))
def test_a_line_lies_where_the_window_places_it(up, right, miles):
    middle, end = Point(40.0, -100.0), Point(40.0 + up, -100.0 + right)
    window = viewport_around(middle, miles)
    drawn = build_background(
        outline(county_lines=[line((middle.lon, middle.lat), (end.lon, end.lat))]), window, has_counties=True
    )
    target = np.array(window.place(end)) - window.place(middle)
    length = np.hypot(*target)
    if length < 5:
        return
    for part in spots(drawn.county_lines, drawn.transform):
        away = np.abs((part - window.place(middle)) @ (-target[1] / length, target[0] / length))
        assert away.max() < 1.0
    joined = sum(np.hypot(*(part[-1] - part[0])) for part in spots(drawn.county_lines, drawn.transform))
    inside = 0 < window.place(end)[0] < WIDTH and 0 < window.place(end)[1] < HEIGHT
    if inside:
        assert joined == pytest.approx(length, abs=6)


def test_what_is_elsewhere_is_not_drawn():
    drawn = build_background(
        outline(land=[square(30, -120, 31, -119)]), viewport_around(Point(39, -98), 30), has_counties=True
    )
    assert drawn.land == ""


@pytest.mark.parametrize("lon", [179.95, -179.95])
def test_land_on_both_sides_of_the_antimeridian_is_in_one_window(lon):
    land = [square(51.9, -179.9, 52.1, -179.5), square(51.9, 179.5, 52.1, 179.9)]
    drawn = build_background(outline(land=land), viewport_around(Point(52.0, lon), 60.0), has_counties=False)
    every = np.concatenate(spots(drawn.land, drawn.transform))
    assert -30 < every[:, 0].min() < every[:, 0].max() < WIDTH + 30


def test_a_tile_is_drawn_once_for_all_windows(monkeypatch):
    country = outline(land=[square(30, -120, 45, -90)])
    window = viewport_around(Point(39.0, -98.0), 30.0)
    build_background(country, window, has_counties=True)

    def refuse(*_):
        raise AssertionError("a tile was drawn again")

    monkeypatch.setattr(module, "_clip_to_tile", refuse)
    build_background(country, viewport_around(Point(39.001, -98.001), 30.0), has_counties=True)


def test_a_tile_inside_the_land_is_its_square():
    path = tile_path(outline(land=[square(30, -120, 45, -90)]), "land", GridTile(9, 116, 71))
    (ring,) = spots(path, "matrix(1 0 0 1 0 0)")
    assert area(ring) == TILE_UNITS**2
    assert ring.min(axis=0).tolist() == [116 * TILE_UNITS, 71 * TILE_UNITS]
