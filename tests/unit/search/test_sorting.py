"""Locations come out of the sorter key by key and place by place, however many at a time they went in."""

import numpy as np
import pytest
from hypothesis import given
from points_on_a_globe import points

from directory.geography.point import Point
from directory.search import sorting
from directory.search.cells import code_of
from directory.search.packing import ENTRY, KEYS_TYPE, codes_of
from directory.search.sorting import Sorter

MANY = 2_000


def made_up(many: int) -> tuple[np.ndarray, list[bytes]]:
    """Locations at few codes, so that many share one, and up to five keys for each; some have none."""
    chance = np.random.default_rng(3)
    entries = np.zeros(many, ENTRY)
    entries["code"] = chance.integers(0, many // 10, many)
    entries["location"] = chance.permutation(many)
    keys = [np.unique(chance.integers(0, 30, chance.integers(0, 6))).astype(KEYS_TYPE) for _ in range(many)]
    keys[0] = np.array([2**32 - 1], KEYS_TYPE)
    return entries, [some.tobytes() for some in keys]


@pytest.mark.parametrize("at_once", [7, 10**6])
def test_each_key_gives_back_its_locations_by_code_and_then_by_id(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(sorting, "AT_ONCE", at_once)
    entries, keys = made_up(MANY)
    expected: dict[int, list[tuple]] = {}
    for entry, some in zip(entries.tolist(), keys, strict=True):
        for key in np.frombuffer(some, KEYS_TYPE).tolist():
            expected.setdefault(key, []).append(entry)
    sorter = Sorter(tmp_path)
    for start in range(0, MANY, 300):
        part = slice(start, start + 300)
        sorter.take(entries[part], keys[part])
    found = {}
    for key, run in sorter.runs():
        found[key] = run[0 : len(run)].tolist()
        assert run.codes.tolist() == [entry[0] for entry in found[key]]
        assert run[1:3].tolist() == found[key][1:3]
    assert found == {key: sorted(some) for key, some in expected.items()}
    assert list(found) == sorted(found)


def test_from_nothing_comes_nothing(tmp_path):
    sorter = Sorter(tmp_path)
    assert list(sorter.runs()) == []
    sorter.take(np.empty(0, ENTRY), [])
    assert list(sorter.runs()) == []


@given(points)
def test_codes_of_many_points_are_those_of_each(point):
    some = [point, Point(90.0, point.lon), Point(-90.0, -180.0), Point(0.0, 180.0), point]
    lat, lon = (np.array([getattr(one, name) for one in some]) for name in ("lat", "lon"))
    assert codes_of(lat, lon).tolist() == [code_of(one) for one in some]
