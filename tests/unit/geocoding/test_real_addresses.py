"""Six thousand real addresses: all are placed, near where they are, in their state."""

import csv
import math
import statistics

import pytest

from directory.geocoding.results import Ambiguous, Found
from directory.geography.point import Point, miles_between

MEDIAN_MILES = 1.15
MILES_OF_95_IN_100 = 4.3
BORDER_MILES = 12.0
"""A practice may stand this far over the nearest ZIP's border from the state in its address."""


@pytest.fixture(scope="module")
def addresses(real_data):
    with (real_data / "geocode_truth_5982.csv").open() as lines:
        return [row for row in csv.DictReader(lines) if row["suspect"] == "0"]


@pytest.fixture(scope="module")
def placed_addresses(gazetteer, addresses):
    """Every address in parts, with its place and the miles between it and the truth."""
    found = []
    for row in addresses:
        place = gazetteer.place_address(row["line1"], row["city"], row["state"], row["zip5"])
        assert place is not None, row
        found.append((row, place, miles_between(place.point, Point(float(row["lat"]), float(row["lon"])))))
    return found


def percentile(values, share):
    return sorted(values)[math.ceil(share * len(values)) - 1]


def test_every_address_is_placed_and_none_in_another_state(placed_addresses):
    assert len(placed_addresses) == 5960
    assert [
        (row["city"], row["state"], place.label) for row, place, _ in placed_addresses if place.state != row["state"]
    ] == []


def test_addresses_lie_near_where_they_are(placed_addresses):
    miles = [off for _, _, off in placed_addresses]
    assert statistics.median(miles) <= MEDIAN_MILES
    assert percentile(miles, 0.95) <= MILES_OF_95_IN_100


def test_no_point_lies_over_the_border(gazetteer, placed_addresses):
    """The nearest ZIP to each point is of the address's state, or the border is near."""
    over = []
    for row, place, off in placed_addresses:
        there = gazetteer.reverse((place.point.lat, place.point.lon)) if off > BORDER_MILES else None
        if there is not None and there.raw["state"] != row["state"]:
            over.append((place.label, there.address))
    assert over == []


def test_the_uncertainty_that_is_stated_is_true_of_95_in_100(placed_addresses):
    within = sum(off <= place.uncertainty_miles for _, place, off in placed_addresses)
    assert 0.94 < within / len(placed_addresses) < 0.97


def test_an_address_in_one_line_is_found_as_in_parts(gazetteer, addresses):
    apart, contradictions = [], 0
    for row in addresses:
        line = ", ".join(part for part in (row["line1"][:120], row["city"], f"{row['state']} {row['zip5']}") if part)
        answer = gazetteer.look_up(line)
        if isinstance(answer, Ambiguous) and gazetteer.find_contradiction(row["city"], row["state"], row["zip5"]):
            contradictions += 1
            continue
        assert isinstance(answer, Found), (line, answer)
        assert answer.place.state == row["state"], line
        in_parts = gazetteer.place_address(row["line1"], row["city"], row["state"], row["zip5"])
        if (
            miles_between(answer.place.point, in_parts.point)
            > in_parts.uncertainty_miles + answer.place.uncertainty_miles
        ):
            apart.append(line)
    assert len(apart) < 0.002 * len(addresses)
    assert contradictions < 0.002 * len(addresses)


def test_the_town_that_was_written_is_on_the_label(placed_addresses):
    """Nine of ten addresses keep their town's name; the others name no town of GeoNames' list."""
    kept = sum(place.city is not None and place.label.startswith(f"{place.city},") for _, place, _ in placed_addresses)
    assert kept > 0.9 * len(placed_addresses)
