"""The gazetteer as a geopy geocoder that has no way to the network, shared among threads."""

import functools
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from geopy.exc import GeocoderQueryError, GeocoderServiceError
from geopy.geocoders.base import Geocoder
from geopy.point import Point as GeopyPoint

from directory.errors import NotFound
from directory.geocoding.gazetteer import Gazetteer, OfflineAdapter, open_gazetteer


def test_it_is_a_geopy_geocoder(gazetteer):
    assert isinstance(gazetteer, Geocoder)
    location = gazetteer.geocode("Denver, CO", timeout=1)
    assert (location.address, location.latitude, location.longitude) == ("Denver, CO", 39.73915, -104.9847)
    assert location.raw["precision"] == "city"
    assert location.raw["uncertainty_miles"] > 5


def test_all_places_of_a_name_are_a_list(gazetteer):
    locations = gazetteer.geocode("Portland", exactly_one=False)
    assert len(locations) == 8
    assert locations[0].address == gazetteer.geocode("Portland").address


def test_of_twins_geopy_gets_all_or_none(gazetteer):
    assert gazetteer.geocode("Hollywood, AL") is None
    assert len(gazetteer.geocode("Hollywood, AL", exactly_one=False)) == 2


def test_what_is_unknown_is_none(gazetteer):
    assert gazetteer.geocode("asdfgh qwerty") is None
    assert gazetteer.geocode("asdfgh qwerty", exactly_one=False) is None


@pytest.mark.parametrize("query", ["", "x" * 10_000, "91,181"])
def test_what_cannot_be_a_place_is_geopys_own_error(gazetteer, query):
    with pytest.raises(GeocoderQueryError):
        gazetteer.geocode(query)


@pytest.mark.parametrize("query", [(39.74, -104.98), "39.74,-104.98", GeopyPoint(39.74, -104.98)])
def test_a_point_is_told_by_the_town_near_it(gazetteer, query):
    location = gazetteer.reverse(query)
    assert "(near Denver, CO)" in location.address
    assert [one.address for one in gazetteer.reverse(query, exactly_one=False)] == [location.address]


def test_a_point_at_sea_is_near_no_town(gazetteer):
    assert gazetteer.reverse((0.0, 0.0)) is None


def test_a_text_is_no_point(gazetteer):
    with pytest.raises(GeocoderQueryError):
        gazetteer.reverse("Denver")


@pytest.mark.parametrize("ask", ["get_json", "get_text"])
def test_there_is_no_way_to_the_network(gazetteer, ask):
    assert isinstance(gazetteer.adapter, OfflineAdapter)
    with pytest.raises(GeocoderServiceError, match="asks nobody"):
        getattr(gazetteer.adapter, ask)("https://example.org", timeout=1, headers={})


@pytest.mark.disable_socket
def test_a_search_opens_no_socket(gazetteer):
    assert gazetteer.look_up("Westminter, CO")
    assert gazetteer.geocode("80021")


def test_many_threads_ask_at_once_and_agree(gazetteer):
    texts = ["80021", "Denver", "Springfield", "Westminter, CO", "39.85,-105.05", "Cape Cod"] * 20
    alone = [gazetteer.look_up(text) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(gazetteer.look_up, texts)) == alone


class Counted(sqlite3.Connection):
    """A connection that counts how many are open."""

    opened = 0

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        Counted.opened += 1

    def close(self):
        super().close()
        Counted.opened -= 1


@pytest.fixture
def counted(monkeypatch, gazetteer):
    """The gazetteer's file; all connections to it are counted."""
    monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Counted))
    return gazetteer._path


def test_closing_leaves_no_connection_of_any_thread_open(counted):
    start = threading.Barrier(4)

    def look_up(_number):
        start.wait()
        return [own.look_up(text) for text in ("80021", "Springfield", "Westminter, CO")]

    with closing(Gazetteer(counted)) as own:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(look_up, range(4)))
        assert 1 <= Counted.opened <= 4
    assert Counted.opened == 0


def test_a_forked_process_leaves_the_connections_of_its_parent_alone(counted, monkeypatch):
    with closing(Gazetteer(counted)) as own:
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            own.look_up("80021")
            assert Counted.opened == 2
            own.close()
        assert Counted.opened == 1
    assert Counted.opened == 0


def test_the_file_cannot_be_written(gazetteer):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        gazetteer._store._rows("DELETE FROM town")


def test_the_first_file_that_exists_is_opened(tmp_path):
    with pytest.raises(NotFound, match="places build"):
        open_gazetteer(tmp_path / "one.sqlite", tmp_path / "two.sqlite")


@pytest.mark.usefixtures("counted")
def test_a_file_that_is_no_gazetteer_is_refused(tmp_path):
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"not a database at all" * 100)
    with pytest.raises(NotFound, match="not a gazetteer"):
        Gazetteer(other)
    with pytest.raises(NotFound, match="There is no gazetteer"):
        Gazetteer(tmp_path / "none.sqlite")
    assert Counted.opened == 0


@pytest.mark.usefixtures("counted")
def test_a_file_of_another_version_is_refused(tmp_path):
    older = tmp_path / "older.sqlite"
    with closing(sqlite3.connect(older, isolation_level=None)) as file:
        file.execute("CREATE TABLE about (name TEXT, value TEXT)")
        file.execute("INSERT INTO about VALUES ('format', '0')")
    with pytest.raises(NotFound, match="another version"):
        Gazetteer(older)
    assert Counted.opened == 0
