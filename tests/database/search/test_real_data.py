"""On all rows of the real files the order equals a brute-force great-circle ranking. No names are read."""

import csv
import os
from pathlib import Path

import pytest
from support.oracle import assert_search, store_listings
from support.random_searches import QueryGenerator, random_listings
from support.synthetic_listings import NOW, SyntheticListing, assert_equals_brute_force, make_rng

from directory.geography.point import Point
from directory.search.filters import Filters
from directory.search.query import SearchQuery

SEARCHES = int(os.environ.get("BMA_SEARCHES", "150"))
"""How many are asked; 10,000 take some minutes."""

CORNERS = [
    Point(40.7831, -73.9712), Point(34.05, -118.24), Point(47.0, -109.0), Point(64.0, -153.0), Point(18.2, -66.5),
    Point(52.0, 179.99), Point(52.0, -179.99), Point(51.0, 180.0), Point(51.0, -180.0), Point(90.0, 0.0),
    Point(-90.0, 0.0), Point(0.0, 0.0), Point(-39.0, 104.0), Point(13.4, 144.8), Point(21.3, -157.8),
]  # fmt: skip
"""Dense, sparse, across the antimeridian, the poles, and nearly opposite to everybody."""

POINT_FILES = {
    "practice_addresses_target_specialties_938.csv": ("zip_lat", "zip_lon"),
    "geocode_truth_5982.csv": ("lat", "lon"),
}
"""Files with coordinates, and the columns that hold them."""

NPPES_FILES = {
    "nppes_national_1000.csv": "Provider Business Practice Location Address Postal Code",
    "nppes_with_deactivated_999.csv": "Provider Business Practice Location Address Postal Code",
    "nppes_organizations_40.csv": "Provider Business Practice Location Address Postal Code",
    "nppes_secondary_locations_9528.csv": "Provider Secondary Practice Location Address - Postal Code",
}
"""Registry files, and the column that holds the ZIP."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def points_by_zip(folder: Path) -> dict[str, Point]:
    return {
        row["zcta"]: Point(float(row["latitude"]), float(row["longitude"]))
        for row in rows(folder / "census_zcta_centroids_33791.csv")
    }


def zip_of(text: str) -> str:
    """The first five digits of a ZIP, of which the registry writes some as floats, without leading zeros."""
    digits = text.strip().removesuffix(".0")
    return digits.zfill(9 if len(digits) > 5 else 5)[:5]


@pytest.fixture(scope="module")
def points(real_data: Path) -> list[Point]:
    """Every place in the files."""
    found = [
        Point(float(row[lat]), float(row[lon]))
        for name, (lat, lon) in POINT_FILES.items()
        for row in rows(real_data / name)
        if row[lat] and row[lon]
    ]
    by_zip = points_by_zip(real_data)
    for name, column in NPPES_FILES.items():
        zips = [zip_of(row[column]) for row in rows(real_data / name) if row[column]]
        found += [by_zip[code] for code in zips if code in by_zip]
    return found


def test_there_is_real_input_enough_to_mean_something(points):
    assert len(points) > 15_000


def test_every_row_in_full_order_equals_the_ranking_by_brute_force(session, index, points):
    """Not only the first page: all rows, in pages of a hundred, as far as pages go."""
    brute = store_listings(session, index, make_rng(1), [SyntheticListing((point,)) for point in points], "snapshot")
    for origin in (Point(40.7831, -73.9712), Point(52.0, 179.99)):
        pages = -(-len(points) // 100)
        for page in {1, 2, 7, pages // 2, pages, pages + 1}:
            assert_equals_brute_force(session, index, brute, SearchQuery(origin, page=page, per_page=100))


def test_searches_from_anywhere_equal_brute_force(session, index, points):
    """Whose real places these are stays not stated: whatever else is asked for finds nobody."""
    rng = make_rng(938)
    brute = store_listings(session, index, make_rng(1), [SyntheticListing((point,)) for point in points], "snapshot")
    asking = QueryGenerator(rng, [*points, *CORNERS * 200], brute.vocabulary)
    for _ in range(SEARCHES):
        assert_search(session, index, brute, SearchQuery(asking.origin(), asking.rng.choice([None, 5, 25, 250])))
    assert index.find(session, SearchQuery(points[0], filters=Filters(badge="1")), now=NOW).hits == ()


@pytest.mark.parametrize("mode", ["snapshot", "both"])
def test_filtered_searches_over_made_up_listings_at_real_places_equal_the_oracle(session, index, points, mode):
    """Listings that nobody has, with one to four of the places each: no answer stands beside a real entry."""
    rng = make_rng(5982)
    brute = store_listings(session, index, rng, random_listings(rng, points, 8000), mode)
    asking = QueryGenerator(rng, [*points, *CORNERS * 200], brute.vocabulary)
    for _ in range(SEARCHES):
        assert_search(session, index, brute, asking.query())
