"""The town that gives a group on the map its name."""

from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geocoding import nearest_town
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.grid_index import flat_miles, weighted_distance
from directory.geocoding.nearest_town import FINEST_SQUARE_DEGREES, TOWNS_PER_SQUARE, NearestTownIndex
from directory.geocoding.results import Found
from directory.geocoding.store import TownRow
from directory.geography.point import Point

AURORA, LIMON = Point(39.71, -104.81), Point(39.264, -103.69)
NAMES_A_PAGE = 60
SQUARES_AROUND = 9
"""The square of a point and its neighbors."""


@pytest.mark.parametrize(
    ("point", "spread", "label"),
    [
        (AURORA, 0.0, "Aurora, CO"),
        (LIMON, 0.0, "Limon, CO"),
        (LIMON, 100.0, "Denver, CO"),
        (Point(41.733, -72.833), 0.0, "Farmington, CT"),
        (Point(21.31, -157.86), 0.0, "Honolulu, HI"),
        (Point(13.49, 144.78), 5.0, "Tamuning, GU"),
        (Point(61.2, -149.9), 50.0, "Anchorage, AK"),
    ],
)
def test_a_group_is_named_after_the_town_people_know(
    gazetteer: Gazetteer, point: Point, spread: float, label: str
) -> None:
    town = gazetteer.town_near(point, spread)
    assert town is not None
    assert town.label == label


@pytest.mark.parametrize("point", [Point(0.0, 0.0), Point(51.5, -0.12), Point(-90.0, 0.0), Point(30.0, -150.0)])
def test_far_from_every_town_there_is_no_name(gazetteer: Gazetteer, point: Point) -> None:
    assert gazetteer.town_near(point) is None


@given(
    lat=st.floats(17.0, 72.0), lon=st.floats(-180.0, -64.0) | st.floats(172.0, 180.0), spread=st.floats(0.0, 13_000.0)
)
def test_a_name_lies_within_reach_and_finds_the_town_again(
    gazetteer: Gazetteer, lat: float, lon: float, spread: float
) -> None:
    town = gazetteer.town_near(Point(lat, lon), spread)
    if town is None:
        return
    assert flat_miles(Point(lat, lon), town.point) <= 60.0 + spread
    again = gazetteer.look_up(town.label)
    assert isinstance(again, Found)
    assert again.place == town


@pytest.fixture(scope="module")
def every_town(gazetteer: Gazetteer) -> list[TownRow]:
    return gazetteer._vicinity._store.every_town()


@given(lat=st.floats(38.0, 41.0), lon=st.floats(-106.0, -103.0))
def test_a_lone_point_is_told_by_the_same_town_as_among_all_towns(
    gazetteer: Gazetteer, every_town: list[TownRow], lat: float, lon: float
) -> None:
    """Only the largest of each square are kept, and the one in people's minds is among them."""
    by_square: NearestTownIndex = gazetteer._vicinity
    point = Point(lat, lon)
    within = [town for town in every_town if max(abs(town.lat - lat), abs(town.lon - lon)) <= FINEST_SQUARE_DEGREES]
    best = min(
        within, key=lambda town: (weighted_distance(flat_miles(point, town), town.weight), town.id), default=None
    )
    if best is not None:
        found = by_square.town_near(point, 0.0)
        assert found is not None
        assert weighted_distance(flat_miles(point, found), found.weight) <= weighted_distance(
            flat_miles(point, best), best.weight
        )


def test_a_page_of_groups_is_named_from_memory_by_the_largest_towns_around_each(
    gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [Point(33.6 + number / 100, -118.5 + number / 60) for number in range(NAMES_A_PAGE)]  # where towns crowd
    gazetteer.town_near(points[0])
    measure = Mock(wraps=flat_miles)
    monkeypatch.setattr(nearest_town, "flat_miles", measure)
    monkeypatch.setattr(gazetteer._store, "_rows", Mock(side_effect=AssertionError("it reads the file")))
    assert all(gazetteer.town_near(point, 1.0) for point in points)
    assert NAMES_A_PAGE <= measure.call_count <= NAMES_A_PAGE * SQUARES_AROUND * TOWNS_PER_SQUARE
