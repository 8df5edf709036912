"""The sheet of the whole US: where places lie on it, and that it keeps areas true."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geography.albers import HEIGHT, INSETS, WIDTH, project
from directory.geography.point import Point

CORNERS = {
    "Cape Flattery": Point(48.38, -124.71),
    "Madawaska": Point(47.36, -68.33),
    "West Quoddy Head": Point(44.82, -66.95),
    "Key West": Point(24.55, -81.8),
    "San Diego": Point(32.53, -117.12),
    "Brownsville": Point(25.9, -97.5),
    "Northwest Angle": Point(49.38, -95.15),
    "Utqiagvik": Point(71.39, -156.48),
    "Attu": Point(52.9, 172.9),
    "Ketchikan": Point(55.34, -131.65),
    "Hilo": Point(19.72, -155.08),
    "Kauai": Point(22.0, -159.78),
    "San Juan": Point(18.42, -66.06),
    "Saint Croix": Point(17.72, -64.73),
}


@pytest.mark.parametrize("name", CORNERS)
def test_every_end_of_the_country_is_on_the_sheet(name):
    x, y = project(CORNERS[name])
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT


@pytest.mark.parametrize(
    "abroad", [Point(13.44, 144.79), Point(-14.3, -170.7), Point(51.5, -0.1), Point(19.4, -99.1), Point(90, 0)]
)
def test_what_the_sheet_does_not_show_has_no_place_on_it(abroad):
    assert project(abroad) is None


def test_the_aleutians_run_on_across_the_antimeridian():
    (west, _), (east, _) = project(Point(52.0, 179.99)), project(Point(52.0, -179.99))
    assert 0 < east - west < 0.5


@pytest.mark.parametrize("inset", INSETS, ids=lambda inset: inset.name)
def test_an_inset_has_its_centre_where_it_was_put_and_north_up(inset):
    x, y = project(inset.centre)
    assert (x, y) == pytest.approx((inset.x, inset.y))
    north_x, north_y = project(Point(inset.centre.lat + 0.5, inset.centre.lon))
    assert north_x == pytest.approx(x)
    assert north_y < y


@given(st.floats(25.5, 48.5), st.floats(-124.5, -67.5))
def test_areas_are_true(lat, lon):
    """What Albers is for: a square degree's share of the sheet is its share of the globe, anywhere."""
    step = 0.01
    west, south, north = (project(Point(*spot)) for spot in ((lat, lon), (lat, lon + step), (lat + step, lon)))
    ax, ay, bx, by = south[0] - west[0], south[1] - west[1], north[0] - west[0], north[1] - west[1]
    drawn = abs(ax * by - ay * bx)
    true = math.radians(step) * (math.sin(math.radians(lat + step)) - math.sin(math.radians(lat)))
    lower_48 = next(inset for inset in INSETS if inset.name == "the lower 48")
    assert drawn == pytest.approx(true * lower_48.scale**2, rel=1e-3)


def test_neighbours_of_a_state_line_keep_their_order():
    denver, omaha, chicago = (project(Point(*at)) for at in ((39.7, -105.0), (41.3, -96.0), (41.9, -87.6)))
    assert denver[0] < omaha[0] < chicago[0]
