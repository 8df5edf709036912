"""The nearest listings of a segment, where many lie at one distance."""

import numpy as np
import pytest

from directory.geography.point import Point, miles_between
from directory.search import nearest
from directory.search.builder import segment_of
from directory.search.document import SearchDocument
from directory.search.nearest import SLACK, Nearby, unit_vectors
from directory.search.query import Cursor

ORIGIN = Point(39.74, -104.98)
IN_ONE_BUILDING, FARTHER, PER_PAGE = 1_500, 60, 20


def document(listing_id: int, lat: float, lon: float) -> SearchDocument:
    return SearchDocument(
        listing_id, listing_id, lat, lon, "Alex Example", "", "Denver", "person", "207Q00000X", (), False, 0, None, 0
    )


def segment_at(points: list[tuple[float, float]]):
    return segment_of([document(number, *point) for number, point in enumerate(points, start=1)])


@pytest.mark.parametrize("building", [(39.75, -104.99), (ORIGIN.lat, ORIGIN.lon)], ids=["away", "at the origin"])
def test_pages_by_cursor_show_a_building_of_many_and_what_lies_behind_it(building: tuple[float, float]) -> None:
    segment = segment_at([building] * IN_ONE_BUILDING + [(39.8 + step / 100, -105.2) for step in range(FARTHER)])
    shown: list[int] = []
    after = None
    while page := Nearby(segment, segment.valid, ORIGIN).nearest(PER_PAGE, after=after):
        shown += [near.listing_id for near in page]
        after = Cursor(page[-1].miles, page[-1].listing_id)
    assert shown == list(range(1, IN_ONE_BUILDING + FARTHER + 1))


def test_a_limit_that_runs_through_a_building_takes_all_of_it_or_none() -> None:
    building = Point(39.75, -104.99)
    segment = segment_at([(building.lat, building.lon)] * IN_ONE_BUILDING)
    nearby = Nearby(segment, segment.valid, ORIGIN)
    miles = nearby.nearest(1)[0].miles
    assert miles == pytest.approx(miles_between(ORIGIN, building))
    assert len(nearby.nearest(IN_ONE_BUILDING, limit=miles)) == IN_ONE_BUILDING
    assert nearby.nearest(IN_ONE_BUILDING, limit=np.nextafter(miles, 0)) == []


def test_distances_are_those_of_the_haversine_formula_from_an_inch_to_the_antipode() -> None:
    rng = np.random.default_rng(7)
    for exponent in np.linspace(-12, 2, 400):
        lat, lon = rng.uniform(-80, 80), rng.uniform(-180, 180)
        step_lat, step_lon = rng.normal(size=2) * 10.0**exponent
        other = Point(float(np.clip(lat + step_lat, -90, 90)), float((lon + step_lon + 540) % 360 - 180))
        for point, error in ((other, 1e-8), (Point(-other.lat, (other.lon + 360) % 360 - 180), SLACK / 4)):
            found = nearest.miles_between(unit_vectors([point.lat], [point.lon]), unit_vectors(lat, lon))
            assert found[0] == pytest.approx(miles_between(Point(lat, lon), point), abs=error)
    assert np.linalg.norm(unit_vectors(12.5, 130.0)) == pytest.approx(1.0, abs=1e-15)
